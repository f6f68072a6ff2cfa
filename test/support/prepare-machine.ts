// Makes the machine ready once for tests that use containers and a browser: Debian packages, images, everything that is built.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildOnce } from "../../local/build/build-once.ts";
import { agentBuild, webBuild, workerBuild } from "../../local/build/builds.ts";
import { BROWSER_PACKAGES, ensurePackages } from "../../local/debian/packages.ts";
import { buildImagesAlone } from "../../local/runner.ts";
import { DEBIAN_PACKAGES } from "../../runner-host/image/debian-packages.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

export default async function prepareMachine(): Promise<void> {
  const say = (note: string): void => {
    process.stdout.write(`  - ${note}\n`);
  };
  await ensurePackages({ ...DEBIAN_PACKAGES, ...BROWSER_PACKAGES }, say);
  const imagesDir = process.env["BERTH_IMAGES_DIR"] ?? join(PROJECT, ".berth/images");
  await buildImagesAlone(imagesDir, say, new AbortController().signal);
  for (const one of [webBuild, workerBuild, agentBuild]) await buildOnce(PROJECT, one);
}
