// The catalogue as learners read it.

import { challengeListSchema, challengeSchema } from "#wire/challenge.ts";
import { AppError, type ErrorCode } from "#wire/errors.ts";
import type { Known } from "../catalog/catalog-calls.ts";
import { catalogOf } from "../env.ts";
import { defineRoute } from "./route.ts";

/** The value, or the refusal that its absence means. */
export function requireKnown<T>(known: Known<T>, absent: { code: ErrorCode; detail: string }): T {
  switch (known.outcome) {
    case "found":
      return known.value;
    case "not_found":
      throw new AppError(absent.code, absent.detail);
    case "unavailable":
      throw new AppError(
        "catalogue_unavailable",
        "The database does not answer and nothing is known yet. Try again in a moment.",
      );
    default:
      return known satisfies never;
  }
}

export const noSuchChallenge = {
  code: "challenge_not_found",
  detail: "Choose one from the list of challenges.",
} as const;

export const challengeRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/challenges",
    operation: "listChallenges",
    summary: "All challenges; `stale` when the database could not be asked",
    access: "learner",
    answers: { 200: { description: "The list", schema: challengeListSchema } },
    errors: ["catalogue_unavailable"],
    async answer({ bindings }) {
      const list = await catalogOf(bindings).list();
      return {
        status: 200,
        body: requireKnown(list, { code: "catalogue_unavailable", detail: "There is no list yet." }),
      };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/challenges/:slug",
    operation: "readChallenge",
    summary: "One challenge with its task in Markdown",
    access: "learner",
    answers: { 200: { description: "The challenge", schema: challengeSchema } },
    errors: ["challenge_not_found", "catalogue_unavailable"],
    async answer({ bindings, params }) {
      return {
        status: 200,
        body: requireKnown(await catalogOf(bindings).challenge(params["slug"] ?? ""), noSuchChallenge),
      };
    },
  }),
];
