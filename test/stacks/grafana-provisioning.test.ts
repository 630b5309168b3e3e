import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { dashboard, dashboardProvider, influxDataSource } from "../../stacks/grafana-provisioning.ts";

test("the data source is reached by its discovered name", () => {
  const { datasources } = parse(influxDataSource("s.prod.example.com", "metrics"));
  assert.equal(datasources[0].url, "http://influxdb.s.prod.example.com:8086");
  assert.equal(datasources[0].database, "metrics");
});

test("every panel of the dashboard asks the provisioned data source", () => {
  const { panels } = JSON.parse(dashboard());
  assert.ok(panels.length > 0);
  for (const panel of panels) assert.equal(panel.datasource, "InfluxDB");
});

test("the dashboard shows what collectd sends, per machine", () => {
  const { panels } = JSON.parse(dashboard());
  const targets = panels.flatMap((panel: { targets: object[] }) => panel.targets);
  assert.deepEqual(
    targets.map(({ measurement }: { measurement: string }) => measurement),
    ["cpu.percent-active", "load.load.shortterm", "memory.memory-used"],
  );
  for (const { alias } of targets) assert.equal(alias, "$tag_host");
});

test("dashboards are read from the folder that the files are mounted in", () => {
  const [provider] = parse(dashboardProvider()).providers;
  assert.equal(provider.options.path, "/etc/grafana/dashboards");
});
