// A runner host without containers: joins the pool, takes every claim and says that its agent is up, so that objects can be had by the hundred.

import { once } from "node:events";
import { WebSocket } from "ws";
import {
  type HostControlMessage,
  type HostDataMessage,
  poolControlMessageSchema,
  sessionDataMessageSchema,
} from "#wire/runner.ts";
import { registeredHostSchema } from "#wire/tokens.ts";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";

const CAPACITY = 1_000;
type Placed = { readonly session: string; readonly epoch: number };

export class HollowHost {
  readonly #edge: string;
  readonly #headers: Record<string, string>;
  readonly #images: string[];
  readonly #control: WebSocket;
  readonly #data = new Map<string, WebSocket>();

  private constructor(edge: string, credential: string, images: string[]) {
    this.#edge = edge.replace(/^http/, "ws");
    this.#headers = { authorization: `Bearer ${credential}` };
    this.#images = images;
    this.#control = this.#dial("control", this.#headers);
    this.#control.on("open", () => this.#greet());
    this.#control.on("message", (text: Buffer) => this.#takeOrder(String(text)));
  }

  static async join(edge: string, joinToken: string, images: string[]): Promise<HollowHost> {
    const answer = await fetch(`${edge}/api/runner/hosts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ joinToken, hostName: "hollow" }),
    });
    const { credential } = registeredHostSchema.parse(await answer.json());
    const host = new HollowHost(edge, credential, images);
    await once(host.#control, "message");
    return host;
  }

  close(): void {
    for (const socket of this.#data.values()) socket.terminate();
    this.#control.terminate();
  }

  #dial(leg: "control" | "data", headers: Record<string, string>): WebSocket {
    const socket = new WebSocket(`${this.#edge}/ws/runner/${leg}`, { headers, perMessageDeflate: false });
    // The edge ends a data socket with its session.
    socket.on("error", () => socket.terminate());
    return socket;
  }

  #greet(): void {
    const held = { capacity: CAPACITY, images: this.#images, sessions: [] };
    this.#say({ type: "hello", protocolVersion: RUNNER_PROTOCOL_VERSION, hostName: "hollow", ...held });
  }

  #say(message: HostControlMessage): void {
    this.#control.send(JSON.stringify(message));
  }

  #takeOrder(text: string): void {
    const order = poolControlMessageSchema.parse(JSON.parse(text));
    if (order.type === "welcome") return;
    const { session, epoch } = order;
    if (order.type === "claim") this.#carry({ session, epoch }, order.ticket);
    else this.#data.get(session)?.terminate();
    this.#say({ type: order.type === "claim" ? "claimed" : "released", session, epoch });
  }

  #carry(placed: Placed, ticket: string): void {
    const socket = this.#dial("data", { ...this.#headers, "berth-ticket": ticket });
    this.#data.set(placed.session, socket);
    const say = (message: HostDataMessage): void => socket.send(JSON.stringify(message));
    socket.on("open", () => {
      say({ type: "hello", protocolVersion: RUNNER_PROTOCOL_VERSION, ...placed });
      say({ type: "agent", state: "up", terminals: [] });
    });
    socket.on("message", (text: Buffer) => {
      const message = sessionDataMessageSchema.parse(JSON.parse(String(text)));
      if (message.type === "lay") say({ type: "laid", request: message.request, version: message.version });
    });
  }
}
