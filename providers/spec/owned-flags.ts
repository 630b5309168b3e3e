/** Flags of `docker run` that Rundock sets, and what to write instead. */
const OWNED: Readonly<Record<string, string>> = {
  "--name": "use name",
  "--rm": "Rundock removes containers itself",
  "--detach": "Rundock starts containers itself",
  "-d": "Rundock starts containers itself",
  "--restart": "runit restarts the container",
  "--cidfile": "the container is known by its name",
  "--interactive": "a service has no terminal",
  "-i": "a service has no terminal",
  "--tty": "a service has no terminal",
  "-t": "a service has no terminal",
  "-it": "a service has no terminal",
  "--pull": "images are pulled before anything is stopped",
  "--env": "use env",
  "-e": "use env",
  "--env-file": "use env",
  "--publish": "use ports",
  "-p": "use ports",
  "--network": "use network",
  "--net": "use network",
  "--dns": "use dns",
  "--hostname": "use hostname",
  "-h": "use hostname",
  "--init": "use init",
  "--memory": "use memory",
  "-m": "use memory",
  "--cpus": "use cpus",
  "--entrypoint": "use entrypoint",
  "--user": "use user",
  "-u": "use user",
  "--stop-timeout": "use update.stopTimeout",
};

/** What to do instead of this word, or undefined when it may stand. */
export function insteadOfFlag(word: string): string | undefined {
  const [flag = ""] = word.split("=");
  if (/^--label=rundock\./.test(word)) return "labels that begin with rundock. are Rundock's";
  return OWNED[flag] ?? (/^-[ep]./.test(flag) ? OWNED[flag.slice(0, 2)] : undefined);
}
