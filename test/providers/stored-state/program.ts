import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  EtcdAccess,
  Fleet,
  Host,
  ImageArchive,
  RandomPassword,
  RundockService,
} from "rundock";

/** The program that left the stored states: every resource, and what a user can say of a host and of a service. */
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
  return [jump, host, grafana, nginx, ...declareSecureCluster(), ...declareFleet(jump)];
}

/** etcd that asks who is there, and a host that announces to it. */
function declareSecureCluster(): pulumi.Resource[] {
  const authority = new CertificateAuthority("etcd-authority", { commonName: "etcd" });
  const member = new Certificate("etcd-member", {
    authority,
    commonName: "etcd-member",
    dnsNames: ["back-2.example.com"],
    ipAddresses: ["10.0.0.22"],
  });
  const password = new RandomPassword("announcer-password");
  const host = new Host("back-2", {
    address: "10.0.0.22",
    hostKey: "ssh-ed25519 AAAAback2",
    privateAddress: "10.0.0.22",
    domain: "s.prod.example.com",
    etcd: { urls: ["https://10.0.0.22:2379"], ca: authority.bundle, username: "announcer", password: "hush" },
    registries: [
      { server: "registry.example.com:5000", username: "deploy", password: pulumi.secret("hush") },
    ],
    maintenance: true,
  });
  const access = new EtcdAccess("etcd-access", {
    host,
    rootPassword: "hush-hush",
    users: [{ name: "announcer", password: "hush", prefixes: ["/skydns/com/example"], access: "readwrite" }],
  });
  return [authority, member, password, host, access];
}

/** What services learned last: fleets, archives, records in a public zone, secret configuration, adoption. */
function declareFleet(jump: Host): pulumi.Resource[] {
  const host = new Host("back-3", {
    address: "10.0.0.23",
    hostKey: "ssh-ed25519 AAAAback3",
    privateAddress: "10.0.0.23",
    domain: "s.prod.example.com",
    etcd: ["http://10.0.0.21:2379"],
    jump,
  });
  const archive = new ImageArchive("web-image", { host, path: ARCHIVE });
  const announce = { port: 443, as: "public", domain: "www.example.com", aliases: ["shop", "@"] } as const;
  const frontend = new RundockService("frontend", {
    host: jump,
    image: "nginx:1.28",
    ports: ["public:443:443"],
    announce: { ...announce, publish: 443 },
    config: {
      directory: "/etc/nginx/sites",
      files: { "site.key": pulumi.secret("hush") },
      reload: { signal: "HUP" },
    },
    maintenance: true,
    adopt: true,
  });
  const web = new Fleet("web", {
    hosts: [host],
    image: "registry.example.com:5000/web:1",
    announce: { port: 8080, probe: { http: "/" }, priority: 20 },
    update: { order: "start-first", monitor: 5 },
    rollout: { canary: 1, maxParallel: 2 },
  });
  return [host, archive, frontend, ...web.services];
}

/** From the repository's root, like the path of every test. */
const ARCHIVE = "test/providers/stored-state/web.tar.gz";
