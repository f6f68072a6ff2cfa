// `npm run build`: builds the page, the worker's bundle and the agent into dist/, what did not change excepted.

import { fileURLToPath } from "node:url";
import { buildOnce } from "./build/build-once.ts";
import { agentBuild, webBuild, workerBuild } from "./build/builds.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

for (const build of [webBuild, workerBuild, agentBuild]) {
  const didBuild = await buildOnce(PROJECT, build);
  process.stdout.write(`${build.output}: ${didBuild ? "built" : "unchanged"}\n`);
}
