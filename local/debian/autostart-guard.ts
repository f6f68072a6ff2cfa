// Keeps an installation from starting services: the machine's own Docker must not run because Berth needs its programs.

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { runCommand } from "../../runner-host/engine/command.ts";

/** Asked by Debian's maintainer scripts before they start anything; 101 forbids it. */
const POLICY = "/usr/sbin/policy-rc.d";
const FORBID = "#!/bin/sh\n# Berth is installing packages and will take this away again.\nexit 101\n";

/** Services that these packages switch on; they stay off, also at the next boot, where the package is new. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  "docker.io": ["docker.service", "docker.socket", "containerd.service"],
};

/** Runs `work` while no service may start; what these packages switch on is switched off again. */
export async function guardServices(packages: readonly string[], work: () => Promise<void>): Promise<void> {
  await forbidStarts(POLICY, async () => {
    await work();
    const services = packages.flatMap((name) => SERVICES[name] ?? []);
    if (services.length > 0 && existsSync("/usr/bin/systemctl")) {
      await runCommand("systemctl", ["--quiet", "disable", ...services]);
    }
  });
}

/** Holds the policy file while `work` runs, and puts back what was there: also after a failure, Ctrl-C, or a crash before. */
export async function forbidStarts(policy: string, work: () => Promise<void>): Promise<void> {
  liftGuard(policy);
  if (existsSync(policy)) renameSync(policy, keptName(policy));
  writeFileSync(policy, FORBID, { mode: 0o755 });
  const liftAndExit = (): void => {
    liftGuard(policy);
    process.exit(1);
  };
  process.once("SIGINT", liftAndExit).once("SIGTERM", liftAndExit);
  try {
    await work();
  } finally {
    process.off("SIGINT", liftAndExit).off("SIGTERM", liftAndExit);
    liftGuard(policy);
  }
}

function liftGuard(policy: string): void {
  if (existsSync(policy) && readFileSync(policy, "utf8") === FORBID) rmSync(policy);
  if (existsSync(keptName(policy))) renameSync(keptName(policy), policy);
}

function keptName(policy: string): string {
  return `${policy}.before-berth`;
}
