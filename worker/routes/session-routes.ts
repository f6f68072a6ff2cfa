// A learner's session over HTTP; the cookie's user addresses the object, an id in a path is only compared there.

import { AppError } from "#wire/errors.ts";
import { openSessionBodySchema, type Session, sessionSchema } from "#wire/session.ts";
import { catalogOf, userSessionOf } from "../env.ts";
import { logFault } from "../log.ts";
import type { ExtendAnswer } from "../session/session-calls.ts";
import { noSuchChallenge, requireKnown } from "./challenge-routes.ts";
import { readIdempotencyKey, readWaitSeconds } from "./request-headers.ts";
import { defineRoute, type RouteAnswer } from "./route.ts";

type SessionStub = ReturnType<typeof userSessionOf>;

const waitHeader = { Prefer: "`wait=N` answers once the session is ready or over, after at most N seconds" };

function requireSession(session: Session | null): Session {
  if (session === null) throw new AppError("session_not_found", "It is not yours, or it was replaced by a newer one.");
  return session;
}

function requireExtended(answer: ExtendAnswer): Session {
  switch (answer.outcome) {
    case "given":
    case "enough":
      return answer.session;
    case "session_not_found":
      return requireSession(null);
    case "session_ended":
      throw new AppError("session_ended", "It cannot be extended any more. Open a challenge to start a new one.");
    case "cannot_extend":
      throw new AppError(
        "cannot_extend",
        "It lasts as long as a session may already. Finish what matters before it ends.",
      );
    case "extended_lately": {
      const { extendableAt } = answer.session;
      const minutes = Math.max(1, Math.ceil(((extendableAt ?? 0) - Date.now()) / 60_000));
      const when = minutes === 1 ? "a minute" : `${minutes} minutes`;
      throw new AppError("extended_lately", `It can be extended again in ${when}.`, { extendableAt });
    }
    default:
      return answer satisfies never;
  }
}

/** The stored decision is the answer whatever becomes of the wait. */
async function settle(stub: SessionStub, session: Session, waitSeconds: number): Promise<Session> {
  if (waitSeconds === 0) return session;
  try {
    return (await stub.waitUntilSettled(session.id, waitSeconds * 1000)) ?? session;
  } catch (error) {
    logFault("wait for a session", error, { session: session.id });
    return session;
  }
}

function answerSession(
  status: number,
  session: Session,
  waitSeconds: number,
  headers: Record<string, string> = {},
): RouteAnswer {
  const applied: Record<string, string> = waitSeconds === 0 ? {} : { "Preference-Applied": `wait=${waitSeconds}` };
  return { status, body: session, headers: { ...applied, ...headers } };
}

export const sessionRoutes = [
  defineRoute({
    method: "POST",
    path: "/api/sessions",
    operation: "openSession",
    summary: "Opens a challenge: a new session, or the one that has it open already",
    access: "learner",
    body: openSessionBodySchema,
    headers: { ...waitHeader, "Idempotency-Key": "Repeats of one wish carry one key and get one answer" },
    answers: {
      200: { description: "The session that has this challenge open", schema: sessionSchema },
      201: { description: "A new session", schema: sessionSchema },
    },
    errors: [
      "challenge_not_found",
      "exit_current_challenge",
      "idempotency_key_reused",
      "too_many_requests",
      "catalogue_unavailable",
    ],
    async answer({ request, bindings, settings, caller, body }) {
      const idempotencyKey = readIdempotencyKey(request);
      const waitSeconds = readWaitSeconds(request);
      const { slug, version, images } = requireKnown(
        await catalogOf(bindings).challenge(body.challengeId),
        noSuchChallenge,
      );
      const stub = userSessionOf(bindings, caller.user);
      const opened = await stub.open({
        user: caller.user,
        pool: settings.region,
        challenge: { slug, version, images },
        idempotencyKey,
      });
      switch (opened.outcome) {
        case "exit_current_challenge":
          throw new AppError("exit_current_challenge", "Another challenge is open. End it first, then open this one.", {
            currentChallenge: opened.session.challengeId,
            currentSession: opened.session.id,
          });
        case "idempotency_key_reused":
          throw new AppError("idempotency_key_reused", "Use a new Idempotency-Key for another challenge.");
        case "outbox_full":
          throw new AppError(
            "too_many_requests",
            "The history of your sessions waits for the database, and there is no room for more. Try again later.",
          );
        default: {
          const session = await settle(stub, opened.session, waitSeconds);
          const replayed: Record<string, string> = opened.isReplay ? { "Idempotency-Replayed": "true" } : {};
          const status = opened.outcome === "created" ? 201 : 200;
          return answerSession(status, session, waitSeconds, { Location: `/api/sessions/${session.id}`, ...replayed });
        }
      }
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/sessions/current",
    operation: "readCurrentSession",
    summary: "The latest session, also when it has ended",
    access: "learner",
    answers: { 200: { description: "The session", schema: sessionSchema } },
    errors: ["session_not_found"],
    async answer({ bindings, caller }) {
      const session = await userSessionOf(bindings, caller.user).current();
      if (session === null)
        throw new AppError("session_not_found", "You have had none yet. Open a challenge to start one.");
      return { status: 200, body: session };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/sessions/:id",
    operation: "readSession",
    summary: "A session of one's own",
    access: "learner",
    headers: waitHeader,
    answers: { 200: { description: "The session", schema: sessionSchema } },
    errors: ["session_not_found"],
    async answer({ request, bindings, caller, params }) {
      const stub = userSessionOf(bindings, caller.user);
      const waitSeconds = readWaitSeconds(request);
      const session = requireSession(await stub.read(params["id"] ?? ""));
      return answerSession(200, await settle(stub, session, waitSeconds), waitSeconds);
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/sessions/:id/extend",
    operation: "extendSession",
    summary: "Gives a session more time from now on; one that has as much already stays as it is",
    access: "learner",
    answers: { 200: { description: "The session with the time it has now", schema: sessionSchema } },
    errors: ["session_not_found", "session_ended", "extended_lately", "cannot_extend"],
    async answer({ bindings, caller, params }) {
      const answer = await userSessionOf(bindings, caller.user).extend(params["id"] ?? "");
      return { status: 200, body: requireExtended(answer) };
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/sessions/:id",
    operation: "endSession",
    summary: "Ends a session; one that has ended stays as it is",
    access: "learner",
    answers: { 200: { description: "The session, ended", schema: sessionSchema } },
    errors: ["session_not_found"],
    async answer({ bindings, caller, params }) {
      return { status: 200, body: requireSession(await userSessionOf(bindings, caller.user).end(params["id"] ?? "")) };
    },
  }),
];
