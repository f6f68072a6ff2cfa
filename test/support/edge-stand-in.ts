// An edge in this process that speaks the runner protocol as the real one does: registers hosts, claims sessions, and is the viewer of their terminals.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { StarterBundle } from "#wire/challenge.ts";
import { type CloseName, closeCodes } from "#wire/close-codes.ts";
import { newId } from "#wire/ids.ts";
import { type HostControlMessage, hostControlMessageSchema, type PoolControlMessage } from "#wire/runner.ts";
import { PING, PONG } from "#wire/terminal.ts";
import { StandInSession } from "./stand-in-session.ts";
import { waitUntil } from "./wait-until.ts";

export class EdgeStandIn {
  readonly host = newId("h");
  readonly credential = "credential-of-the-only-host";
  readonly joinTokens = new Set(["join-once"]);
  readonly said: HostControlMessage[] = [];
  readonly sessions = new Map<string, StandInSession>();
  readonly starters = new Map<string, StarterBundle>();
  starterRequests = 0;
  /** Close code for every control socket from now on. */
  controlRefusal: CloseName | null = null;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  #control: WebSocket | null = null;
  #port = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on("upgrade", (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#accept(request, webSocket));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  get isControlled(): boolean {
    return this.#control !== null;
  }

  /** `port` 0 is any; the same one again for an edge that comes back. */
  async listen(port = this.#port): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    const address: AddressInfo | string | null = this.#server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
  }

  /** As a crash: every socket is cut and nothing listens; sessions are remembered. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  order(message: PoolControlMessage): void {
    this.#control?.send(JSON.stringify(message));
  }

  /** Claims a session on the host; `images` are what its challenge needs. */
  claim(session: string, epoch: number, images: string[] = []): StandInSession {
    const held = new StandInSession(session, epoch);
    this.sessions.set(session, held);
    this.order({ type: "claim", session, epoch, ticket: held.ticket, images });
    return held;
  }

  /** The session is over for the edge: its data socket is refused from now on. */
  forget(session: string): void {
    this.sessions.get(session)?.close("epoch_over");
    this.sessions.delete(session);
  }

  async waitFor(type: HostControlMessage["type"], count = 1, withinMs = 5_000): Promise<HostControlMessage> {
    const found = () => this.said.filter((message) => message.type === type);
    await waitUntil(() => found().length >= count, withinMs, `${type} from the host`);
    const message = found()[count - 1];
    if (message === undefined) throw new Error("cannot happen");
    return message;
  }

  cutControl(): void {
    this.#control?.terminate();
  }

  #accept(request: IncomingMessage, socket: WebSocket): void {
    const refuse = (name: CloseName) => socket.close(closeCodes[name].code, closeCodes[name].reason);
    if (request.headers.authorization !== `Bearer ${this.credential}`) refuse("credential_refused");
    else if (request.url === "/ws/runner/data") this.#admit(String(request.headers["berth-ticket"]), socket, refuse);
    else if (this.controlRefusal !== null) refuse(this.controlRefusal);
    else this.#control = this.#serveControl(socket);
  }

  #admit(ticket: string, socket: WebSocket, refuse: (name: CloseName) => void): void {
    const session = [...this.sessions.values()].find((one) => one.ticket === ticket);
    if (session === undefined) refuse("epoch_over");
    else session.accept(socket);
  }

  #serveControl(socket: WebSocket): WebSocket {
    socket.on("message", (message) => {
      const text = String(message);
      if (text === PING) return socket.send(PONG);
      const said = hostControlMessageSchema.parse(JSON.parse(text));
      this.said.push(said);
      if (said.type === "hello") this.order({ type: "welcome", host: this.host });
    });
    socket.on("close", () => {
      if (this.#control === socket) this.#control = null;
    });
    return socket;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (request.method === "POST" && request.url === "/api/runner/hosts") {
      let text = "";
      for await (const chunk of request) text += String(chunk);
      const { joinToken } = JSON.parse(text);
      if (!this.joinTokens.delete(joinToken))
        return answer(401, { code: "credential_refused", detail: "This join token was used." });
      return answer(201, { host: this.host, pool: "local", credential: this.credential });
    }
    const version = /^\/api\/runner\/versions\/([0-9a-f]{64})\/starter$/.exec(request.url ?? "")?.[1];
    if (version === undefined || request.headers.authorization !== `Bearer ${this.credential}`)
      return answer(404, { code: "not_found" });
    this.starterRequests++;
    const starter = this.starters.get(version);
    return starter === undefined ? answer(404, { code: "not_found" }) : answer(200, starter);
  }
}
