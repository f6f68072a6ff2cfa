// What the page reads from the edge, each with the key it is cached under.

import { infiniteQueryOptions, MutationCache, QueryCache, QueryClient, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { challengeListSchema, challengeSchema } from "#wire/challenge.ts";
import { historySchema } from "#wire/history.ts";
import { finalStates, type Session, sessionSchema } from "#wire/session.ts";
import { loginSchema, roleSchema } from "#wire/tokens.ts";
import { Problem } from "./problem.ts";
import { request } from "./request.ts";

const meSchema = z.object({ login: loginSchema, name: z.string(), role: roleSchema });
export type Me = z.infer<typeof meSchema>;

const CATALOGUE_FRESH_MS = 60_000;

/** Only a network that is not there is worth asking again; a refusal stays one. */
function shouldRetry(failures: number, error: Error): boolean {
  return failures < 2 && error instanceof Problem && error.code === "offline";
}

export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    // Whatever is refused for want of a sign-in leads to the sign-in page.
    queryCache: new QueryCache({ onError: (error) => noteSignOut(client, error) }),
    mutationCache: new MutationCache({ onError: (error) => noteSignOut(client, error) }),
    defaultOptions: { queries: { retry: shouldRetry, retryDelay: 500, refetchOnWindowFocus: true } },
  });
  return client;
}

/** Asks again who the reader is; the answer is what sends the page to sign in. */
function noteSignOut(client: QueryClient, error: Error): void {
  if (error instanceof Problem && error.code === "sign_in_required") {
    void client.invalidateQueries({ queryKey: meQuery.queryKey });
  }
}

/** Null: signed out. */
async function readMe(signal: AbortSignal): Promise<Me | null> {
  try {
    return await request("/api/me", meSchema, { signal });
  } catch (error) {
    if (error instanceof Problem && error.code === "sign_in_required") return null;
    throw error;
  }
}

/** Null: no session is open; one that has ended is not. */
async function readCurrentSession(signal: AbortSignal): Promise<Session | null> {
  try {
    const session = await request("/api/sessions/current", sessionSchema.nullable(), { signal });
    return session === null || finalStates.has(session.state) ? null : session;
  } catch (error) {
    if (error instanceof Problem && error.code === "session_not_found") return null;
    throw error;
  }
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => readMe(signal),
  staleTime: Number.POSITIVE_INFINITY,
});

export const challengesQuery = queryOptions({
  queryKey: ["challenges"],
  queryFn: ({ signal }) => request("/api/challenges", challengeListSchema, { signal }),
  staleTime: CATALOGUE_FRESH_MS,
});

export const challengeQuery = (slug: string) =>
  queryOptions({
    queryKey: ["challenges", slug],
    queryFn: ({ signal }) => request(`/api/challenges/${encodeURIComponent(slug)}`, challengeSchema, { signal }),
    staleTime: CATALOGUE_FRESH_MS,
  });

export const currentSessionQuery = queryOptions({
  queryKey: ["sessions", "current"],
  queryFn: ({ signal }) => readCurrentSession(signal),
});

/** Newest first, a page at a time. */
export const historyQuery = infiniteQueryOptions({
  queryKey: ["history"],
  queryFn: ({ signal, pageParam }) =>
    request(
      pageParam === null ? "/api/history" : `/api/history?before=${encodeURIComponent(pageParam)}`,
      historySchema,
      { signal },
    ),
  initialPageParam: null as string | null,
  getNextPageParam: ({ next }) => next,
});
