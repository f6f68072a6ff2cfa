// Owns what a learner is told of their container: the sentence for each code, how often it is said, and what waits for the edge to hear it.

import type { Notice } from "#wire/session.ts";
import { containerLimits } from "../container/container-limits.ts";

const MINUTE_MS = 60_000;
const GiB = 1024 ** 3;

type NoticeCode = Notice["code"];
type Wording = { message: string; everyMs: number };

/** What this host says by itself; each at most once in its time. */
const WORDINGS = {
  memory_full: {
    message: `A program was ended because the container's memory is full (${containerLimits.memoryBytes / GiB} GiB). End programs and containers that you no longer need, then start it again.`,
    everyMs: MINUTE_MS,
  },
  processes_full: {
    message: `A program could not be started: the container has as many processes as it may have (${containerLimits.pids}). End some, then try again.`,
    everyMs: MINUTE_MS,
  },
  disk_low: {
    message: `The container's disk is nearly full (${containerLimits.diskBytes / GiB} GiB). Delete files, or remove images and containers with "docker system prune".`,
    everyMs: MINUTE_MS,
  },
  disk_full: {
    message:
      'The container\'s disk is full: nothing can be written any more. Delete files, or remove images and containers with "docker system prune".',
    everyMs: MINUTE_MS,
  },
  processor_busy: {
    message: `Programs have used all the processor time of the container for a while, so everything in it is slow. "top" shows which they are.`,
    everyMs: 5 * MINUTE_MS,
  },
  put_to_rest: {
    message:
      "The machine ran short of memory and this container was unused for longest, so it was stopped. Your files are kept; press a key in a terminal and it starts again.",
    everyMs: 0,
  },
  took_too_much: {
    message:
      "Programs in the container took nearly all of something that every learner on this machine shares (terminals), so it was started again. Your files are as they were.",
    everyMs: 0,
  },
  container_restarted: {
    message: "The container was started again. Your files are as they were; programs and terminals are new.",
    everyMs: 0,
  },
} as const satisfies Partial<Record<NoticeCode, Wording>>;

export type SaidCode = keyof typeof WORDINGS;

export class Notices {
  readonly #send: (notice: Notice) => boolean;
  readonly #saidAtMs = new Map<NoticeCode, number>();
  readonly #waiting = new Map<NoticeCode, Notice>();

  /** `send` returns false while nobody hears it. */
  constructor(send: (notice: Notice) => boolean) {
    this.#send = send;
  }

  /** Says it now, or as soon as somebody hears it; nothing when it was said a short while ago. */
  post(code: SaidCode, nowMs: number): void {
    const { message, everyMs } = WORDINGS[code];
    const saidAtMs = this.#saidAtMs.get(code);
    if (saidAtMs !== undefined && nowMs - saidAtMs < everyMs) return;
    this.#saidAtMs.set(code, nowMs);
    this.#waiting.set(code, { code, message });
    this.flush();
  }

  flush(): void {
    for (const [code, notice] of this.#waiting) if (this.#send(notice)) this.#waiting.delete(code);
  }
}
