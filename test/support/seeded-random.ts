// Random numbers that can be had again: seeds come from BERTH_SEED or the clock, and a test that uses one has it in its name.

/** Seeds for that many runs, the first of them BERTH_SEED where it is set. */
export function seedsFor(runs: number): number[] {
  return Array.from({ length: runs }, (_, run) => firstSeed + run);
}

const firstSeed = readFirstSeed();

function readFirstSeed(): number {
  const given = process.env["BERTH_SEED"];
  if (given === undefined || given === "") return Date.now() % 2 ** 31;
  if (!/^\d{1,10}$/.test(given)) throw new Error(`BERTH_SEED must be a whole number, not "${given}".`);
  return Number(given);
}

export class SeededRandom {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in [min, max]. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.next() * choices.length)];
    if (choice === undefined) throw new Error("nothing to pick from");
    return choice;
  }
}
