// Owns the probes that an agent was passed and has not answered: it answers them in order, and nothing else is an answer.

/** More than a page asks for while one is out; what is over it is not passed on and has no answer. */
export const PROBES_ASKED_MAX = 64;

type Probe = { connection: number; probe: number; hasLeft: boolean };

export class AskedProbes {
  #asked: Probe[] = [];

  /** Whether it may be passed on to the agent. */
  ask(connection: number, probe: number): boolean {
    if (this.#asked.length >= PROBES_ASKED_MAX) return false;
    this.#asked.push({ connection, probe, hasLeft: false });
    return true;
  }

  leave(connection: number): void {
    for (const probe of this.#asked) if (probe.connection === connection) probe.hasLeft = true;
  }

  /** Whether it is the answer that is due: to be forwarded, or dropped when nobody waits for it any more. */
  judge(connection: number, probe: number): "forward" | "drop" | "violation" {
    const [due] = this.#asked;
    if (due?.connection !== connection || due.probe !== probe) return "violation";
    this.#asked.shift();
    return due.hasLeft ? "drop" : "forward";
  }

  clear(): void {
    this.#asked = [];
  }
}
