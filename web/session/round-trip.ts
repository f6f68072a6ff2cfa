// The way to the container and back as this page last measured it: asked at an attach and rarely while the learner types, never of an idle session.

/** Until this many answers are there the way is not known well, and typing asks sooner. */
const SAMPLES_KEPT = 5;
/** At an attach the page is busy drawing, so the first answer alone would make a near lab look far: it asks so often at once. */
const ASKED_AT_ATTACH = 3;
const ASK_FIRST_EVERY_MS = 1_000;
const ASK_EVERY_MS = 10_000;

export class RoundTrip {
  #samplesMs: number[] = [];
  #probe = 0;
  #askedAt: number | null = null;
  #isAsking = false;

  /** The median of the last answers, of two the lesser; null while there is none. */
  get estimateMs(): number | null {
    const sorted = this.#samplesMs.toSorted((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
  }

  /** The way is new: what was measured says nothing of it. Returns the number of the probe to send. */
  attached(now: number): number {
    this.#samplesMs = [];
    return this.#ask(now);
  }

  /** An answer came. Returns the number of the probe to send, or null. */
  again(now: number): number | null {
    return this.#askedAt === null || this.#isAsking || this.#samplesMs.length >= ASKED_AT_ATTACH
      ? null
      : this.#ask(now);
  }

  /** The learner typed. Returns the number of the probe to send, or null. */
  typed(now: number): number | null {
    const everyMs = this.#samplesMs.length < SAMPLES_KEPT ? ASK_FIRST_EVERY_MS : ASK_EVERY_MS;
    return this.#askedAt === null || now - this.#askedAt < everyMs ? null : this.#ask(now);
  }

  /** True when the estimate is another one. An answer to an earlier probe is late, and counts for nothing. */
  answered(probe: number, now: number): boolean {
    if (!this.#isAsking || probe !== this.#probe || this.#askedAt === null) return false;
    this.#isAsking = false;
    this.#samplesMs = [...this.#samplesMs, now - this.#askedAt].slice(-SAMPLES_KEPT);
    return true;
  }

  cut(): void {
    this.#samplesMs = [];
    this.#askedAt = null;
    this.#isAsking = false;
  }

  #ask(now: number): number {
    this.#probe += 1;
    this.#askedAt = now;
    this.#isAsking = true;
    return this.#probe;
  }
}
