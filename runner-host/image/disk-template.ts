// Builds the disk that every new session starts from: a sparse ext4 image with the folders of a container and the nested Docker's metadata in it.

import { chmod, chown, cp, lchown, mkdir, open, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { containerLimits } from "../container/container-limits.ts";
import { DISK_FILES, DISK_FOLDERS } from "../container/disk-layout.ts";
import { runCommand } from "../engine/command.ts";

/** The learner's uid and gid inside a container. */
const LEARNER_ID = 1000;

async function chownTree(folder: string, id: number): Promise<void> {
  await lchown(folder, id, id);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), id, id);
  }
}

async function stageFolders(
  stage: string,
  baseId: number,
  dockerTemplate: string,
  homeSkeleton: string,
): Promise<void> {
  for (const folder of Object.values(DISK_FOLDERS)) await mkdir(join(stage, folder), { recursive: true });
  await cp(homeSkeleton, join(stage, DISK_FOLDERS.home), { recursive: true });
  await cp(dockerTemplate, join(stage, DISK_FOLDERS.docker), { recursive: true, verbatimSymlinks: true });
  for (const [file, content] of Object.values(DISK_FILES)) {
    await mkdir(join(stage, file, ".."), { recursive: true });
    await writeFile(join(stage, file), content, { mode: 0o644 });
  }
  await chownTree(stage, baseId);
  await chownTree(join(stage, DISK_FOLDERS.home), baseId + LEARNER_ID);
  await chown(join(stage, DISK_FOLDERS.workspace), baseId + LEARNER_ID, baseId + LEARNER_ID);
  await chmod(join(stage, DISK_FOLDERS.temporary), 0o1777);
  await chmod(join(stage, DISK_FOLDERS.docker), 0o710);
  // The disk's own root stays the host's: containers see only the folders in it.
  await chown(stage, 0, 0);
  await chmod(stage, 0o711);
}

/** Makes the template below `scratch` and returns its path. */
export async function buildDiskTemplate(
  baseId: number,
  dockerTemplate: string,
  homeSkeleton: string,
  scratch: string,
): Promise<string> {
  const stage = join(scratch, "stage");
  await mkdir(stage);
  await stageFolders(stage, baseId, dockerTemplate, homeSkeleton);
  const image = join(scratch, "disk.ext4");
  const handle = await open(image, "wx", 0o600);
  await handle.truncate(containerLimits.diskBytes);
  await handle.close();
  // No reserve for root and a small journal: the size is the learner's.
  const options = [
    "-m",
    "0",
    "-J",
    "size=4",
    "-N",
    String(containerLimits.diskInodes),
    "-E",
    "root_owner=0:0",
    "-L",
    "berth-session",
  ];
  await runCommand("mkfs.ext4", ["-q", "-F", ...options, "-d", stage, image]);
  return image;
}
