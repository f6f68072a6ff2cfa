// Owns the control socket: announces this host to its pool and passes claims and releases on.

import type { Logger } from "pino";
import { limits } from "#wire/limits.ts";
import { type Claim, type HostControlMessage, type HostHello, poolControlMessageSchema } from "#wire/runner.ts";
import { EdgeSocket } from "./edge-socket.ts";
import { parseJson } from "./parse-json.ts";

export interface ControlEvents {
  /** What this host is and holds at this moment. */
  describe(): HostHello;
  onWelcome(host: string): void;
  onClaim(claim: Claim): void;
  onRelease(placed: { session: string; epoch: number }): void;
  onReconnect(): void;
  /** The edge refused this host for good; says why in one sentence. */
  onRefused(reason: string): void;
}

const REFUSALS: Partial<Record<string, string>> = {
  credential_refused:
    "The edge does not accept this host's credential: remove the credential file and join again with a new token.",
  upgrade_required: "The edge speaks another protocol version: update this host.",
  replaced: "Another daemon is connected with this host's credential: only one may run.",
};

export class ControlLink {
  readonly #socket: EdgeSocket;

  constructor(options: { edgeUrl: string; credential: string; log: Logger }, events: ControlEvents) {
    const { edgeUrl, credential, log } = options;
    const url = new URL("/ws/runner/control", edgeUrl);
    this.#socket = new EdgeSocket(
      { url: url.href.replace(/^http/, "ws"), headers: { authorization: `Bearer ${credential}` }, log },
      {
        onOpen: () => this.#socket.sendText(JSON.stringify(events.describe())),
        onText: (text) => {
          const parsed = poolControlMessageSchema.safeParse(
            text.length <= limits.runnerMessageBytes ? parseJson(text) : undefined,
          );
          if (!parsed.success) {
            log.error({ issues: parsed.error.issues.slice(0, 3) }, "the pool sent a message that is not understood");
            return this.#socket.refuse("bad_message");
          }
          const message = parsed.data;
          switch (message.type) {
            case "welcome":
              return events.onWelcome(message.host);
            case "claim":
              return events.onClaim(message);
            case "release":
              return events.onRelease({ session: message.session, epoch: message.epoch });
          }
        },
        onBinary: () => this.#socket.refuse("bad_message"),
        onClose: ({ name, then, wasOpen }) => {
          if (wasOpen) events.onReconnect();
          const refusal = REFUSALS[name];
          if (refusal !== undefined) {
            events.onRefused(refusal);
            return "stop";
          }
          return then === "retry" || then === "reopen" ? "redial" : "redial_slowly";
        },
      },
    );
  }

  dial(): void {
    this.#socket.dial();
  }

  /** Lost when the socket is down: the pool asks again after the next hello. */
  send(message: HostControlMessage): void {
    this.#socket.sendText(JSON.stringify(message));
  }

  close(): void {
    this.#socket.close(true);
  }
}
