// The form of recorded terminal streams: a case is a header line and one line per event, as [time in ms, kind, bytes as Latin-1].

import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * out: output. at-once: a key whose effect must show when it is typed. key: any other input. never: input that must not show before its echo.
 */
export type EventKind = "out" | "at-once" | "key" | "never";
export type RecordedEvent = { atMs: number; kind: EventKind; bytes: Uint8Array };
export type Recording = { name: string; cols: number; rows: number; events: RecordedEvent[] };

/** The terminal that all recordings are of. */
export const recordedInstance = "t_recordedterminalinstanceab";

type Header = { name: string; cols: number; rows: number };

const folder = fileURLToPath(new URL("recordings/", import.meta.url));
const letters: Record<EventKind, string> = { out: "o", "at-once": "p", key: "k", never: "n" };
const kinds: Record<string, EventKind> = { o: "out", p: "at-once", k: "key", n: "never" };

export function formatRecording({ name, cols, rows, events }: Recording): string {
  const lines = events.map(({ atMs, kind, bytes }) =>
    JSON.stringify([Math.round(atMs), letters[kind], Buffer.from(bytes).toString("latin1")]),
  );
  return `${JSON.stringify({ name, cols, rows })}\n${lines.join("\n")}\n`;
}

function isHeader(value: unknown): value is Header {
  return typeof value === "object" && value !== null && "name" in value;
}

function readEvent(value: unknown): RecordedEvent {
  if (!Array.isArray(value)) throw new Error(`Not an event: ${JSON.stringify(value)}`);
  const [atMs, letter, text] = value;
  const kind = kinds[String(letter)];
  if (kind === undefined) throw new Error(`Not a kind of event: ${String(letter)}`);
  return { atMs: Number(atMs), kind, bytes: Buffer.from(String(text), "latin1") };
}

/** All recordings of `group`, or of all groups. */
export function readRecordings(group?: string): Recording[] {
  const found: Recording[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith(".jsonl") || (group !== undefined && file !== `${group}.jsonl`)) continue;
    for (const line of readFileSync(`${folder}${file}`, "utf8").split("\n")) {
      if (line === "") continue;
      const value: unknown = JSON.parse(line);
      if (isHeader(value)) found.push({ ...value, events: [] });
      else found.at(-1)?.events.push(readEvent(value));
    }
  }
  return found;
}
