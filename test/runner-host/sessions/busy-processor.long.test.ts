// A container that uses all the processor it may, for long, on a real engine: its learner is told, once.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isUnified, ROOT } from "../../../runner-host/engine/cgroups.ts";
import { BUSY_WINDOW_MS } from "../../../runner-host/sessions/limit-watch.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { DockerHost } from "./docker-host.ts";

let host: DockerHost;
beforeAll(async () => {
  host = await DockerHost.start(60_000);
});
afterAll(() => host.close());

test("two programs that never wait make everything slow, which is said once", { timeout: 180_000 }, async () => {
  const { held } = await host.openSession();
  const told = () =>
    held.said.filter((message) => message.type === "notice" && message.notice.code === "processor_busy").length;
  // So little that a busy test machine gives it all.
  const [container] = await host.engine.listContainers();
  const folder = join(host.machine.engine.layout.name, container?.containerId ?? "");
  if (isUnified()) await writeFile(join(ROOT, folder, "cpu.max"), "3000 100000");
  else await writeFile(join(ROOT, "cpu", folder, "cpu.cfs_quota_us"), "3000");
  held.type(1, "(while :; do :; done) & (while :; do :; done) & cat\n");
  await waitUntil(() => told() > 0, 3 * BUSY_WINDOW_MS, "the notice");
  const toldAtMs = performance.now();
  await waitUntil(() => performance.now() - toldAtMs > 1.2 * BUSY_WINDOW_MS, 2 * BUSY_WINDOW_MS, "another window");
  expect(told()).toBe(1);
});
