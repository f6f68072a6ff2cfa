// Owns what a terminal instance has printed and who has been shown what: replay, credit windows, coalescing and holding; knows no PTY and no socket.

import { limits } from "#wire/limits.ts";
import { ALL_LIVE_VIEWERS } from "#wire/terminal-frame.ts";
import type { TerminalSize } from "./pty.ts";
import { ReplayBuffer } from "./replay-buffer.ts";
import { advance, type Flow, newViewer, nextPayload, skipLost, type Viewer } from "./viewer-flow.ts";

/** One read of a PTY yields at most this much (libuv's read buffer): held output stops this far before the end of the buffer. */
export const PTY_READ_BYTES_MAX = 64 * 1024;

export interface OutputSink {
  frame(connection: number, offset: number, payload: Uint8Array): void;
  /** The viewer has left the live flow at `offset`. */
  behind(connection: number, offset: number): void;
  truncated(connection: number, offset: number): void;
  /** To all viewers. */
  resized(size: TerminalSize): void;
  exited(exitCode: number): void;
  /** False while what was sent waits in this process: no frame is added, so that another terminal's echo finds a way between. */
  canSend?(): boolean;
}

/**
 * A viewer that has been sent everything is live; live viewers share one flow (`#live`), the others have each their own.
 * Invariants: sent <= acked + creditWindowBytes for every viewer, plus at most the one live frame that took it out of the live flow;
 * a viewer's `sent` is where the relay has it, and is the live flow's only while it is live.
 */
export class TerminalOutput {
  readonly #buffer: ReplayBuffer;
  readonly #viewers = new Map<number, Viewer>();
  #live: Flow = { sent: 0, sentAtMs: Number.NEGATIVE_INFINITY };
  #lastAck = 0;
  #runsOnAtMs: number | null = null;
  /** A size that the viewers are not told yet: it holds for output from `offset` on. */
  #resize: { offset: number; size: TerminalSize } | null = null;
  #exitCode: number | null = null;
  #isExitTold = false;

  constructor(replayBufferBytes: number = limits.replayBufferBytes) {
    this.#buffer = new ReplayBuffer(replayBufferBytes);
  }

  get end(): number {
    return this.#buffer.end;
  }

  get hasExited(): boolean {
    return this.#exitCode !== null;
  }

