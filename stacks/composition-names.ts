/** What can be deployed, in the order in which it is. */
export const COMPOSITIONS = ["discovery", "influxdb", "grafana", "web", "nginx", "monitoring"] as const;

export type CompositionName = (typeof COMPOSITIONS)[number];
