// `npm run build`: builds the worker's bundle and the page into dist/, what did not change excepted.

import { fileURLToPath } from "node:url";
import { buildOnce } from "./build/build-once.ts";
import { webBuild, workerBuild } from "./build/builds.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

for (const build of [webBuild, workerBuild]) {
  const didBuild = await buildOnce(PROJECT, build);
  process.stdout.write(`${build.output}: ${didBuild ? "built" : "unchanged"}\n`);
}
