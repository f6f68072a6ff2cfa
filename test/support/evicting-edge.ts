// An edge whose objects a test can throw out of memory; the worker that users get offers nothing of the kind.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildOnce } from "../../local/build/build-once.ts";
import { wrappedWorkerBuild } from "../../local/build/builds.ts";
import type { TestUser } from "./test-user.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const build = wrappedWorkerBuild("evicting-edge", "test/worker/support/evicting-edge/index.ts");

/** @returns the environment under which a stack serves it. */
export async function buildEvictingEdge(): Promise<{ BERTH_WORKER_DIR: string }> {
  await buildOnce(PROJECT, build);
  return { BERTH_WORKER_DIR: join(PROJECT, build.output) };
}

/** False when the edge was not there to be asked. */
export async function evictSession(user: TestUser): Promise<boolean> {
  const answer = await user.request("POST", "/evict").catch(() => null);
  if (answer !== null && answer.status !== 204) throw new Error(`POST /evict answered ${answer.status}`);
  return answer !== null;
}
