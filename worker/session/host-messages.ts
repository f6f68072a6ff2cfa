// Takes what a session's host says on its data socket: terminals' output and events go to the relay, the rest to the session's life.

import type { CloseName } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { type HostDataMessage, hostDataMessageSchema } from "#wire/runner.ts";
import type { TerminalSummary } from "#wire/session.ts";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";
import { parseMessage } from "../sockets/message.ts";
import type { Connections } from "./connections.ts";
import { drawNumber } from "./draw-number.ts";
import type { DataLine } from "./line.ts";
import type { HostRates, Rates } from "./rates.ts";
import { type Relayed, relayAgentEvent, relayOutput } from "./relay-to-browsers.ts";
import type { SessionLife } from "./session-life.ts";
import { noteRead } from "./unread.ts";

export class HostMessages {
  readonly #connections: Connections;
  readonly #life: SessionLife;

  constructor(connections: Connections, life: SessionLife) {
    this.#connections = connections;
    this.#life = life;
  }

  /** Answers why the data socket is to be closed, or null. */
  take(data: DataLine, message: string | ArrayBuffer, rates: HostRates, now: number): CloseName | null {
    const { isGreeted } = data.attachment;
    if (typeof message !== "string") {
      if (!isGreeted) return "bad_message";
      return this.#charge(rates, relayOutput(data, new Uint8Array(message), this.#connections.browsers()));
    }
    const parsed = parseMessage(hostDataMessageSchema, message, limits.runnerMessageBytes);
    // The first word is a hello, and no other word is.
    if (parsed === null || (parsed.type === "hello") === isGreeted) return "bad_message";
    if (parsed.type === "agent" && !rates.orders.take(now)) return "rate_exceeded";
    return this.#apply(data, parsed, rates, now);
  }

  /** A frame that many browsers are sent costs as many. */
  #charge({ frames }: Rates, { refused, sent }: Omit<Relayed, "isNews">): CloseName | null {
    frames.charge(Math.max(0, sent - 1));
    return refused;
  }

  #apply(data: DataLine, message: HostDataMessage, rates: HostRates, now: number): CloseName | null {
    const { attachment } = data;
    const { epoch } = attachment;
    switch (message.type) {
      case "hello":
        if (message.protocolVersion !== RUNNER_PROTOCOL_VERSION) return "upgrade_required";
        if (message.session !== attachment.session || message.epoch !== epoch) return "bad_message";
        attachment.isGreeted = true;
        data.save();
        this.#life.apply({ type: "hello", epoch });
        return null;
      case "agent":
        if (new Set(message.terminals.map(({ terminal }) => terminal)).size < message.terminals.length)
          return "bad_message";
        this.#onAgent(data, message.state === "up", message.terminals);
        return null;
      case "read": {
        const proved = noteRead(attachment.unread, message.mark);
        attachment.marks.read += proved;
        data.save();
        return proved === 0 ? "bad_message" : null;
      }
      case "laid":
        // The answer to an earlier order says nothing of the last one, which is still under way.
        if (message.request !== attachment.lay?.request) return null;
        this.#life.apply({ type: "laid", epoch, version: message.version });
        return null;
      case "lay_failed":
        if (message.request !== attachment.lay?.request) return null;
        this.#life.apply({ type: "lay_failed", epoch, version: message.version, message: message.message });
        return null;
      case "active":
        this.#life.noteActive(now);
        return null;
      case "notice":
        if (!rates.notices.take(now)) return null;
        return this.#charge(rates, { refused: null, sent: this.#life.tellBrowsers(message) });
      case "container_lost":
        this.#life.apply({ type: "container_lost", epoch, message: message.message });
        return null;
      default: {
        const relayed = relayAgentEvent(data, message, this.#connections.browsers());
        if (relayed.isNews) this.#life.broadcast();
        return this.#charge(rates, relayed);
      }
    }
  }

  #onAgent(data: DataLine, isUp: boolean, terminals: TerminalSummary[]): void {
    data.attachment.generation = isUp ? drawNumber() : null;
    data.attachment.terminals = isUp ? terminals : [];
    data.attachment.orphanedOpens = 0;
    data.attachment.closed = {};
    data.save();
    if (isUp && this.#life.state.state === "ready") {
      for (const browser of this.#connections.browsers()) browser.tell({ type: "reattach" });
    }
    this.#life.broadcast();
    if (isUp) this.#life.apply({ type: "agent_up", epoch: data.attachment.epoch });
  }
}
