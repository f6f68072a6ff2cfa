// The sentences that tell a learner how the session and its connection stand and what to do next.

import { closeCodes } from "#wire/close-codes.ts";
import type { Session, SessionStateName } from "#wire/session.ts";
import type { ConnectionState } from "./connection.ts";

export type Tone = "good" | "busy" | "warning" | "bad";

export type StatusLine = {
  tone: Tone;
  text: string;
  action: "retry_now" | "reload" | "sign_in" | "check_session" | null;
};

const SECOND = 1000;

/** The one line about the way to the container. */
export function describeStatus(
  session: Session,
  connection: ConnectionState,
  now: number,
  isOnline = true,
): StatusLine {
  // Attempts without a network are none. A browser may be mistaken about it, so trying stays possible.
  if (!isOnline && isReconnecting(connection))
    return { tone: "warning", text: "You are offline", action: connection.name === "waiting" ? "retry_now" : null };
  switch (connection.name) {
    case "closed":
      return { tone: "busy", text: "Not connected", action: null };
    case "dialing":
      return {
        tone: connection.attempt === 0 ? "busy" : "warning",
        text: connection.attempt === 0 ? "Connecting" : `Reconnecting, attempt ${connection.attempt}`,
        action: null,
      };
    case "waiting": {
      const seconds = Math.max(0, Math.ceil((connection.dialAt - now) / SECOND));
      const when = seconds <= 1 ? "Reconnecting" : `Reconnecting in ${seconds} s`;
      return {
        tone: "warning",
        text: connection.attempt > 1 ? `${when}, attempt ${connection.attempt}` : when,
        action: "retry_now",
      };
    }
    case "open":
      return describeOpen(session);
    case "over":
      return describeOver(connection);
  }
}

/** The same in a word or two: countdowns and attempts stand at the terminal alone. */
export function nameStatus(session: Session, connection: ConnectionState, isOnline = true): string {
  if (!isReconnecting(connection)) return describeStatus(session, connection, 0).text;
  return isOnline ? "Reconnecting" : "Offline";
}

/** The way to the container is cut, and what is typed waits for it. */
export function isTypingKept(session: Session, connection: ConnectionState): boolean {
  return isReconnecting(connection) || (connection.name === "open" && session.state === "ready" && !session.reachable);
}

function isReconnecting(connection: ConnectionState): boolean {
  return (connection.name === "dialing" || connection.name === "waiting") && connection.attempt > 0;
}

/** The same for a screen reader, which is told of each change of kind and not of every second; null when all is as expected. */
export function describeNews(session: Session, connection: ConnectionState, isOnline = true): string | null {
  switch (connection.name) {
    case "closed":
      return null;
    case "dialing":
    case "waiting":
      if (!isReconnecting(connection)) return null;
      return `${isOnline ? "The connection was lost" : "You are offline"}. What you type is kept and sent once it is back.`;
    case "open":
    case "over": {
      const { tone, text } = describeStatus(session, connection, 0);
      return tone === "busy" ? null : `${text}.`;
    }
  }
}

function describeOpen(session: Session): StatusLine {
  if (session.state !== "ready") return { tone: "busy", text: nameState(session.state), action: null };
  if (session.reachable) return { tone: "good", text: "Connected", action: null };
  return { tone: "warning", text: "Container unreachable, waiting for its host", action: null };
}

function describeOver({ close, next }: ConnectionState & { name: "over" }): StatusLine {
  switch (next) {
    case "reopen":
      return { tone: "bad", text: closeCodes[close].reason, action: "check_session" };
    case "sign_in":
      return { tone: "bad", text: "You are signed out", action: "sign_in" };
    case "reload":
      return { tone: "bad", text: "Berth was updated; reload the page to go on", action: "reload" };
    case "stop":
      return { tone: "bad", text: describeStop(close), action: "retry_now" };
  }
}

function describeStop(close: keyof typeof closeCodes | "cut"): string {
  if (close === "too_many_connections") return "Too many tabs are connected; close one, then retry";
  return close === "cut" ? "The connection was refused" : `Not connected: ${closeCodes[close].reason.toLowerCase()}`;
}

export function nameState(state: SessionStateName): string {
  const names: Record<SessionStateName, string> = {
    starting: "Starting",
    running: "Preparing files",
    ready: "Ready",
    loading_challenge: "Loading challenge",
    stopped: "Ended",
    failed: "Failed",
    expired: "Expired",
  };
  return names[state];
}

export type Ending = { title: string; message: string; next: string };

/** Why a session is over, what became of its files and what can be done; `session` is in a final state, `wasReady` whether it ever was usable. */
export function describeEnding({ state, reason }: Pick<Session, "state" | "reason">, wasReady: boolean): Ending {
  const message = reason?.message ?? "";
  const files = wasReady
    ? "The files and images in its container are gone: there is no copy of them."
    : "Nothing was lost.";
  const startAgain = `${files} Start again to get a fresh container with the challenge’s files.`;
  const tellTwice = `${files} Start again; if it happens twice, tell your instructor.`;
  switch (reason?.code) {
    case "ended_by_learner":
      return { title: "Session ended", message: message || "You ended this session.", next: startAgain };
    case "total_time_over":
      return { title: "Time is up", message, next: startAgain };
    case "idle_too_long":
      return {
        title: "Ended while you were away",
        message: `${message} A session goes on while you type, or while a program runs in one of its terminals.`.trim(),
        next: startAgain,
      };
    case "no_runner_host":
      return {
        title: "Your lab could not be placed",
        message,
        next: "Wait a minute, then start again. If it stays so, tell your instructor.",
      };
    case "start_timed_out":
      return { title: "Your container did not start", message, next: tellTwice };
    case "container_failed":
      return {
        title: wasReady ? "Your container could not go on" : "Your container did not start",
        message,
        next: tellTwice,
      };
    case "starter_failed":
      return { title: "The challenge’s files could not be laid", message, next: tellTwice };
    case "container_lost":
    case "host_lost":
      return { title: "Your container was lost", message, next: startAgain };
    case undefined:
      return { title: state === "failed" ? "The session failed" : "Session ended", message, next: startAgain };
  }
}
