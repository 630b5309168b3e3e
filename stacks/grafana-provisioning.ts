import { stringify } from "yaml";

const DATA_SOURCE = "InfluxDB";

/** InfluxDB by its discovered name, so that it may move. */
export function influxDataSource(domain: string, database: string): string {
  const source = {
    name: DATA_SOURCE,
    type: "influxdb",
    access: "proxy",
    url: `http://influxdb.${domain}:8086`,
    database,
    /** Where Grafana looks for it since version 10. */
    jsonData: { dbName: database },
    isDefault: true,
  };
  return stringify({ apiVersion: 1, datasources: [source] });
}

export function dashboardProvider(): string {
  const provider = { name: "rundock", type: "file", options: { path: "/etc/grafana/dashboards" } };
  return stringify({ apiVersion: 1, providers: [provider] });
}

/** Processors, load and memory of every machine, as collectd measures them. */
export function dashboard(): string {
  const panels = [
    graph({ id: 1, title: "Processors in use", measurement: "cpu.percent-active", format: "percent" }),
    graph({ id: 2, title: "Load", measurement: "load.load.shortterm", format: "short" }),
    graph({ id: 3, title: "Memory in use", measurement: "memory.memory-used", format: "bytes" }),
  ];
  const time = { from: "now-1h", to: "now" };
  return `${JSON.stringify({ uid: "machines", title: "Machines", refresh: "10s", time, panels }, null, 2)}\n`;
}

function graph({
  id,
  title,
  measurement,
  format,
}: {
  id: number;
  title: string;
  measurement: string;
  format: string;
}) {
  return {
    id,
    title,
    type: "graph",
    datasource: DATA_SOURCE,
    gridPos: { x: (id - 1) * 8, y: 0, w: 8, h: 9 },
    yaxes: [{ format }, { format }],
    targets: [
      {
        measurement,
        alias: "$tag_host",
        select: [
          [
            { type: "field", params: ["value"] },
            { type: "mean", params: [] },
          ],
        ],
        groupBy: [
          { type: "time", params: ["$__interval"] },
          { type: "tag", params: ["host"] },
          { type: "fill", params: ["null"] },
        ],
      },
    ],
  };
}
