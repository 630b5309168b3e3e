import type { ServiceState } from "../../../providers/plan/service-state.ts";

/** Of a web service on back-1 that runs, but for the changes. */
export function serviceState(changes: Partial<ServiceState>): ServiceState {
  return {
    host: "back-1",
    name: "web",
    image: "web:1",
    address: "10.0.0.21",
    connection: { address: "10.0.0.21", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
    enabled: true,
    state: "running",
    release: "r1",
    monitor: 3,
    tree: {},
    modes: {},
    ...changes,
  };
}
