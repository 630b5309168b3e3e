// Updates a service once it is told to, and tells what came of it: what dies in place of Pulumi's provider.
import type { ServiceState } from "../../../providers/plan/service-state.ts";
import { configure, service } from "../../../providers/provider.ts";

interface Request {
  readonly sshKey: string;
  readonly old: ServiceState;
  readonly wanted: ServiceState;
}

process.once("message", async ({ sshKey, old, wanted }: Request) => {
  await configure({
    config: { get: (key: string) => (key === "rundock:sshKey" ? sshKey : undefined) },
  } as never);
  await service.update(`${old.host}/${old.name}`, old, wanted);
  process.exit();
});
process.send?.("ready");
