// Owns what a terminal instance has printed and who has been shown what: replay, credit windows, coalescing and holding; knows no PTY and no socket.

import { limits } from "#wire/limits.ts";
import { ALL_LIVE_VIEWERS } from "#wire/terminal-frame.ts";
import { ReplayBuffer } from "./replay-buffer.ts";

/** Output that follows other output waits this long for more, unless it answers input. */
const COALESCE_MS = 4;
/** One read of a PTY yields at most this much (libuv's read buffer): held output stops this far before the end of the buffer. */
export const PTY_READ_BYTES_MAX = 64 * 1024;

export interface OutputSink {
  frame(connection: number, offset: number, payload: Uint8Array): void;
  truncated(connection: number, offset: number): void;
  exited(exitCode: number): void;
}

/** One credit-bound stream of frames; `sentAtMs` spaces partial frames. */
type Flow = { sent: number; sentAtMs: number };
type Viewer = Flow & { acked: number; isLive: boolean; knowsExit: boolean };

/**
 * A viewer that has been sent everything is live; live viewers share one flow (`#live`), the others have each their own.
 * Invariant: for every viewer acked <= sent <= acked + creditWindowBytes.
 */
export class TerminalOutput {
  readonly #buffer: ReplayBuffer;
  readonly #viewers = new Map<number, Viewer>();
  #live: Flow = { sent: 0, sentAtMs: Number.NEGATIVE_INFINITY };
  #lastAck = 0;
  #runsOnAtMs: number | null = null;
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

  append(bytes: Uint8Array, nowMs: number): void {
    this.#buffer.append(bytes);
    this.#noteFullness(nowMs);
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
    const known = shown !== null && shown <= end ? shown : start;
    const offset = Math.max(known, start);
    if (shown !== null && shown <= end) this.#lastAck = Math.max(this.#lastAck, shown);
    const viewer = { sent: offset, acked: offset, sentAtMs: Number.NEGATIVE_INFINITY, isLive: false, knowsExit: false };
    this.#viewers.set(connection, viewer);
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
    const dueAtMs = [this.holdEndsAtMs(nowMs), this.#pumpLive(sink, nowMs)];
    for (const [connection, viewer] of this.#viewers) {
      if (!viewer.isLive) dueAtMs.push(this.#pumpReplay(connection, viewer, sink, nowMs));
    }
    this.#tellExit(sink);
    const earliest = Math.min(...dueAtMs.map((due) => due ?? Number.POSITIVE_INFINITY));
    return Number.isFinite(earliest) ? earliest : null;
  }

  #pumpLive(sink: OutputSink, nowMs: number): number | null {
    while (this.#hasLiveViewer()) {
      const mostAcked = this.#mostAcked(true);
      const due = this.#due(this.#live, this.#buffer.end, mostAcked + limits.creditWindowBytes - 1, nowMs);
      if (due === null || typeof due === "number") return due;
      const { payload, left } = this.#leaveBehind(due, mostAcked);
      sink.frame(ALL_LIVE_VIEWERS, this.#live.sent, payload);
      this.#advance(this.#live, payload.length, nowMs);
      for (const [connection, viewer] of left) this.#pumpReplay(connection, viewer, sink, nowMs);
    }
    return null;
  }

  /**
   * Takes viewers without credit for the next live frame out of the live flow; returns them and the frame's payload. A live viewer's
   * credit is not used up to the last byte: the frame of its own that follows shows the relay that it is no longer live.
   */
  #leaveBehind(due: Uint8Array, mostAcked: number): { payload: Uint8Array; left: [number, Viewer][] } {
    let payload = due;
    const left: [number, Viewer][] = [];
    for (const [connection, viewer] of this.#viewers) {
      if (!viewer.isLive || viewer.acked === mostAcked) continue;
      const credit = viewer.acked + limits.creditWindowBytes - this.#live.sent;
      if (credit === payload.length && credit > 1) payload = payload.subarray(0, -1);
      if (credit >= payload.length) continue;
      viewer.isLive = false;
      viewer.sent = this.#live.sent;
      left.push([connection, viewer]);
    }
    return { payload, left };
  }

  #pumpReplay(connection: number, viewer: Viewer, sink: OutputSink, nowMs: number): number | null {
    for (;;) {
      if (viewer.sent < this.#buffer.start && !this.#skipLost(connection, viewer, sink)) return null;
      const hasLive = this.#hasLiveViewer();
      const target = hasLive ? this.#live.sent : this.#buffer.end;
      if (viewer.sent === target) {
        if (viewer.sent === viewer.acked + limits.creditWindowBytes) return null;
        if (!hasLive) this.#live = { sent: target, sentAtMs: viewer.sentAtMs };
        viewer.isLive = true;
        return null;
      }
      const creditEnd = viewer.acked + limits.creditWindowBytes;
      // A viewer whose last credit took it to where the live flow is would be taken for a live one by the relay.
      const reach = creditEnd === target ? target - 1 : target;
      const payload = this.#due(viewer, reach, creditEnd, nowMs);
      if (payload === null || typeof payload === "number") return payload;
      sink.frame(connection, viewer.sent, payload);
      this.#advance(viewer, payload.length, nowMs);
    }
  }

  /** What a flow may send now, or the time at which a partial frame is due, or null when there is nothing or no credit. */
  #due(flow: Flow, target: number, creditEnd: number, nowMs: number): Uint8Array | number | null {
    const pending = target - flow.sent;
    const length = Math.min(pending, creditEnd - flow.sent, limits.terminalFrameBytes);
    if (length <= 0) return null;
    const isPartial = length === pending && length < limits.terminalFrameBytes;
    if (isPartial && nowMs < flow.sentAtMs + COALESCE_MS) return flow.sentAtMs + COALESCE_MS;
    return this.#buffer.view(flow.sent, length);
  }

  #advance(flow: Flow, bytes: number, nowMs: number): void {
    flow.sent += bytes;
    flow.sentAtMs = nowMs;
  }

  /** Moves a viewer over overwritten output once most of what it was sent is drawn; what is under way keeps counting against its window. */
  #skipLost(connection: number, viewer: Viewer, sink: OutputSink): boolean {
    const underWay = viewer.sent - viewer.acked;
    if (underWay > limits.creditWindowBytes / 2) return false;
    viewer.sent = this.#buffer.start;
    viewer.acked = viewer.sent - underWay;
    sink.truncated(connection, viewer.sent);
    return true;
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
