// What the page asks of the edge once, when the learner does something.

import { z } from "zod";
import { type Session, sessionSchema } from "#wire/session.ts";
import { Problem } from "./problem.ts";
import { request } from "./request.ts";

export async function signIn(login: string, name: string): Promise<void> {
  await request("/auth/dev", z.unknown(), { method: "POST", body: name === "" ? { login } : { login, name } });
}

export async function signOut(): Promise<void> {
  await request("/auth/sign-out", z.unknown(), { method: "POST" });
}

/** `idempotencyKey` is one per wish of the learner: a retry of the same wish carries the same key. */
export function openSession(challengeId: string, idempotencyKey: string): Promise<Session> {
  return request("/api/sessions", sessionSchema, {
    method: "POST",
    body: { challengeId },
    headers: { "idempotency-key": idempotencyKey },
  });
}

/** Throws `session_not_found` for one that the edge no longer remembers. */
export function readSession(id: string): Promise<Session> {
  return request(`/api/sessions/${id}`, sessionSchema);
}

/** Ending a session that has ended is no mistake. */
export async function endSession(id: string): Promise<void> {
  try {
    await request(`/api/sessions/${id}`, z.unknown(), { method: "DELETE" });
  } catch (error) {
    if (!(error instanceof Problem) || (error.code !== "session_ended" && error.code !== "session_not_found"))
      throw error;
  }
}

/** Refused with `extended_lately`, which says when it is taken again, or `cannot_extend`. */
export function extendSession(id: string): Promise<Session> {
  return request(`/api/sessions/${id}/extend`, sessionSchema, { method: "POST" });
}

/** From when on an extension is taken that was refused; null: never again, undefined: it was refused for another reason. */
export function readExtendableAt(error: unknown): number | null | undefined {
  if (!(error instanceof Problem)) return undefined;
  if (error.code === "cannot_extend") return null;
  return error.code === "extended_lately" ? z.int().safeParse(error.members["extendableAt"]).data : undefined;
}

const currentChallengeSchema = z.union([z.string(), z.object({ slug: z.string() }).transform(({ slug }) => slug)]);

/** The slug of the challenge that stands in the way, when that is why opening was refused. */
export function readBlockingChallenge(error: unknown): string | null {
  if (!(error instanceof Problem) || error.code !== "exit_current_challenge") return null;
  const parsed = currentChallengeSchema.safeParse(error.members["currentChallenge"]);
  return parsed.success ? parsed.data : null;
}
