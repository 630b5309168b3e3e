import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

interface Body {
  readonly name?: string;
  readonly password?: string;
  readonly role?: string;
  readonly user?: string;
  readonly options?: { readonly no_password?: boolean };
  readonly perm?: Permission;
  readonly key?: string;
  readonly range_end?: string;
}

interface Permission {
  readonly permType: string;
  readonly key: string;
  readonly range_end: string;
}

/** etcd's users, roles and sessions, as its gateway tells of them. The real etcd is in the lab. */
export class FakeEtcdUsers {
  enabled = false;
  readonly users = new Map<string, { password: string | undefined; readonly roles: Set<string> }>();
  readonly roles = new Map<string, Permission[]>();
  /** Each request that changed something: its path, and whom it named. */
  readonly changes: string[] = [];
  readonly #server: Server = createServer(async (request, response) => {
    const refusal = this.#refusal(request);
    const answer =
      refusal ?? this.#answer((request.url ?? "").slice("/v3/auth/".length), (await json(request)) as Body);
    if (typeof answer === "string") response.statusCode = 400;
    response.end(JSON.stringify(typeof answer === "string" ? { error: answer } : answer));
  });

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #refusal({ url, headers }: IncomingMessage): string | undefined {
    if (!this.enabled || url === "/v3/auth/authenticate") return undefined;
    if (headers.authorization === undefined) return "etcdserver: user name is empty";
    return headers.authorization === "root.session" ? undefined : "etcdserver: permission denied";
  }

  /** @returns the reason as a text when it is refused */
  #answer(path: string, body: Body): object | string {
    const user = this.users.get(body.user ?? body.name ?? "");
    const role = this.roles.get(body.role ?? body.name ?? "");
    if (!/status|authenticate|get$/.test(path))
      this.changes.push(`${path} ${body.user ?? body.name ?? body.role ?? ""}`);
    switch (path) {
      case "status":
        return { enabled: this.enabled };
      case "enable":
        this.enabled = true;
        return {};
      case "authenticate":
        if (user === undefined || user.password !== body.password) return "etcdserver: authentication failed";
        return { token: `${body.name}.session` };
      case "user/add":
        if (user) return "etcdserver: user name already exists";
        this.users.set(body.name ?? "", { password: body.password, roles: new Set() });
        return {};
      case "role/add":
        if (role) return "etcdserver: role name already exists";
        this.roles.set(body.name ?? "", []);
        return {};
      default:
        if (path.startsWith("user/")) return this.#ofUser(path, body);
        return this.#ofRole(path, body);
    }
  }

  #ofUser(path: string, body: Body): object | string {
    const name = body.user ?? body.name ?? "";
    const user = this.users.get(name);
    if (user === undefined) return "etcdserver: user name not found";
    if (path === "user/get") return user.roles.size > 0 ? { roles: [...user.roles] } : {};
    if (path === "user/delete") this.users.delete(name);
    if (path === "user/changepw") user.password = body.password;
    if (path === "user/grant") user.roles.add(body.role ?? "");
    if (path === "user/revoke") user.roles.delete(body.role ?? "");
    return {};
  }

  /** What is READ, and what is empty, is left out of an answer. */
  #ofRole(path: string, body: Body): object | string {
    const name = body.role ?? body.name ?? "";
    const permissions = this.roles.get(name);
    if (permissions === undefined) return "etcdserver: role name not found";
    const others = permissions.filter(({ key, range_end }) => {
      const { key: other, range_end: otherEnd } = body.perm ?? body;
      return key !== other || range_end !== otherEnd;
    });
    if (path === "role/get") {
      const told = permissions.map(({ permType, key, range_end }) => ({
        ...(permType === "READ" ? {} : { permType }),
        key,
        ...(range_end === "" ? {} : { range_end }),
      }));
      return told.length > 0 ? { perm: told } : {};
    }
    if (path === "role/delete") this.roles.delete(name);
    if (path === "role/grant" && body.perm) this.roles.set(name, [...others, body.perm]);
    if (path === "role/revoke") this.roles.set(name, others);
    return {};
  }
}
