import * as pulumi from "@pulumi/pulumi";
import { Host, RundockService } from "rundock";

/** The program that left the stored states: what a user can say of a host and of a service. */
export function declareResources(): pulumi.Resource[] {
  const jump = new Host("front-1", {
    address: "203.0.113.11",
    hostKey: "ssh-ed25519 AAAAfront1",
    privateAddress: "10.0.0.11",
    publicAddress: "203.0.113.11",
  });
  const host = new Host("back-1", {
    address: "10.0.0.21",
    port: 2222,
    user: "deploy",
    hostKey: "ssh-ed25519 AAAAback1",
    privateAddress: "10.0.0.21",
    domain: "s.prod.example.com",
    etcd: ["http://10.0.0.21:2379", "http://10.0.0.22:2379"],
    jump,
  });
  const grafana = new RundockService("grafana", {
    host,
    image: "registry.example.com:5000/grafana:6",
    args: ["--shm-size=32m"],
    env: { INFLUXDB_HOST: "influxdb.s.prod.example.com", ADMIN_PASSWORD: pulumi.secret("hush") },
    files: {
      "/etc/grafana/grafana.ini": "[server]\nhttp_port = 3000\n",
      "/run/token": pulumi.secret("hush-hush"),
    },
    volumes: ["grafana-data:/var/lib/grafana"],
    ports: ["3001:3001"],
    memory: "512m",
    cpus: 0.5,
    health: { command: "true" },
    announce: { port: 3000, publish: 8087, probe: { http: "/login" }, weight: 5 },
    ready: { http: "/login", status: "200" },
    update: { drain: 5, stopTimeout: 20, group: "grafana" },
  });
  const nginx = new RundockService("nginx", {
    host,
    image: "nginx:1.28",
    network: "host",
    command: ["nginx", "-c", "{config}/nginx.conf"],
    config: {
      directory: "/etc/nginx/rundock",
      files: { "nginx.conf": "events {}\n" },
      check: ["nginx", "-t", "-c", "{config}/nginx.conf"],
      reload: { signal: "HUP" },
    },
    enabled: false,
  });
  return [jump, host, grafana, nginx];
}
