// An edge without Worker or container, for driving the page: the API in memory, the socket with a real shell, and faults on demand.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import type { Challenge } from "#wire/challenge.ts";
import { closeCodes } from "#wire/close-codes.ts";
import { type ErrorCode, errorCodes } from "#wire/errors.ts";
import { type HistorySession, historySchema } from "#wire/history.ts";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import { type EndReason, finalStates, type Notice, type Session } from "#wire/session.ts";
import { decodeBrowserFrame, encodeBrowserFrame, PROBE_FRAME } from "#wire/terminal-frame.ts";
import { browserMessageSchema, type EdgeMessage, PING, PONG } from "#wire/terminal.ts";
import { BROWSER_SUBPROTOCOL } from "#wire/version.ts";
import { FakeTerminal, type Viewer } from "./fake-terminal.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export type FakeEdgeOptions = { assets: string; challenges: Challenge[] };

/** What a test may change while it runs. */
export type Faults = {
  catalogue: "ok" | "stale" | "failing" | "pending";
  /** How far a new session gets by itself. */
  startsUntil: "placing" | "starting" | "running" | "ready";
  refusesSockets: boolean;
  /** Between the browser and everything behind its socket, there and back. */
  delayMs: number;
  health: "ok" | "failing";
  /** What becomes of binary frames that only probe. */
  binary: "returned" | "changed" | "lost";
  /** Who answers a probe. */
  probes: "all" | "host" | "none";
  /** Whether what is typed is noted as use of the session. */
  hearsTyping: boolean;
  extension: "given" | "extended_lately" | "cannot_extend";
  history: "ok" | "unavailable" | "pending";
};

const HISTORY_PAGE = 20;
/** When an extension that is refused is taken again. */
const REFUSED_MS = 12 * 60_000;

