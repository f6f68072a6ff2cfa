// Reads what the edge has counted of the frames that its objects received: those are billed, what objects send is not.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Stack } from "../test/support/stack.ts";

const LEGS = ["browser", "data"] as const;
const METRICS = ["frames", "frame_bytes"] as const;
const SETTLE_MS = 300;

type Leg = (typeof LEGS)[number];
export type Account = Readonly<Record<Leg, { readonly frames: number; readonly bytes: number }>>;

export class EdgeAccount {
  readonly #address: string;
  readonly #token: string;

  private constructor(address: string, token: string) {
    this.#address = address;
    this.#token = token;
  }

  static async of(stack: Stack): Promise<EdgeAccount> {
    const secrets: unknown = JSON.parse(await readFile(join(stack.dataDir, "secrets.json"), "utf8"));
    return new EdgeAccount(stack.address, z.object({ metricsToken: z.string() }).parse(secrets).metricsToken);
  }

  /** What `work` made the objects receive, up to when nothing more comes. */
  async during(work: () => Promise<void>): Promise<Account> {
    const before = await this.#readSettled();
    await work();
    const after = await this.#readSettled();
    const spent = (leg: Leg) => ({
      frames: after[leg].frames - before[leg].frames,
      bytes: after[leg].bytes - before[leg].bytes,
    });
    return { browser: spent("browser"), data: spent("data") };
  }

  async #readSettled(): Promise<Account> {
    for (let last = await this.#read(); ;) {
      await delay(SETTLE_MS);
      const next = await this.#read();
      if (LEGS.every((leg) => next[leg].frames === last[leg].frames)) return next;
      last = next;
    }
  }

  async #read(): Promise<Account> {
    const answer = await fetch(`${this.#address}/metrics`, { headers: { authorization: `Bearer ${this.#token}` } });
    const text = await answer.text();
    const [frames, bytes] = METRICS.map((metric) => (leg: Leg) => {
      const found = new RegExp(`^berth_edge_${metric}_total\\{leg="${leg}",direction="in"\\} (\\d+)$`, "m").exec(text);
      if (found === null) throw new Error(`the edge's metrics lack ${metric} of ${leg}: ${answer.status}`);
      return Number(found[1]);
    });
    if (frames === undefined || bytes === undefined) throw new Error("there are two metrics");
    const read = (leg: Leg) => ({ frames: frames(leg), bytes: bytes(leg) });
    return { browser: read("browser"), data: read("data") };
  }
}
