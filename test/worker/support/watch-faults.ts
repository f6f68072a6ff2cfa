// Notes whatever an object throws or logs as a fault while a test runs: no socket's words may lead to either.

import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { RunnerPool } from "../../../worker/runner-pool/runner-pool.ts";
import { UserSession } from "../../../worker/session/user-session.ts";

const HOOKS = ["fetch", "webSocketMessage", "webSocketClose", "webSocketError", "alarm"] as const;

export class FaultWatch {
  readonly faults: string[] = [];
  /** How often a hook was called: proof that it is watched. */
  calls = 0;
  readonly #restore: (() => void)[] = [];

  static start(): FaultWatch {
    const watch = new FaultWatch();
    for (const prototype of [UserSession.prototype, RunnerPool.prototype])
      for (const hook of HOOKS) if (hook in prototype) watch.#wrap(prototype, hook);
    const log = vi.spyOn(console, "error").mockImplementation((...words) => void watch.faults.push(words.join(" ")));
    watch.#restore.push(() => log.mockRestore());
    return watch;
  }

  stop(): void {
    for (const restore of this.#restore) restore();
  }

  #wrap(prototype: object, hook: string): void {
    const original = Reflect.get(prototype, hook);
    const note = (error: unknown) => void this.faults.push(`${hook}: ${String(error)}`);
    const count = () => void (this.calls += 1);
    Reflect.set(prototype, hook, async function (this: unknown, ...args: unknown[]): Promise<unknown> {
      count();
      try {
        return await Reflect.apply(original, this, args);
      } catch (error) {
        note(error);
        throw error;
      }
    });
    this.#restore.push(() => void Reflect.set(prototype, hook, original));
  }
}

/** The size of the largest attachment of an object's sockets, as JSON. */
export function largestAttachmentBytes(stub: DurableObjectStub<UserSession>): Promise<number> {
  return runInDurableObject(stub, (_, state) =>
    Math.max(
      0,
      ...state.getWebSockets().map((socket) => (JSON.stringify(socket.deserializeAttachment()) ?? "").length),
    ),
  );
}
