// Reads how this machine gets Debian packages (mirrors, proxies), so that images are built from the same place and no mirror is named in the project.

import { runCommand } from "../engine/command.ts";
import { DEBIAN_SUITE } from "./recipes.ts";

const SUITES = new Set([DEBIAN_SUITE, `${DEBIAN_SUITE}-updates`, `${DEBIAN_SUITE}-security`]);
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** `uri|suite|component` lines of `apt-get indextargets` as sources.list lines; repositories of others than Debian are left out. */
export function parseIndexTargets(text: string): string[] {
  const lines = text.split("\n").flatMap((row) => {
    const [uri = "", suite = "", component = ""] = row.trim().split("|");
    return SUITES.has(suite) && component === "main" ? [`deb [signed-by=${KEYRING}] ${uri} ${suite} ${component}`] : [];
  });
  return [...new Set(lines)];
}

/** Settings of `apt-config dump` that decide whether downloads work here: proxies, certificates, retries, checks. */
export function parseAptSettings(dump: string): string[] {
  return dump
    .split("\n")
    .filter((line) => /^Acquire::(?:https?|Check-|Retries|ForceIPv)\S* "/.test(line) && !line.endsWith('"";'));
}

export async function readMachineSources(): Promise<string[]> {
  const sources = parseIndexTargets(
    await runCommand("apt-get", [
      "indextargets",
      "--format",
      "$(REPO_URI)|$(RELEASE)|$(COMPONENT)",
      "Identifier: Packages",
    ]),
  );
  if (sources.length === 0) {
    throw new Error(
      `apt on this machine knows no Debian ${DEBIAN_SUITE} mirror; add one to /etc/apt/sources.list.d and run apt-get update.`,
    );
  }
  return sources;
}

export async function readMachineAptSettings(): Promise<string[]> {
  return parseAptSettings(await runCommand("apt-config", ["dump"]));
}
