// One route of the HTTP contract: what it takes, answers and refuses; requests and openapi.json are both driven by it.

import type { z } from "zod";
import { AppError, type ErrorCode } from "#wire/errors.ts";
import type { HostCredential, Role, SignInClaims } from "#wire/tokens.ts";
import { readHostCredential } from "../auth/host-credential.ts";
import { isMetricsToken } from "../auth/metrics-token.ts";
import { readSignIn } from "../auth/sign-in-cookie.ts";
import { type Bindings, readSettings, type Settings } from "../env.ts";
import { requireOwnOrigin } from "../origin.ts";
import { readBody } from "./body.ts";

/** Who may call a route, and as what they come to it. */
type Callers = {
  anyone: null;
  learner: SignInClaims;
  operator: SignInClaims;
  runner_host: HostCredential;
  metrics_reader: null;
};
export type Access = keyof Callers;

export type Call<A extends Access, B> = {
  request: Request;
  url: URL;
  bindings: Bindings;
  settings: Settings;
  params: Readonly<Record<string, string>>;
  caller: Callers[A];
  body: B;
};

/** `text` is a body as it is: JSON, unless the headers say otherwise. */
export type RouteAnswer = { status: number; body?: unknown; text?: string; headers?: Record<string, string> };

type RouteFacts = {
  method: "GET" | "POST" | "DELETE";
  /** Parameters as `:name`. */
  path: string;
  operation: string;
  summary: string;
  access: Access;
  body?: z.ZodType;
  /** Request headers that mean something, by name. */
  headers?: Readonly<Record<string, string>>;
  /** Parameters of the query, by name; none is required. */
  queries?: Readonly<Record<string, string>>;
  answers: Readonly<Record<number, { description: string; schema?: z.ZodType; contentType?: string }>>;
  /** Beside those that access and body bring with them. */
  errors?: readonly ErrorCode[];
};

export type Route = RouteFacts & {
  respond(request: Request, bindings: Bindings, params: Readonly<Record<string, string>>): Promise<Response>;
};

export function defineRoute<A extends Access, B = undefined>(
  facts: RouteFacts & { access: A; body?: z.ZodType<B>; answer(call: Call<A, B>): Promise<RouteAnswer> },
): Route {
  const { answer, ...rest } = facts;
  return {
    ...rest,
    async respond(request, bindings, params) {
      if (facts.method !== "GET") requireOwnOrigin(request);
      const settings = readSettings(bindings);
      const caller = await callers[facts.access](request, bindings, settings);
      const body = await readBody(request, facts.body);
      return toResponse(await answer({ request, url: new URL(request.url), bindings, settings, params, caller, body }));
    },
  };
}

const OPERATORS: ReadonlySet<Role> = new Set(["operator", "admin"]);

async function requireSignIn(request: Request, { signer }: Settings): Promise<SignInClaims> {
  const signIn = await readSignIn(request, signer, Date.now());
  if (signIn === null) throw new AppError("sign_in_required", "Sign in, then try again.");
  return signIn;
}

const callers: { [A in Access]: (request: Request, bindings: Bindings, settings: Settings) => Promise<Callers[A]> } = {
  anyone: async () => null,
  learner: (request, _bindings, settings) => requireSignIn(request, settings),
  async operator(request, _bindings, settings) {
    const signIn = await requireSignIn(request, settings);
    if (!OPERATORS.has(signIn.role)) throw new AppError("role_required", "This is for operators and administrators.");
    return signIn;
  },
  async runner_host(request, bindings, { signer }) {
    const credential = await readHostCredential(request, bindings, signer);
    if (credential === null) throw new AppError("credential_refused", "Send this host's credential as a bearer token.");
    return credential;
  },
  async metrics_reader(request, _bindings, { metricsToken }) {
    if (metricsToken === undefined) throw new AppError("not_found", "This edge shows no metrics.");
    if (await isMetricsToken(request, metricsToken)) return null;
    throw new AppError("credential_refused", "Send the token for metrics as a bearer token.");
  },
};

function toResponse({ status, body, text, headers }: RouteAnswer): Response {
  const sent = text ?? (body === undefined ? null : JSON.stringify(body));
  const contentType: Record<string, string> = sent === null ? {} : { "Content-Type": "application/json" };
  return new Response(sent, { status, headers: { "Cache-Control": "no-store", ...contentType, ...headers } });
}