export class FakeEdge {
  readonly faults: Faults = {
    catalogue: "ok",
    startsUntil: "ready",
    refusesSockets: false,
    delayMs: 0,
    health: "ok",
    binary: "returned",
    probes: "all",
    hearsTyping: true,
    extension: "given",
    history: "ok",
  };
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => BROWSER_SUBPROTOCOL });
  readonly #viewers = new Map<WebSocket, Viewer>();
  readonly #assets: string;
  #challenges: Challenge[];
  #reader: { login: string; name: string } | null = null;
  #session: Session | null = null;
  #terminals: FakeTerminal[] = [];
  #history: HistorySession[] = [];
  readonly marksRead: number[] = [];
  #workspace = "";

  constructor({ assets, challenges }: FakeEdgeOptions) {
    this.#assets = assets;
    this.#challenges = challenges;
    this.#server.on("upgrade", (request, socket, head) => {
      if (this.faults.refusesSockets) {
        socket.destroy();
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#connect(opened, request.url ?? ""));
    });
  }

  /** Returns the address. */
  async listen(): Promise<string> {
    this.#workspace = await mkdtemp(join(tmpdir(), "berth-fake-edge-"));
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#hangUp();
    this.cut();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#workspace, { recursive: true, force: true });
  }

  get connections(): number {
    return this.#viewers.size;
  }

  offer(challenges: Challenge[]): void {
    this.#challenges = challenges;
  }

  /** Cuts every socket as a deploy does: without a close frame. */
  cut(): void {
    for (const socket of this.#viewers.keys()) socket.terminate();
  }

  closeSockets(name: keyof typeof closeCodes): void {
    const { code, reason } = closeCodes[name];
    for (const socket of this.#viewers.keys()) socket.close(code, reason);
  }

  /** A new container: the old shells are gone. */
  replaceContainer(): void {
    this.#hangUp();
    this.#broadcast({ type: "reattach" });
    this.#tellTerminals();
  }

  sizeOf(terminal: number): { cols: number; rows: number } {
    return this.#terminals[terminal]?.size ?? { cols: 0, rows: 0 };
  }

  /** As another device would. */
  resize(terminal: number, cols: number, rows: number): void {
    this.#terminals[terminal]?.resize(cols, rows);
  }

  /** Past sessions, newest first. */
  remember(history: HistorySession[]): void {
    this.#history = history;
  }

  tell(notice: Notice): void {
    this.#broadcast({ type: "notice", notice });
  }

  /** Returned by the page as `read`. */
  mark(mark: number): void {
    this.#broadcast({ type: "mark", mark });
  }

  change(change: Partial<Session>): void {
    if (this.#session === null) return;
    this.#session = { ...this.#session, ...change };
    this.#broadcast({ type: "session", session: this.#session });
    if (finalStates.has(this.#session.state)) this.closeSockets("session_ended");
  }

  /** What was so once, as a page knows it that nobody told since. */
  tellOld(change: Partial<Session>): void {
    if (this.#session !== null) this.#broadcast({ type: "session", session: { ...this.#session, ...change } });
  }

  end(state: "stopped" | "failed" | "expired", reason: EndReason): void {
    this.change({ state, reason, reachable: false });
    this.#hangUp();
    this.#terminals = [];
  }

  #hangUp(): void {
    for (const terminal of this.#terminals) terminal.close();
  }

  #tellTerminals(): void {
    if (this.#terminals.length > 0) this.change({ terminals: this.#terminals.flatMap(({ summary }) => summary) });
  }

  #broadcast(message: EdgeMessage): void {
    for (const viewer of this.#viewers.values()) viewer.send(message);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://edge");
    if (pathname === "/healthz") return answer(response, this.faults.health === "ok" ? 200 : 500, { status: "ok" });
    if (!pathname.startsWith("/api/") && !pathname.startsWith("/auth/")) return this.#serveAsset(pathname, response);
    const body = await readBody(request);
    const route = `${request.method} ${pathname}`;
    if (route === "POST /auth/dev") {
      this.#reader = { login: String(body["login"]), name: String(body["name"] ?? body["login"]) };
      return answer(response, 200, { ...this.#reader, role: "learner" });
    }
    if (this.#reader === null) return refuse(response, "sign_in_required");
    if (route === "POST /auth/sign-out") {
      this.#reader = null;
      return answer(response, 204);
    }
    if (route === "GET /api/me") return answer(response, 200, { ...this.#reader, role: "learner" });
    if (route === "GET /api/challenges") return this.#listChallenges(response);
    if (pathname.startsWith("/api/challenges/")) {
      const challenge = this.#challenges.find(({ slug }) => pathname === `/api/challenges/${slug}`);
      return challenge === undefined ? refuse(response, "challenge_not_found") : answer(response, 200, challenge);
    }
    if (route === "GET /api/history") return this.#serveHistory(searchParams.get("before"), response);
    return this.#serveSession(route, body, response);
  }

  #serveHistory(before: string | null, response: ServerResponse): void {
    const { history } = this.faults;
    if (history === "unavailable") return refuse(response, "history_unavailable");
    if (history === "pending") return;
    const cursorOf = ({ startedAt, id }: HistorySession) => `${startedAt}-${id}`;
    const start = before === null ? 0 : this.#history.findIndex((session) => cursorOf(session) === before) + 1;
    const sessions = this.#history.slice(start, start + HISTORY_PAGE);
    const last = sessions.at(-1);
    const next = last === undefined || start + HISTORY_PAGE >= this.#history.length ? null : cursorOf(last);
    answer(response, 200, historySchema.parse({ sessions, next }));
  }

  #serveSession(route: string, body: Record<string, unknown>, response: ServerResponse): void {
    const session = this.#session;
    const isActive = session !== null && !finalStates.has(session.state);
    if (route === "GET /api/sessions/current") {
      if (isActive) answer(response, 200, session);
      else refuse(response, "session_not_found");
    } else if (route === "POST /api/sessions") {
      if (!isActive) answer(response, 201, this.#open(String(body["challengeId"])));
      else if (session.challengeId === body["challengeId"]) answer(response, 200, session);
      else refuse(response, "exit_current_challenge", { currentChallenge: session.challengeId });
    } else if (isActive && route === `POST /api/sessions/${session.id}/extend`) {
      this.#extend(session, response);
    } else if (session === null || !route.endsWith(session.id)) {
      refuse(response, "session_not_found");
    } else {
      if (route.startsWith("DELETE")) {
        this.end("stopped", { code: "ended_by_learner", message: "You ended this session." });
      }
      answer(response, 200, this.#session);
    }
  }

  #extend(session: Session, response: ServerResponse): void {
    const now = Date.now();
    const { extension } = this.faults;
    this.change({ idleAt: now + limits.sessionIdleMs });
    if (extension === "cannot_extend") refuse(response, "cannot_extend");
    else if (extension === "extended_lately") refuse(response, "extended_lately", { extendableAt: now + REFUSED_MS });
    else {
      const expiresAt = Math.max(session.expiresAt, Math.min(session.mostAt, now + limits.extendByMs));
      this.change({ expiresAt, extendableAt: expiresAt < session.mostAt ? now + limits.extendEveryMs : null });
      answer(response, 200, this.#session);
    }
  }

  #noteTyping(): void {
    const idleAt = Date.now() + limits.sessionIdleMs;
    if (!this.faults.hearsTyping || this.#session === null) return;
    if (idleAt - this.#session.idleAt >= limits.activityNoteEveryMs) this.change({ idleAt });
  }

  #open(challengeId: string): Session {
    const now = Date.now();
    const session: Session = {
      id: newId("s"),
      epoch: 1,
      state: "starting",
      challengeId,
      host: null,
      reachable: false,
      createdAt: now,
      idleAt: now + limits.sessionIdleMs,
      expiresAt: now + limits.sessionTotalMs,
      mostAt: now + limits.sessionMostMs,
      extendableAt: now + limits.sessionTotalMs - limits.extendByMs,
      terminals: [],
    };
    this.#session = session;
    this.#terminals = Array.from(
      { length: limits.terminalsPerSession },
      (_, terminal) => new FakeTerminal(terminal, this.#workspace, () => this.#tellTerminals()),
    );
    const reached = ["placing", "starting", "running", "ready"].indexOf(this.faults.startsUntil);
    const host = { id: newId("h"), region: "local" };
    const steps: Partial<Session>[] = [{ host }, { state: "running", reachable: true }, { state: "ready" }];
    // Each step waits for the answer to the request, and for the event loop: the page sees all of them.
    setTimeout(() => {
      for (const step of steps.slice(0, reached)) this.change(step);
    }, 50);
    return session;
  }

  #listChallenges(response: ServerResponse): void {
    const challenges = this.#challenges.map(({ task: _task, images: _images, ...summary }) => summary);
    const { catalogue } = this.faults;
    if (catalogue === "failing") refuse(response, "catalogue_unavailable");
    else if (catalogue !== "pending") answer(response, 200, { challenges, stale: catalogue === "stale" });
  }

  async #serveAsset(pathname: string, response: ServerResponse): Promise<void> {
    const path = extname(pathname) === "" ? "/index.html" : normalize(pathname);
    try {
      const content = await readFile(join(this.#assets, path));
      response.writeHead(200, {
        "content-type": types[extname(path)] ?? "application/octet-stream",
        "content-security-policy": contentSecurityPolicy,
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  }

  #connect(socket: WebSocket, url: string): void {
    const session = this.#session;
    if (session === null || !url.endsWith(session.id) || finalStates.has(session.state)) {
      const { code, reason } = closeCodes[session === null ? "session_not_found" : "session_ended"];
      socket.close(code, reason);
      return;
    }
    const later = (act: () => void) => {
      const { delayMs } = this.faults;
      if (delayMs === 0) act();
      else setTimeout(act, delayMs / 2);
    };
    const viewer: Viewer = {
      send: (message) => later(() => socket.send(JSON.stringify(message))),
      sendOutput: (terminal, offset, payload) => {
        const frame = encodeBrowserFrame({ terminal, offset, payload });
        later(() => socket.send(frame));
      },
    };
    this.#viewers.set(socket, viewer);
    socket.on("close", () => {
      this.#viewers.delete(socket);
      for (const terminal of this.#terminals) terminal.detach(viewer);
    });
    socket.on("message", (bytes: Buffer, isBinary) => {
      later(() => {
        if (isBinary) this.#takeFrame(socket, viewer, bytes);
        else if (bytes.toString() === PING) later(() => socket.send(PONG));
        else this.#carryOut(viewer, bytes.toString());
      });
    });
    viewer.send({ type: "session", session });
  }

  #takeFrame(socket: WebSocket, viewer: Viewer, bytes: Buffer): void {
    if (bytes[0] === PROBE_FRAME) {
      if (this.faults.binary === "changed") bytes.fill(0, 1);
      if (this.faults.binary !== "lost") socket.send(bytes);
      return;
    }
    const frame = decodeBrowserFrame(bytes, limits.inputFrameBytes);
    if (frame === null) return;
    this.#terminals[frame.terminal]?.input(viewer, frame.offset, frame.payload);
    this.#noteTyping();
  }

  #carryOut(viewer: Viewer, text: string): void {
    const message = browserMessageSchema.parse(JSON.parse(text));
    switch (message.type) {
      case "open":
        this.#terminals[message.terminal]?.open(viewer, message);
        break;
      case "resize":
        this.#terminals[message.terminal]?.resize(message.cols, message.rows);
        break;
      case "close":
        this.#terminals[message.terminal]?.end(message.instance);
        break;
      case "read":
        this.marksRead.push(message.mark);
        break;
      case "probe":
        if (this.faults.probes === "all" || this.faults.probes === message.at)
          viewer.send({ ...message, type: "probed" });
        break;
      case "ack":
        break;
    }
  }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? {} : JSON.parse(text);
}

function answer(response: ServerResponse, status: number, body?: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function refuse(response: ServerResponse, code: ErrorCode, members: Record<string, unknown> = {}): void {
  const { status, title } = errorCodes[code];
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(
    JSON.stringify({ type: "about:blank", status, code, title, detail: "Try again in a moment.", ...members }),
  );
}
