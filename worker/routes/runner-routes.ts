// What runner hosts ask over HTTP: to join a pool, and for starters.

import { starterBundleSchema } from "#wire/challenge.ts";
import { AppError } from "#wire/errors.ts";
import { registeredHostSchema, registerHostBodySchema } from "#wire/tokens.ts";
import { catalogOf, runnerPoolOf } from "../env.ts";
import { requireKnown } from "./challenge-routes.ts";
import { defineRoute } from "./route.ts";

export const runnerRoutes = [
  defineRoute({
    method: "POST",
    path: "/api/runner/hosts",
    operation: "registerHost",
    summary: "Makes a machine a runner host of a pool; a join token works once",
    access: "anyone",
    body: registerHostBodySchema,
    answers: {
      201: { description: "The host and its credential, which is shown only now", schema: registeredHostSchema },
    },
    errors: ["credential_refused", "too_many_requests"],
    async answer({ bindings, settings, body }) {
      const join = await settings.signer.verify("join-token", body.joinToken);
      if (join === null || join.expiresAt <= Date.now()) {
        throw new AppError("credential_refused", "The join token is not genuine or has expired. Ask for a new one.");
      }
      const registered = await runnerPoolOf(bindings, join.pool).register(join.pool, join, body.hostName);
      switch (registered.outcome) {
        case "registered":
          return { status: 201, body: { host: registered.host, pool: join.pool, credential: registered.credential } };
        case "join_token_used":
          throw new AppError("credential_refused", "The join token was used before. Ask for a new one.");
        case "pool_full":
          throw new AppError("too_many_requests", "The pool has as many hosts as it takes. Remove one first.");
        default:
          return registered satisfies never;
      }
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/runner/versions/:hash/starter",
    operation: "readStarter",
    summary: "The starter files of a challenge version",
    access: "runner_host",
    answers: { 200: { description: "The bundle", schema: starterBundleSchema } },
    errors: ["not_found", "catalogue_unavailable"],
    async answer({ bindings, params }) {
      const starter = await catalogOf(bindings).starter(params["hash"] ?? "");
      const text = requireKnown(starter, { code: "not_found", detail: "There is no such version." });
      return { status: 200, text, headers: { "Cache-Control": "private, max-age=31536000, immutable" } };
    },
  }),
];
