// Carries out one examination: measures each part of the way in turn and tells each line as soon as it is judged.

import { newId } from "#wire/ids.ts";
import { sessionSchema } from "#wire/session.ts";
import { explainDistance } from "./distance.ts";
import { type CheckName, checkNames, type Finding } from "./finding.ts";
import {
  judgeBinary,
  judgeHttp,
  judgeSession,
  judgeSignIn,
  judgeSocket,
  judgeTrips,
  skipBeyondBerth,
  skipBeyondHost,
  skipBeyondSocket,
} from "./judge.ts";
import type { BinaryAnswer, HttpAnswer, SessionAnswer } from "./measure.ts";
import { ProbeSocket } from "./probe-socket.ts";

const HTTP_WITHIN_MS = 8_000;
const ASKED = { http: 4, binary: 3, trips: 7 } as const;
/** Between two round trips: each is to be one of its own, and the edge bounds what one socket may ask. */
const PAUSE_MS = 40;
const LOST_ENOUGH = 2;

export type ExaminationListener = {
  found: (name: CheckName, finding: Finding) => void;
  /** What the edge's clock said, with the answers it came with. */
  answered: (answers: readonly HttpAnswer[]) => void;
};

type Received = { answer: HttpAnswer; body: unknown };

async function ask(path: string, signal: AbortSignal): Promise<Received> {
  const startedAt = performance.now();
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(HTTP_WITHIN_MS)]);
    const response = await fetch(path, { cache: "no-store", headers: { accept: "application/json" }, signal: limit });
    const ms = performance.now() - startedAt;
    const edgeTime = Date.parse(response.headers.get("date") ?? "");
    const answer: HttpAnswer = {
      name: "answered",
      status: response.status,
      ms,
      edgeTime: Number.isNaN(edgeTime) ? null : edgeTime,
    };
    return { answer, body: await response.json().catch(() => null) };
  } catch {
    return { answer: { name: "silent" }, body: null };
  }
}

function readSessionAnswer({ answer, body }: Received): SessionAnswer {
  if (answer.name === "silent") return { name: "unknown" };
  if (answer.status === 401) return { name: "signed_out" };
  const parsed = sessionSchema.safeParse(body);
  if (parsed.success) return { name: "session", session: parsed.data };
  return answer.status === 200 || answer.status === 404 ? { name: "none" } : { name: "unknown" };
}

/** Fewer times where each of the first answers is `lost`: waiting for more of them would tell nothing new. */
async function repeat<T>(times: number, act: () => Promise<T>, signal: AbortSignal, lost?: T): Promise<T[]> {
  const results: T[] = [];
  const isHopeless = () => results.length >= LOST_ENOUGH && results.every((result) => result === lost);
  while (results.length < times && !signal.aborted && !isHopeless()) {
    if (results.length > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    results.push(await act());
  }
  return results;
}

/** What the page knows: who it takes the reader to be, and whether typing is shown before its echo. */
export type Known = { login: string | null; isPredicting: boolean };

/** Ends early, and says no more, when `signal` aborts. */
export async function examine(known: Known, listener: ExaminationListener, signal: AbortSignal): Promise<void> {
  const tell = (name: CheckName, finding: Finding): void => {
    if (!signal.aborted) listener.found(name, finding);
  };
  const health = await repeat(ASKED.http, async () => (await ask("/healthz", signal)).answer, signal);
  if (signal.aborted) return;
  listener.answered(health);
  tell("http", judgeHttp(health, navigator.onLine));
  tell("sign_in", judgeSignIn((await ask("/api/me", signal)).answer, known.login));
  const session = readSessionAnswer(await ask("/api/sessions/current", signal));
  tell("session", judgeSession(session));
  if (signal.aborted) return;
  const isSilent = session.name === "unknown" && health.every(({ name }) => name === "silent");
  if (!isSilent) await examineSocket(session, known, tell, signal);
  else for (const name of checkNames.slice(checkNames.indexOf("socket"))) tell(name, skipBeyondBerth());
}

async function examineSocket(
  answer: SessionAnswer,
  { isPredicting }: Known,
  tell: (name: CheckName, finding: Finding) => void,
  signal: AbortSignal,
): Promise<void> {
  const hasSession = answer.name === "session";
  // Without a lab the edge refuses a lab that does not exist: the refusal shows that a socket opens.
  const socket = new ProbeSocket(hasSession ? answer.session.id : newId("s"));
  const hangUp = (): void => socket.close();
  signal.addEventListener("abort", hangUp);
  try {
    const opened = await socket.open();
    tell("socket", judgeSocket(opened, hasSession));
    const isOpen = opened.name === "open";
    const beyond = skipBeyondSocket(isOpen, answer);
    if (!isOpen) {
      for (const name of ["binary", "edge", "host", "container"] as const) tell(name, beyond);
      return;
    }
    tell("binary", judgeBinary(await repeat<BinaryAnswer>(ASKED.binary, () => socket.binary(), signal, "lost")));
    const edge = await repeat(ASKED.trips, () => socket.ping(), signal, null);
    tell("edge", judgeTrips("edge", edge));
    const isReady = hasSession && answer.session.state === "ready" && answer.session.reachable;
    if (!isReady) {
      for (const name of ["host", "container"] as const) tell(name, beyond);
      return;
    }
    const host = await repeat(ASKED.trips, () => socket.probe("host"), signal, null);
    const distance = explainDistance(edge, host, isPredicting);
    // Known only now: what seemed a slow network was a long way.
    if (distance !== null) tell("edge", judgeTrips("edge", edge, distance));
    tell("host", judgeTrips("host", host, distance));
    const isHostSilent = host.every((ms) => ms === null);
    const container = isHostSilent ? [] : await repeat(ASKED.trips, () => socket.probe("container"), signal, null);
    tell(
      "container",
      isHostSilent
        ? skipBeyondHost()
        : judgeTrips("container", container, explainDistance(edge, container, isPredicting)),
    );
  } finally {
    signal.removeEventListener("abort", hangUp);
    socket.close();
  }
}
