// The edge's bindings as the platform hands them over, and the settings parsed from them once per isolate.

import { z } from "zod";
import { poolNameSchema } from "#wire/ids.ts";
import { readSessionLengths, type SessionLengths } from "#wire/session-lengths.ts";
import { TokenSigner } from "#wire/signed-token.ts";
import type { CatalogCalls } from "./catalog/catalog-calls.ts";
import type { PoolCalls } from "./runner-pool/pool-calls.ts";
import type { SessionCalls } from "./session/session-calls.ts";

export type Bindings = {
  SIGNING_KEY: string;
  DATABASE_URL: string;
  DATABASE_TOKEN?: string;
  REGION?: string;
  DEV_SIGN_IN?: string;
  BERTH_METRICS_TOKEN?: string;
  SESSION_IDLE_MINUTES?: string;
  SESSION_TOTAL_MINUTES?: string;
  SESSION_MOST_MINUTES?: string;
  /** Cloudflare's assets binding, or a disk service on plain workerd. */
  ASSETS: Fetcher;
  USER_SESSION: DurableObjectNamespace<SessionCalls>;
  RUNNER_POOL: DurableObjectNamespace<PoolCalls>;
  CATALOG: DurableObjectNamespace<CatalogCalls>;
};

const settingsSchema = z.object({
  SIGNING_KEY: z.string().min(1),
  DATABASE_URL: z.url(),
  DATABASE_TOKEN: z.string().optional(),
  REGION: poolNameSchema.default("local"),
  DEV_SIGN_IN: z.string().optional(),
  BERTH_METRICS_TOKEN: z.string().min(1).optional(),
});

export type Settings = {
  signer: TokenSigner;
  /** Name of the runner pool that this edge places sessions in. */
  region: string;
  isDevSignInOn: boolean;
  /** Of sessions that are opened from now on. */
  lengths: SessionLengths;
  /** What a reader of the metrics must show; without one there are none. */
  metricsToken: string | undefined;
  database: { url: string; token: string | undefined };
};

const settingsByBindings = new WeakMap<Bindings, Settings>();

/** Throws with the names of the bindings that are missing or wrong. */
export function readSettings(bindings: Bindings): Settings {
  const known = settingsByBindings.get(bindings);
  if (known !== undefined) return known;
  const parsed = settingsSchema.parse(bindings);
  const { lengths, problem } = readSessionLengths(bindings);
  if (lengths === null) throw new Error(problem);
  const settings: Settings = {
    signer: new TokenSigner(parsed.SIGNING_KEY),
    region: parsed.REGION,
    lengths,
    isDevSignInOn: parsed.DEV_SIGN_IN === "1",
    metricsToken: parsed.BERTH_METRICS_TOKEN,
    database: { url: parsed.DATABASE_URL, token: parsed.DATABASE_TOKEN },
  };
  settingsByBindings.set(bindings, settings);
  return settings;
}

export function userSessionOf(bindings: Bindings, user: string): DurableObjectStub<SessionCalls> {
  return bindings.USER_SESSION.getByName(user);
}

export function runnerPoolOf(bindings: Bindings, pool: string): DurableObjectStub<PoolCalls> {
  return bindings.RUNNER_POOL.getByName(pool);
}

export function catalogOf(bindings: Bindings): DurableObjectStub<CatalogCalls> {
  return bindings.CATALOG.getByName("catalog");
}
