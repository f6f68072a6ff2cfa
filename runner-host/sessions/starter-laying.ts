// Owns which starter a session was asked to lay last: fetches it and hands it to whichever agent is there, until one has answered.

import type { Logger } from "pino";
import type { SessionDataMessage } from "#wire/runner.ts";
import type { AgentReply, AgentServer } from "./agent-server.ts";
import { type StarterSource, StarterRefusedError } from "./starter-source.ts";

export type LayMessage = Extract<SessionDataMessage, { type: "lay" }>;
type LayFailure = Extract<AgentReply, { type: "lay_failed" }>;

/** What a learner is told; the edge's own words are for the log. */
const NOT_FETCHED = "The runner host could not fetch the starter files.";

export interface StarterLayingOptions {
  starters: StarterSource;
  agents: AgentServer;
  log: Logger;
  onFailure(failure: LayFailure): void;
}

export class StarterLaying {
  readonly #options: StarterLayingOptions;
  #asked: LayMessage | null = null;
  #isLaying = false;

  constructor(options: StarterLayingOptions) {
    this.#options = options;
  }

  /** Asked by the session. */
  ask(message: LayMessage): Promise<void> {
    this.#asked = message;
    return this.layAgain();
  }

  /** It was laid, or cannot be. */
  settle(request: number): void {
    if (this.#asked?.request === request) this.#asked = null;
  }

  /** For an agent that is new here. One starter is fetched at a time, however many are asked for meanwhile. */
  async layAgain(): Promise<void> {
    if (this.#isLaying) return;
    this.#isLaying = true;
    try {
      for (let laid: LayMessage | null = null; this.#asked !== null && this.#asked !== laid;) {
        laid = this.#asked;
        await this.#lay(laid);
      }
    } finally {
      this.#isLaying = false;
    }
  }

  async #lay(message: LayMessage): Promise<void> {
    const { starters, agents, log, onFailure } = this.#options;
    const { request, version } = message;
    try {
      const bundle = await starters.get(version);
      if (this.#asked === message) agents.current?.send({ type: "lay", request, version, bundle });
    } catch (error) {
      log.error(
        { version, reason: error instanceof Error ? error.message : String(error) },
        "the starter could not be fetched",
      );
      const reason = error instanceof StarterRefusedError ? error.message : NOT_FETCHED;
      onFailure({ type: "lay_failed", request, version, message: reason });
    }
  }
}