  /** A copy of the last bytes printed. */
  tail(bytes: number): Uint8Array {
    const from = Math.max(this.#buffer.start, this.#buffer.end - bytes);
    const first = this.#buffer.view(from, bytes);
    return Buffer.concat([first, this.#buffer.view(from + first.length, bytes)]);
  }

  append(bytes: Uint8Array, nowMs: number): void {
    this.#buffer.append(bytes);
    this.#noteFullness(nowMs);
  }

  /**
   * The program has another size. The viewers are told once the one furthest ahead was sent all output that was read before, and before
   * any that is read after; to a viewer that is behind it comes early. What the program printed and nobody has read counts as after.
   */
  resize(size: TerminalSize): void {
    this.#resize = { offset: this.#buffer.end, size };
    this.expectEcho();
  }

  /** The program is gone and all its output appended. */
  exit(exitCode: number): void {
    this.#exitCode = exitCode;
  }

  /**
   * `shown` is the offset up to which the viewer already shows this instance, null when it shows nothing.
   * Output continues at the returned offset; `hasMissed` when bytes behind `shown` are no longer kept.
   */
  attach(connection: number, shown: number | null): { offset: number; end: number; hasMissed: boolean } {
    this.#viewers.delete(connection);
    const { start, end } = this.#buffer;
    const hasLive = this.#hasLiveViewer();
    // Nobody has been sent more than the live flow: a viewer beyond it would wait until the flow comes by.
    const isKnown = shown !== null && shown <= (hasLive ? this.#live.sent : end);
    const known = isKnown ? shown : start;
    const offset = Math.max(known, start);
    if (isKnown) this.#lastAck = Math.max(this.#lastAck, shown);
    const isLive = hasLive && offset === this.#live.sent;
    this.#viewers.set(connection, newViewer(offset, isLive));
    this.#runsOnAtMs = null;
    return { offset, end, hasMissed: known < start };
  }

  detach(connection: number, nowMs: number): void {
    if (this.#viewers.delete(connection)) this.#noteFullness(nowMs);
  }

  detachAll(nowMs: number): void {
    this.#viewers.clear();
    this.#noteFullness(nowMs);
  }

  ack(connection: number, offset: number): void {
    const viewer = this.#viewers.get(connection);
    if (viewer === undefined) return;
    const sent = viewer.isLive ? this.#live.sent : viewer.sent;
    viewer.acked = Math.max(viewer.acked, Math.min(offset, sent));
    this.#lastAck = Math.max(this.#lastAck, viewer.acked);
  }

  /** Input has arrived: its echo is sent without waiting for more output. */
  expectEcho(): void {
    this.#live.sentAtMs = Number.NEGATIVE_INFINITY;
    for (const viewer of this.#viewers.values()) viewer.sentAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Whether the PTY is read on: into the window of the most advanced viewer, or unattended until the buffer is full and held long enough. */
  wantsOutput(nowMs: number): boolean {
    if (this.#viewers.size > 0) return this.#buffer.end - this.#mostAcked() < limits.creditWindowBytes;
    return this.#runsOnAtMs === null || nowMs >= this.#runsOnAtMs;
  }

  /** When a program that is held at a full buffer runs on, or null. */
  holdEndsAtMs(nowMs: number): number | null {
    return this.#runsOnAtMs !== null && this.#runsOnAtMs > nowMs ? this.#runsOnAtMs : null;
  }

  /** Sends all that is due; returns when to come again without another event, or null. */
  pump(sink: OutputSink, nowMs: number): number | null {
    let dueAtMs: (number | null)[];
    // Who joins the live flow may carry it beyond where it was stuck. Nobody joins twice: who leaves it has no credit left.
    let hasJoined: boolean;
    do {
      hasJoined = false;
      dueAtMs = [this.holdEndsAtMs(nowMs), this.#pumpLive(sink, nowMs)];
      for (const [connection, viewer] of this.#viewers) {
        if (viewer.isLive) continue;
        dueAtMs.push(this.#pumpReplay(connection, viewer, sink, nowMs));
        hasJoined ||= viewer.isLive;
      }
    } while (hasJoined);
    if (this.#viewers.size === 0) this.#resize = null;
    this.#tellExit(sink);
    const earliest = Math.min(...dueAtMs.map((due) => due ?? Number.POSITIVE_INFINITY));
    return Number.isFinite(earliest) ? earliest : null;
  }

  #pumpLive(sink: OutputSink, nowMs: number): number | null {
    while (maySend(sink) && this.#hasLiveViewer()) {
      this.#tellSize(sink, this.#live.sent);
      const payload = this.#nextLive(nowMs);
      if (payload === null || typeof payload === "number") return payload;
      sink.frame(ALL_LIVE_VIEWERS, this.#live.sent, payload);
      advance(this.#live, payload.length, nowMs);
      this.#leaveBehind(sink, nowMs);
    }
    return null;
  }

  #nextLive(nowMs: number): Uint8Array | number | null {
    const target = this.#resize?.offset ?? this.#buffer.end;
    return nextPayload(this.#buffer, this.#live, target, this.#mostAcked(true) + limits.creditWindowBytes, nowMs);
  }

  /** Takes viewers out of the live flow whose window the last live frame overran. */
  #leaveBehind(sink: OutputSink, nowMs: number): void {
    for (const [connection, viewer] of this.#viewers) {
      if (!viewer.isLive || this.#live.sent <= viewer.acked + limits.creditWindowBytes) continue;
      viewer.isLive = false;
      viewer.isBehind = true;
      viewer.sent = this.#live.sent;
      viewer.sentAtMs = nowMs;
      sink.behind(connection, viewer.sent);
    }
  }

  #pumpReplay(connection: number, viewer: Viewer, sink: OutputSink, nowMs: number): number | null {
    while (maySend(sink)) {
      if (viewer.sent < this.#buffer.start) {
        if (!skipLost(viewer, this.#buffer.start)) return null;
        sink.truncated(connection, viewer.sent);
      }
      const hasLive = this.#hasLiveViewer();
      if (!hasLive) this.#tellSize(sink, viewer.sent);
      const target = hasLive ? this.#live.sent : (this.#resize?.offset ?? this.#buffer.end);
      if (viewer.sent === target) {
        if (viewer.isBehind) return null;
        if (!hasLive) this.#live = { sent: target, sentAtMs: viewer.sentAtMs };
        viewer.isLive = true;
        return null;
      }
      const payload = nextPayload(this.#buffer, viewer, target, viewer.acked + limits.creditWindowBytes, nowMs);
      if (payload === null || typeof payload === "number") return payload;
      sink.frame(connection, viewer.sent, payload);
      viewer.isBehind = false;
      advance(viewer, payload.length, nowMs);
    }
    return null;
  }

  #tellSize(sink: OutputSink, sent: number): void {
    if (this.#resize === null || sent < this.#resize.offset) return;
    sink.resized(this.#resize.size);
    this.#resize = null;
  }

  #tellExit(sink: OutputSink): void {
    if (this.#exitCode === null) return;
    let isNews = this.#viewers.size === 0 && !this.#isExitTold;
    for (const viewer of this.#viewers.values()) {
      const sent = viewer.isLive ? this.#live.sent : viewer.sent;
      if (viewer.knowsExit || sent < this.#buffer.end) continue;
      viewer.knowsExit = true;
      isNews = true;
    }
    if (!isNews) return;
    this.#isExitTold = true;
    sink.exited(this.#exitCode);
  }

  #noteFullness(nowMs: number): void {
    const isFull = this.#buffer.end - this.#lastAck > this.#buffer.capacityBytes - PTY_READ_BYTES_MAX;
    if (this.#viewers.size > 0 || !isFull) this.#runsOnAtMs = null;
    else this.#runsOnAtMs ??= nowMs + limits.unattendedHoldMs;
  }

  #hasLiveViewer(): boolean {
    for (const viewer of this.#viewers.values()) if (viewer.isLive) return true;
    return false;
  }

  #mostAcked(isLiveOnly = false): number {
    let most = 0;
    for (const viewer of this.#viewers.values()) if (viewer.isLive || !isLiveOnly) most = Math.max(most, viewer.acked);
    return most;
  }
}

function maySend(sink: OutputSink): boolean {
  return sink.canSend?.() ?? true;
}
