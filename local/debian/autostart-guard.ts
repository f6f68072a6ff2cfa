// Keeps an installation from starting services: the machine's own Docker must not run because Berth needs its programs.

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { runCommand } from "../../runner-host/engine/command.ts";

/** Asked by Debian's maintainer scripts before they start anything; 101 forbids it. */
const POLICY = "/usr/sbin/policy-rc.d";
const KEPT = `${POLICY}.before-berth`;
const FORBID = "#!/bin/sh\n# Berth is installing packages and will take this away again.\nexit 101\n";

/** Services that these packages switch on; they stay off, also at the next boot, where the package is new. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  "docker.io": ["docker.service", "docker.socket", "containerd.service"],
};

/** Runs `work` while no service may start. */
export async function guardServices(packages: readonly string[], work: () => Promise<void>): Promise<void> {
  liftGuard();
  if (existsSync(POLICY)) renameSync(POLICY, KEPT);
  writeFileSync(POLICY, FORBID, { mode: 0o755 });
  const liftAndExit = (): void => {
    liftGuard();
    process.exit(1);
  };
  process.once("SIGINT", liftAndExit).once("SIGTERM", liftAndExit);
  try {
    await work();
    const services = packages.flatMap((name) => SERVICES[name] ?? []);
    if (services.length > 0 && existsSync("/usr/bin/systemctl")) {
      await runCommand("systemctl", ["--quiet", "disable", ...services]);
    }
  } finally {
    process.off("SIGINT", liftAndExit).off("SIGTERM", liftAndExit);
    liftGuard();
  }
}

/** Puts back what was there before; does nothing where no guard is, so that it also clears what a crash left. */
function liftGuard(): void {
  if (existsSync(POLICY) && readFileSync(POLICY, "utf8") === FORBID) rmSync(POLICY);
  if (existsSync(KEPT)) renameSync(KEPT, POLICY);
}
