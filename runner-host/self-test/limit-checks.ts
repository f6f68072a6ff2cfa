// The checks that a container ends where its limits are: each one is really hit.

import { setTimeout as delay } from "node:timers/promises";
import { containerLimits } from "../container/container-limits.ts";
import { type Check, must } from "./check.ts";

const MiB = 1024 * 1024;
const BURN_S = 2;
/** The kernel gives processor time in slices. */
const PROCESSOR_SLACK = 1.25;
const FREEZE_LOOK_MS = 300;

/** Every place that a learner can write to a disk. */
const DISK_PLACES = ["/workspace", "/home/learner", "/tmp", "/usr/local", "/var/lib/docker"];

const COUNT_FORKS = `
import os, signal, time
children = []
try:
    while len(children) < ${2 * containerLimits.pids}:
        child = os.fork()
        if child == 0: time.sleep(60)
        children.append(child)
except OSError: pass
print(len(children))
for child in children: os.kill(child, signal.SIGKILL)
for child in children: os.waitpid(child, 0)
`;

const COUNT_FILES = `
import os
count = 0
try:
    while count < ${2 * containerLimits.openFiles}:
        os.dup(0)
        count += 1
except OSError: pass
print(count)
`;

export const limitChecks: readonly Check[] = [
  {
    name: "memory",
    need: "sessions",
    async prove(container) {
      const before = await container.readUsage();
      await container.run(`head -c ${2 * containerLimits.memoryBytes} /dev/zero | tail -n 1`);
      const after = await container.readUsage();
      must(
        after.oomKills > before.oomKills,
        `A program took more than ${containerLimits.memoryBytes / MiB} MiB of memory and was not ended.`,
      );
      return `A program that wanted more than ${containerLimits.memoryBytes / MiB} MiB was ended.`;
    },
  },
  {
    name: "processes",
    need: "sessions",
    async prove(container) {
      const count = Number((await container.run(`python3 -c '${COUNT_FORKS}'`)).output);
      must(count > 0 && count < containerLimits.pids, `${count} processes could be started at once.`);
      return `Ended at ${count} processes of one program.`;
    },
  },
  {
    name: "processor",
    need: "sessions",
    async prove(container) {
      const [before, startedAt] = [await container.readUsage(), performance.now()];
      await container.run(`timeout ${BURN_S} sh -c 'for n in 1 2 3 4; do (while :; do :; done) & done; wait'; true`);
      const [after, tookMs] = [await container.readUsage(), performance.now() - startedAt];
      const used = (after.cpuMs - before.cpuMs) / tookMs;
      must(
        used <= containerLimits.cpus * PROCESSOR_SLACK,
        `Four busy loops got ${used.toFixed(2)} processors; ${containerLimits.cpus} is the limit.`,
      );
      return `Four busy loops got ${used.toFixed(2)} processors.`;
    },
  },
  {
    name: "disk",
    need: "sessions",
    async prove(container) {
      for (const place of DISK_PLACES) {
        const file = `${place}/self-test-fill`;
        const { exitCode, output } = await container.run(
          `sudo fallocate -l ${64 * MiB} ${file} && sudo fallocate -l ${containerLimits.diskBytes} ${file}; code=$?; sudo rm -f ${file}; exit $code`,
        );
        must(
          exitCode !== 0 && output.includes("No space left on device"),
          `${place} took ${containerLimits.diskBytes / MiB} MiB: ${output.trim() || "nothing was refused"}.`,
        );
      }
      return `${DISK_PLACES.join(", ")} share less than ${containerLimits.diskBytes / MiB} MiB.`;
    },
  },
  {
    name: "open files",
    need: "sessions",
    async prove(container) {
      const count = Number((await container.run(`python3 -c '${COUNT_FILES}'`)).output);
      must(count > 0 && count <= containerLimits.openFiles, `One program could open ${count} files.`);
      return `Ended at ${count} files of one program.`;
    },
  },
  {
    name: "pause",
    need: "pausing",
    async prove(container) {
      await container.run("(while :; do :; done) > /dev/null 2>&1 & echo $! > /tmp/self-test-loop");
      container.freeze();
      const frozenAt = await container.readUsage();
      await delay(FREEZE_LOOK_MS);
      const later = await container.readUsage();
      container.thaw();
      await container.run("kill $(cat /tmp/self-test-loop)");
      must(later.cpuMs - frozenAt.cpuMs < FREEZE_LOOK_MS / 10, "A frozen container went on using the processor.");
      return "A frozen container stood still, and went on afterwards.";
    },
  },
];
