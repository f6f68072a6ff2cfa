// Reads what all session containers of one host have in common.

import { readFile } from "node:fs/promises";
import type { SessionSpec } from "../container/container-spec.ts";
import { BASE_PROFILE_FILE, sessionSeccompProfile } from "../container/seccomp-profile.ts";
import type { HostLayout } from "./host-layout.ts";
import { parseOpenFilesMax } from "./processes.ts";

export type HostTraits = Pick<SessionSpec, "cgroupParent" | "seccompProfile" | "openFilesMax">;

/** The engine runs. */
export async function readHostTraits(layout: HostLayout): Promise<HostTraits> {
  const enginePid = (await readFile(layout.enginePidFile, "utf8")).trim();
  return {
    cgroupParent: `/${layout.name}`,
    seccompProfile: sessionSeccompProfile(await readFile(BASE_PROFILE_FILE, "utf8")),
    openFilesMax: parseOpenFilesMax(await readFile(`/proc/${enginePid}/limits`, "utf8")),
  };
}
