// The control sockets of a pool's hosts: one each, known by its host's tag.

import { type CloseName, closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import type { PoolControlMessage } from "#wire/runner.ts";
import { countClose, countOut, edgeCounts } from "../metrics/edge-counts.ts";

type ControlAttachment = { host: string; openedAt: number; hasSaidHello: boolean; isOver: boolean };

export class ControlSockets {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  /** A newer socket of a host replaces an older one. */
  accept(socket: WebSocket, host: string, now: number): void {
    this.close(host, "replaced");
    this.#ctx.acceptWebSocket(socket, [host]);
    edgeCounts.accepted.control += 1;
    write(socket, { host, openedAt: now, hasSaidHello: false, isOver: false });
  }

  /** The host of a socket that still counts, or null. */
  hostOf(socket: WebSocket): { host: string; hasSaidHello: boolean } | null {
    const attachment = read(socket);
    return attachment.isOver ? null : attachment;
  }

  noteHello(socket: WebSocket): void {
    write(socket, { ...read(socket), hasSaidHello: true });
  }

  tell(host: string, message: PoolControlMessage): void {
    const socket = this.#socketOf(host);
    if (socket === null) return;
    const text = JSON.stringify(message);
    socket.send(text);
    countOut(edgeCounts.traffic.control, text.length);
  }

  close(host: string, name: CloseName): void {
    const socket = this.#socketOf(host);
    if (socket !== null) this.closeSocket(socket, name);
  }

  closeSocket(socket: WebSocket, name: CloseName): void {
    countClose(name);
    write(socket, { ...read(socket), isOver: true });
    socket.close(closeCodes[name].code, closeCodes[name].reason);
  }

  /** Hosts that said hello and were heard lately; one that went silent is closed. */
  connectedHosts(now: number): string[] {
    return this.#ctx.getWebSockets().flatMap((socket) => {
      const attachment = read(socket);
      if (attachment.isOver || socket.readyState !== WebSocket.OPEN) return [];
      const heardAt = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
      if (now - Math.max(heardAt, attachment.openedAt) > limits.runnerSilenceMs) {
        this.closeSocket(socket, "silence");
        return [];
      }
      return attachment.hasSaidHello ? [attachment.host] : [];
    });
  }

  #socketOf(host: string): WebSocket | null {
    const isCounting = (socket: WebSocket) => !read(socket).isOver && socket.readyState === WebSocket.OPEN;
    return this.#ctx.getWebSockets(host).find(isCounting) ?? null;
  }
}

function read(socket: WebSocket): ControlAttachment {
  return socket.deserializeAttachment();
}

function write(socket: WebSocket, attachment: ControlAttachment): void {
  socket.serializeAttachment(attachment);
}
