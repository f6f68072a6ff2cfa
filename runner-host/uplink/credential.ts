// Owns the host's credential: read from its file, or obtained once with a join token and stored for this user alone.

import { readFile } from "node:fs/promises";
import { z } from "zod";
import { registeredHostSchema } from "#wire/tokens.ts";
import { ConfigError } from "../config.ts";
import { writeFileDurably } from "../durable-file.ts";

const REGISTER_MS = 10_000;
const problemSchema = z.object({ code: z.string(), detail: z.string().optional(), title: z.string().optional() });

export interface JoinOptions {
  credentialFile: string;
  edgeUrl: string;
  hostName: string;
  joinToken: string | null;
}

export async function obtainCredential(options: JoinOptions): Promise<string> {
  const stored = await readStored(options.credentialFile);
  if (stored !== null) return stored;
  if (options.joinToken === null) {
    throw new ConfigError(
      `This host has no credential: set BERTH_JOIN_TOKEN once to join (looked for ${options.credentialFile}).`,
    );
  }
  const registered = await register(options.edgeUrl, options.joinToken, options.hostName);
  await writeFileDurably(options.credentialFile, `${JSON.stringify(registered)}\n`);
  return registered.credential;
}

async function readStored(credentialFile: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(credentialFile, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  return registeredHostSchema.parse(JSON.parse(text)).credential;
}

async function register(
  edgeUrl: string,
  joinToken: string,
  hostName: string,
): Promise<z.infer<typeof registeredHostSchema>> {
  const response = await fetch(new URL("/api/runner/hosts", edgeUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ joinToken, hostName }),
    signal: AbortSignal.timeout(REGISTER_MS),
  });
  const body: unknown = await response.json().catch(() => null);
  if (response.status === 201) return registeredHostSchema.parse(body);
  const problem = problemSchema.safeParse(body);
  const reason = problem.success
    ? (problem.data.detail ?? problem.data.title ?? problem.data.code)
    : `HTTP ${response.status}`;
  const refusal = `The edge did not let this host join: ${reason}`;
  // With this token it never will; an edge that is in trouble may.
  throw response.status < 500 ? new ConfigError(refusal) : new Error(refusal);
}
