// A proxy that can do to a connection what networks do: reset it, swallow it without a word, or stall it.

import { once } from "node:events";
import { connect, createServer, type ListenOptions, type NetConnectOpts, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

type State = "open" | "stalled" | "swallowing";

/** Which connections are meant: those whose first bytes match, for HTTP the request line. */
export type Which = RegExp;
const ALL: Which = /(?:)/;

/** A unix socket knows no reset: its other side sees it closed in the middle of what was sent. */
function reset(socket: Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

/** Sees what passes on one connection, before it is forwarded. */
export interface Tap {
  fromClient(chunk: Buffer): void;
  fromServer(chunk: Buffer): void;
}

class Tunnel {
  readonly #sides: readonly [Socket, Socket];
  #state: State = "open";
  firstBytes = "";

  constructor(client: Socket, server: Socket, tap: Tap | undefined) {
    this.#sides = [client, server];
    if (tap !== undefined) {
      client.on("data", (chunk: Buffer) => tap.fromClient(chunk));
      server.on("data", (chunk: Buffer) => tap.fromServer(chunk));
    }
    client.once("data", (chunk: Buffer) => {
      this.firstBytes = chunk.toString("latin1", 0, 200);
    });
    this.#forward(client, server);
    this.#forward(server, client);
  }

  get state(): State {
    return this.#state;
  }

  get isOver(): boolean {
    return this.#sides.every((side) => side.destroyed);
  }

  reset(): void {
    for (const side of this.#sides) reset(side);
  }

  /** From now on both sides may send and neither hears anything, not even an end. */
  swallow(): void {
    this.#state = "swallowing";
    for (const side of this.#sides) side.resume();
  }

  stall(): void {
    this.#state = "stalled";
    for (const side of this.#sides) side.pause();
  }

  resume(): void {
    if (this.#state !== "stalled") return;
    this.#state = "open";
    for (const side of this.#sides) side.resume();
  }

  destroy(): void {
    for (const side of this.#sides) side.destroy();
  }

  #forward(from: Socket, to: Socket): void {
    from.on("data", (chunk: Buffer) => {
      if (this.#state === "swallowing") return;
      if (!to.write(chunk)) from.pause();
    });
    to.on("drain", () => {
      if (this.#state !== "stalled") from.resume();
    });
    from.on("end", () => {
      if (this.#state !== "swallowing") to.end();
    });
    from.on("error", () => {
      if (this.#state !== "swallowing") reset(to);
    });
    from.on("close", () => {
      if (this.#state !== "swallowing") to.destroySoon();
    });
  }
}

export class CutProxy {
  readonly #server: Server;
  #target: NetConnectOpts;
  readonly #tap: (() => Tap) | undefined;
  readonly #tunnels = new Set<Tunnel>();

  private constructor(target: NetConnectOpts, tap: (() => Tap) | undefined) {
    this.#target = target;
    this.#tap = tap;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => this.#accept(client));
  }

  /** Listens where it is told (port 0: anywhere) and forwards to `target`; `tap` is made anew for each connection. */
  static async start(listen: ListenOptions, target: NetConnectOpts, tap?: () => Tap): Promise<CutProxy> {
    const proxy = new CutProxy(target, tap);
    proxy.#server.listen(listen);
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("this proxy listens on no port");
    return address.port;
  }

  /** New connections go there. */
  retarget(target: NetConnectOpts): void {
    this.#target = target;
  }

  count(which: Which = ALL): number {
    return this.#find(which).length;
  }

  /** Each returns how many connections it cut, so that a test can see that it cut something. */
  reset(which: Which = ALL): number {
    return this.#each(which, (tunnel) => tunnel.reset());
  }

  /** What is connected now goes silent for ever; new connections work. */
  goHalfOpen(which: Which = ALL): number {
    return this.#each(which, (tunnel) => tunnel.swallow());
  }

  /** What is connected now stands still for this long and then goes on where it was. */
  async stall(stallMs: number, which: Which = ALL): Promise<number> {
    const count = this.#each(which, (tunnel) => tunnel.stall());
    await delay(stallMs);
    this.#each(which, (tunnel) => tunnel.resume());
    return count;
  }

  async close(): Promise<void> {
    for (const tunnel of this.#tunnels) tunnel.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(client: Socket): void {
    const server = connect({ ...this.#target, allowHalfOpen: true });
    const refuse = (): void => {
      client.destroy();
    };
    server.once("error", refuse).once("connect", () => {
      server.off("error", refuse);
      client.resume();
    });
    const tunnel = new Tunnel(client, server, this.#tap?.());
    this.#tunnels.add(tunnel);
    for (const side of [client, server]) {
      side.once("close", () => {
        if (tunnel.isOver) this.#tunnels.delete(tunnel);
      });
    }
  }

  #find(which: Which): Tunnel[] {
    return [...this.#tunnels].filter((tunnel) => which.test(tunnel.firstBytes) && tunnel.state !== "swallowing");
  }

  #each(which: Which, cut: (tunnel: Tunnel) => void): number {
    const found = this.#find(which);
    for (const tunnel of found) cut(tunnel);
    return found.length;
  }
}
