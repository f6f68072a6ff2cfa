// The supervised children of one run: starts them, records their pids, and leaves their end to the run's undo list.

import { join } from "node:path";
import type { DataLayout } from "../data-dir/layout.ts";
import { type ChildPlan, SupervisedChild } from "./child.ts";
import { ChildrenFile } from "./children-record.ts";
import { LogFile } from "./log-file.ts";

export type ChildCommand = Omit<ChildPlan, "log" | "onPid" | "tell">;

export class Family {
  readonly #layout: DataLayout;
  readonly #undo: AsyncDisposableStack;
  readonly #tell: (sentence: string) => void;
  readonly #file: ChildrenFile;

  constructor(layout: DataLayout, undo: AsyncDisposableStack, tell: (sentence: string) => void) {
    this.#layout = layout;
    this.#undo = undo;
    this.#tell = tell;
    this.#file = new ChildrenFile(layout.children);
    this.#file.set("supervisor", process.pid);
    undo.defer(() => this.#file.remove());
  }

  /** Resolves when the child serves; it is then kept running until the run is undone. */
  async keep(command: ChildCommand): Promise<SupervisedChild> {
    const log = new LogFile(join(this.#layout.logs, `${command.name}.log`));
    const child = new SupervisedChild({
      ...command,
      log,
      onPid: (pid) => this.#file.set(command.name, pid),
      tell: this.#tell,
    });
    this.#undo.defer(() => child.stop());
    await child.start();
    return child;
  }
}
