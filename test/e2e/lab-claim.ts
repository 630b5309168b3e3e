import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Takes one of the labs for this process. Node's test runner gives its workers' numbers out in turn, so that two files that
 * run at once may have the same one. @throws when others have all of them.
 */
export async function claimLab(labs: readonly string[]): Promise<string> {
  for (const lab of labs) if (await holds(lab)) return lab;
  throw new Error(`each of the labs ${labs.join(", ")} is used by another process`);
}

/** By a socket that has no file: whatever ends the process, the kernel lets go of it. */
async function holds(lab: string): Promise<boolean> {
  const server = createServer().unref();
  server.listen(`\0rundock-lab-${lab}`);
  try {
    await once(server, "listening");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  }
}
