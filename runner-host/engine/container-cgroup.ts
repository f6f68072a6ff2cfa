// The cgroup of one running container, by its files alone: freezes and thaws it within the call, and reads its counters.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isUnified, ROOT } from "./cgroups.ts";
import { type KernelCounters, separateCounters, unifiedCounters } from "./container-usage.ts";

/**
 * Calls to these files touch no disk and take microseconds, less than handing them to another thread; a thaw stands
 * before a learner's key.
 */
export class ContainerCgroup {
  readonly #path: string;
  readonly #isUnified = isUnified();

  /** `parent`: the cgroup of all sessions (cgroups.ts). */
  constructor(parent: string, containerId: string) {
    this.#path = join(parent, containerId);
  }

  /** False when there is no such cgroup. */
  freeze(): boolean {
    return this.#isUnified ? this.#write("cgroup.freeze", "1") : this.#write("freezer.state", "FROZEN");
  }

  /** Everything in it runs again when this returns. */
  thaw(): boolean {
    return this.#isUnified ? this.#write("cgroup.freeze", "0") : this.#write("freezer.state", "THAWED");
  }

  /** Null when there is no such cgroup. */
  readCounters(): KernelCounters | null {
    const { files, parse } = this.#isUnified ? unifiedCounters : separateCounters;
    const texts: string[] = [];
    for (const [controller, name] of files) {
      const text = unlessGone(() => readFileSync(this.#file(controller, name), "utf8"));
      if (text === null) return null;
      texts.push(text);
    }
    return parse(texts);
  }

  #write(name: string, value: string): boolean {
    const isDone = unlessGone(() => {
      writeFileSync(this.#file("freezer", name), value, { flag: "r+" });
      return true;
    });
    return isDone ?? false;
  }

  #file(controller: string, name: string): string {
    return this.#isUnified ? join(ROOT, this.#path, name) : join(ROOT, controller, this.#path, name);
  }
}

/** ENODEV: it went while the file was open. */
function unlessGone<Result>(call: () => Result): Result | null {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENODEV")) return null;
    throw error;
  }
}
