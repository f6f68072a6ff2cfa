// Owns the secrets of one data directory: each made once, readable by their owner only.

import { randomBytes } from "node:crypto";
import { z } from "zod";
import { readJsonFile, writePrivateFile } from "./private-file.ts";

const secretsSchema = z.strictObject({
  /** base64; what all of Berth's tokens are signed under. */
  signingKey: z.base64().min(44),
  /** What the libSQL server asks of its clients. */
  libsqlToken: z.string().min(32),
  /** What the edge asks of who reads its metrics. */
  metricsToken: z.string().min(32),
});
export type Secrets = z.infer<typeof secretsSchema>;

/** As a data directory of an earlier Berth holds them. */
const storedSchema = secretsSchema.partial({ metricsToken: true });

export async function loadSecrets(path: string): Promise<Secrets> {
  const stored = await readJsonFile(path);
  const known = stored === null ? null : storedSchema.parse(stored);
  if (known?.metricsToken !== undefined) return { ...known, metricsToken: known.metricsToken };
  const secrets = {
    signingKey: known?.signingKey ?? randomBytes(32).toString("base64"),
    libsqlToken: known?.libsqlToken ?? randomBytes(32).toString("base64url"),
    metricsToken: randomBytes(32).toString("base64url"),
  };
  await writePrivateFile(path, JSON.stringify(secrets));
  return secrets;
}
