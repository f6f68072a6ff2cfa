// Owns what this host remembers of its sessions across restarts: one file each, with the ticket, readable by the daemon's user alone.

import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { epochSchema, sessionIdSchema } from "#wire/ids.ts";
import { claimSchema } from "#wire/runner.ts";
import { syncDirectory, writeFileDurably } from "../durable-file.ts";

export const sessionRecordSchema = z.strictObject({
  session: sessionIdSchema,
  epoch: epochSchema,
  ticket: claimSchema.shape.ticket,
  images: claimSchema.shape.images,
  /** The container is gone for good, and the edge has not heard it yet. */
  lost: z.string().max(500).optional(),
  /** Its container is stopped until the session asks for it (session-rest.ts). */
  resting: z.boolean().optional(),
});
export type SessionRecord = z.infer<typeof sessionRecordSchema>;

export class SessionRecords {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async save(record: SessionRecord): Promise<void> {
    await writeFileDurably(this.#path(record.session), `${JSON.stringify(record)}\n`);
  }

  async remove(session: string): Promise<void> {
    await rm(this.#path(session), { force: true });
    await syncDirectory(this.#directory);
  }

  /** All records; a file that cannot be read is reported and left alone, its container is reaped like one without a record. */
  async list(onUnreadable: (file: string, reason: string) => void): Promise<SessionRecord[]> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const found = await readdir(this.#directory);
    // Half written when a daemon ended.
    for (const file of found.filter((name) => name.endsWith(".new"))) await rm(join(this.#directory, file));
    const files = found.filter((file) => file.endsWith(".json"));
    const records: SessionRecord[] = [];
    for (const file of files) {
      try {
        records.push(sessionRecordSchema.parse(JSON.parse(await readFile(join(this.#directory, file), "utf8"))));
      } catch (error) {
        onUnreadable(file, error instanceof Error ? error.message : String(error));
      }
    }
    return records;
  }

  #path(session: string): string {
    return join(this.#directory, `${session}.json`);
  }
}
