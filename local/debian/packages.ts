// Finds the Debian packages that this machine lacks, and installs them when it may.

import { existsSync, readdirSync } from "node:fs";
import { CommandError, runCommand } from "../../runner-host/engine/command.ts";
import { StartRefusal } from "../start-refusal.ts";
import { guardServices } from "./autostart-guard.ts";

/** Package name -> a file that is there when it is installed. */
export type PackageFiles = Readonly<Record<string, string>>;

/** Only tests drive a browser. */
export const BROWSER_PACKAGES: PackageFiles = { chromium: "/usr/bin/chromium" };

const INSTALL = ["install", "--yes", "--no-install-recommends", "--no-remove"];
const ENVIRONMENT = { DEBIAN_FRONTEND: "noninteractive" };

export function findMissing(packages: PackageFiles): string[] {
  return Object.entries(packages).flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
}

export function installCommand(missing: readonly string[]): string {
  return `sudo apt-get update && sudo apt-get ${INSTALL.join(" ")} ${missing.join(" ")}`;
}

/** Installs what is missing, without starting or enabling any service; throws StartRefusal with the command when it may not or cannot. */
export async function ensurePackages(packages: PackageFiles, say: (note: string) => void): Promise<void> {
  const missing = findMissing(packages);
  if (missing.length === 0) return;
  const advice = `These Debian packages are missing: ${missing.join(", ")}. Install them with: ${installCommand(missing)}`;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) throw new StartRefusal(advice);
  try {
    await guardServices(missing, () => install(missing, say));
  } catch (error) {
    if (error instanceof CommandError) throw new StartRefusal(`${error.message}\n${advice}`);
    throw error;
  }
  const still = findMissing(packages);
  if (still.length > 0)
    throw new StartRefusal(`${still.join(", ")} did not bring what Berth needs; see apt's own words above.`);
}

async function install(missing: readonly string[], say: (note: string) => void): Promise<void> {
  const options = { env: ENVIRONMENT };
  if (!hasPackageLists()) await update(say);
  say(`installing ${missing.join(", ")}`);
  await runCommand("apt-get", [...INSTALL, ...missing], options).catch(async (error: unknown) => {
    // Lists that are older than the mirror name files that are gone.
    if (!(error instanceof CommandError)) throw error;
    await update(say);
    say(`installing ${missing.join(", ")}`);
    await runCommand("apt-get", [...INSTALL, ...missing], options);
  });
}

async function update(say: (note: string) => void): Promise<void> {
  say("apt-get update");
  await runCommand("apt-get", ["update"], { env: ENVIRONMENT });
}

function hasPackageLists(): boolean {
  const lists = "/var/lib/apt/lists";
  return existsSync(lists) && readdirSync(lists).some((name) => name.includes("Packages"));
}
