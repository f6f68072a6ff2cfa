// Owns the secrets of one data directory: made once, readable by their owner only.

import { randomBytes } from "node:crypto";
import { z } from "zod";
import { readJsonFile, writePrivateFile } from "./private-file.ts";

const secretsSchema = z.strictObject({
  /** base64; what all of Berth's tokens are signed under. */
  signingKey: z.base64().min(44),
  /** What the libSQL server asks of its clients. */
  libsqlToken: z.string().min(32),
});
export type Secrets = z.infer<typeof secretsSchema>;

export async function loadSecrets(path: string): Promise<Secrets> {
  const stored = await readJsonFile(path);
  if (stored !== null) return secretsSchema.parse(stored);
  const secrets = {
    signingKey: randomBytes(32).toString("base64"),
    libsqlToken: randomBytes(32).toString("base64url"),
  };
  await writePrivateFile(path, JSON.stringify(secrets));
  return secrets;
}
