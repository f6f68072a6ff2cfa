// An edge that opens, acknowledges and leaves as browsers do, and judges what a daemon sends by the rules of the object itself.

import { newId } from "#wire/ids.ts";
import { type HostDataMessage, hostDataMessageSchema } from "#wire/runner.ts";
import type { RunnerFrame } from "#wire/terminal-frame.ts";
import type { SessionRequest } from "../../../runner-host/sessions/data-link.ts";
import {
  leaveOthers,
  newViewer,
  noteAck,
  noteOpen,
  takeAddressed,
  takeBehind,
  takeLive,
  takeOpened,
  takeOpenFailed,
  takeTruncated,
  type Viewer,
} from "../../../worker/session/viewer.ts";
import type { SeededRandom } from "../../support/seeded-random.ts";

export const TERMINALS = [0, 1];
const GENERATION = 1;

type Watched = { connection: number; terminal: number; viewer: Viewer };

export class CountingEdge {
  /** What the object would close the data socket for. */
  readonly faults: string[] = [];
  isAgentUp = false;
  forwarded = 0;
  readonly #random: SeededRandom;
  readonly #instances = new Map<number, string>();
  #connections = [1, 2, 3];
  #lastConnection = 3;
  #watched: Watched[] = [];

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  get watched(): readonly Watched[] {
    return this.#watched;
  }

  get connections(): readonly number[] {
    return this.#connections;
  }

  /** The next thing that a browser says, or null. */
  speak(): SessionRequest | null {
    const random = this.#random;
    if (!this.isAgentUp) return null;
    const connection = random.pick(this.#connections);
    const terminal = random.pick(TERMINALS);
    const act = random.between(0, 99);
    if (act < 25) return this.#open(connection, terminal);
    if (act < 85) return this.#ack();
    if (act < 88) return { type: "resize", connection, terminal, cols: 80, rows: random.between(1, 99) };
    if (act < 91) return { type: "close", connection, terminal, instance: this.#instances.get(terminal) ?? newId("t") };
    if (act < 95)
      return { type: "probe", connection, probe: random.between(1, 9), at: random.pick(["host", "container"]) };
    return this.#leave(connection);
  }

  take(said: HostDataMessage): void {
    this.forwarded++;
    const parsed = hostDataMessageSchema.safeParse(JSON.parse(JSON.stringify(said)));
    if (!parsed.success) return this.#blame(`a ${said.type} is not valid`);
    const message = parsed.data;
    switch (message.type) {
      case "agent":
        this.isAgentUp = message.state === "up";
        this.#watched = [];
        this.#instances.clear();
        return;
      case "opened":
        return this.#takeOpened(message);
      case "behind":
      case "truncated": {
        const viewer = this.#find(message.connection, message.terminal);
        const take = message.type === "behind" ? takeBehind : takeTruncated;
        if (viewer !== null) this.#judge(take(viewer, message.offset), message.type);
        return;
      }
      case "open_failed": {
        const viewer = this.#find(message.connection, message.terminal);
        if (viewer !== null && !takeOpenFailed(viewer)) this.#blame("an open_failed that nobody asked for");
        return;
      }
      default:
    }
  }

  takeOutput({ connection, terminal, offset, payload }: RunnerFrame): void {
    this.forwarded++;
    for (const watched of this.#watched) {
      if (watched.terminal !== terminal) continue;
      if (connection === 0) this.#judge(takeLive(watched.viewer, offset, offset + payload.length), "output for all");
      else if (connection === watched.connection)
        this.#judge(takeAddressed(watched.viewer, offset, offset + payload.length), "output");
    }
  }

  #takeOpened(message: Extract<HostDataMessage, { type: "opened" }>): void {
    const { connection, terminal, instance } = message;
    const viewer = this.#find(connection, terminal);
    if (this.#instances.get(terminal) !== instance) {
      this.#instances.set(terminal, instance);
      for (const one of this.#watched) if (one.terminal === terminal) leaveOthers(one.viewer, instance);
    }
    if (viewer !== null && !takeOpened(viewer, message)) this.#blame("an opened that nobody asked for");
  }

  #open(connection: number, terminal: number): SessionRequest {
    let viewer = this.#find(connection, terminal);
    if (viewer === null) {
      viewer = newViewer(GENERATION);
      this.#watched.push({ connection, terminal, viewer });
    }
    noteOpen(viewer);
    const instance = this.#instances.get(terminal) ?? null;
    const offset = instance === null || this.#random.chance(0.3) ? null : viewer.sent;
    const client = "6f1c1c1e-0000-4000-8000-000000000001";
    const size = { cols: 80, rows: 24, claimsSize: this.#random.chance(0.5) };
    return { type: "open", connection, terminal, ...size, client, instance: offset === null ? null : instance, offset };
  }

  #ack(): SessionRequest | null {
    if (this.#watched.length === 0) return null;
    const { connection, terminal, viewer } = this.#random.pick(this.#watched);
    const offset = this.#random.chance(0.5) ? viewer.sent : Math.floor((viewer.sent + viewer.acked) / 2);
    return { type: "ack", connection, terminal, offset: noteAck(viewer, offset) };
  }

  #leave(connection: number): SessionRequest {
    this.#watched = this.#watched.filter((watched) => watched.connection !== connection);
    this.#connections = this.#connections.map((one) => (one === connection ? ++this.#lastConnection : one));
    return { type: "detach", connection };
  }

  #find(connection: number, terminal: number): Viewer | null {
    const found = this.#watched.find((one) => one.connection === connection && one.terminal === terminal);
    return found?.viewer ?? null;
  }

  #judge(passage: string, what: string): void {
    if (passage !== "forward" && passage !== "pass") this.#blame(`${what}: ${passage}`);
  }

  #blame(fault: string): void {
    this.faults.push(fault);
  }
}
