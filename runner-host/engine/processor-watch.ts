// Puts containers that burn their processor behind the others, by the kernel's own counters and the cgroups' `cpu.idle`: whoever wakes up in front of one that stands behind runs at once.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { isUnified, ROOT } from "./cgroups.ts";
import { firstBudget, frontShare, nextBudget, type ProcessorBudget } from "./processor-budget.ts";

/** Often enough that a hog is in front for no more than about a second, seldom enough to cost nothing. */
const LOOK_EVERY_MS = 250;

interface ProcessorFiles {
  /** Where the containers' cgroups are, as folders named by container. */
  folder: string;
  readUsedMs(container: string): number;
}

function separateFiles(parent: string): ProcessorFiles {
  return {
    folder: join(ROOT, "cpu", parent),
    readUsedMs: (container) =>
      Number(readFileSync(join(ROOT, "cpuacct", parent, container, "cpuacct.usage"), "utf8")) / 1e6,
  };
}

function unifiedFiles(parent: string): ProcessorFiles {
  const folder = join(ROOT, parent);
  return {
    folder,
    readUsedMs: (container) =>
      Number(/^usage_usec (\d+)/m.exec(readFileSync(join(folder, container, "cpu.stat"), "utf8"))?.[1]) / 1_000,
  };
}

/**
 * Looks at every container below `parent`, the cgroup of all sessions, until `close`. The files are the kernel's and take
 * microseconds, less than handing them to another thread. A kernel before 5.15 has no `cpu.idle`: nobody stands behind there.
 */
export class ProcessorWatch {
  readonly #files: ProcessorFiles;
  readonly #timer: NodeJS.Timeout;
  #budgets = new Map<string, ProcessorBudget>();
  #lookedAtMs = performance.now();
  #hasWarned = false;

  constructor(parent: string) {
    this.#files = isUnified() ? unifiedFiles(parent) : separateFiles(parent);
    this.#timer = setInterval(() => this.#look(performance.now()), LOOK_EVERY_MS).unref();
  }

  /** Whoever stands behind stays there until somebody looks again. */
  close(): void {
    clearInterval(this.#timer);
  }

  #look(nowMs: number): void {
    const elapsedMs = nowMs - this.#lookedAtMs;
    this.#lookedAtMs = nowMs;
    const containers = this.#listContainers();
    const share = frontShare(availableParallelism(), containers.length);
    const budgets = new Map<string, ProcessorBudget>();
    for (const container of containers) {
      const budget = this.#whileThere(() => this.#lookAt(container, elapsedMs, share));
      if (budget !== null) budgets.set(container, budget);
    }
    this.#budgets = budgets;
  }

  #listContainers(): string[] {
    const entries = this.#whileThere(() => readdirSync(this.#files.folder, { withFileTypes: true })) ?? [];
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  }

  #lookAt(container: string, elapsedMs: number, share: number): ProcessorBudget {
    const known = this.#budgets.get(container);
    const usedMs = this.#files.readUsedMs(container);
    const budget = known === undefined ? firstBudget(usedMs) : nextBudget(known, usedMs, elapsedMs, share);
    if (budget.isBehind !== known?.isBehind) this.#put(container, budget.isBehind);
    return budget;
  }

  #put(container: string, isBehind: boolean): void {
    writeFileSync(join(this.#files.folder, container, "cpu.idle"), isBehind ? "1" : "0", { flag: "r+" });
  }

  /** Null when the cgroup is not there (any more). What else the kernel refuses costs fairness and no session: it is said once. */
  #whileThere<Result>(call: () => Result): Result | null {
    try {
      return call();
    } catch (error) {
      const isGone = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENODEV");
      if (!isGone && !this.#hasWarned) {
        this.#hasWarned = true;
        process.emitWarning(`A session that burns its processor does not stand behind: ${String(error)}`);
      }
      return null;
    }
  }
}
