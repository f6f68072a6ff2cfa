// Reads the daemon's messages without their schemas, which would take most of the agent's memory; test/runner-host/agent/daemon-message.test.ts holds the two together.

import type { DaemonMessage } from "#wire/agent.ts";
import type { StarterBundle } from "#wire/challenge.ts";
import { limits } from "#wire/limits.ts";
import { idPattern } from "#wire/new-id.ts";

type Check<T> = (value: unknown) => value is T;
type Checks<T> = { [Name in keyof T]-?: Check<T[Name]> };
type Message<Type> = Extract<DaemonMessage, { type: Type }>;

const NUMBER_MAX = 2 ** 31 - 1;
const MESSAGE_CHARS_MAX = 500;
const BASE64_CHARS_MAX = Math.ceil(limits.starterFileBytes / 3) * 4;
const UUID =
  /^(?:[\da-fA-F]{8}-[\da-fA-F]{4}-[1-8][\da-fA-F]{3}-[89abAB][\da-fA-F]{3}-[\da-fA-F]{12}|0{8}(?:-0{4}){3}-0{12}|f{8}(?:-f{4}){3}-f{12})$/;
const INSTANCE = idPattern("t");
const CONTENT_HASH = /^[\da-f]{64}$/;

function integer(min: number, max: number): Check<number> {
  return (value): value is number => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
}

function text(isRight: (value: string) => boolean): Check<string> {
  return (value): value is string => typeof value === "string" && isRight(value);
}

/** In code points, as the schemas count. */
function isAtMost(value: string, most: number): boolean {
  return value.length <= most || (value.length <= 2 * most && Array.from(value).length <= most);
}

function oneOf<const T>(...values: readonly T[]): Check<T> {
  return (value): value is T => values.some((one) => one === value);
}

function orNull<T>(check: Check<T>): Check<T | null> {
  return (value): value is T | null => value === null || check(value);
}

function listOf<T>(check: Check<T>, most: number): Check<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.length <= most && value.every(check);
}

/** An object with these members and no others. */
function exactly<T extends object>(checks: Checks<T>): Check<T> {
  const entries: [string, Check<unknown>][] = Object.entries(checks);
  return (value): value is T => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const members = new Map<string, unknown>(Object.entries(value));
    return (
      members.size === entries.length && entries.every(([name, check]) => members.has(name) && check(members.get(name)))
    );
  };
}

const connection = integer(1, limits.connectionNumberMax);
const terminal = integer(0, limits.terminalsPerSession - 1);
const offset = integer(0, limits.offsetMax);
/** Of a request or a probe. */
const number = integer(1, NUMBER_MAX);
const instance = text((value) => INSTANCE.test(value));
const size = { cols: integer(1, limits.terminalColsMax), rows: integer(1, limits.terminalRowsMax) };

const bundle: Check<StarterBundle> = listOf(
  exactly<StarterBundle[number]>({
    path: text(isWorkspacePath),
    mode: oneOf(0o644, 0o755),
    contentBase64: text(isBase64),
  }),
  limits.starterFiles,
);

function isWorkspacePath(path: string): boolean {
  const isWhole = path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  return isWhole && isAtMost(path, limits.pathBytes) && !path.includes("\0");
}

function isBase64(value: string): boolean {
  return value.length <= BASE64_CHARS_MAX && value.length % 4 === 0 && /^[\da-zA-Z+/]*={0,2}$/.test(value);
}

const checks: { [Type in DaemonMessage["type"]]: Check<Message<Type>> } = {
  open: exactly<Message<"open">>({
    ...{ type: oneOf("open"), connection, terminal, ...size, claimsSize: oneOf(true, false) },
    ...{ client: text((value) => UUID.test(value)), instance: orNull(instance), offset: orNull(offset) },
  }),
  resize: exactly<Message<"resize">>({ type: oneOf("resize"), connection, terminal, ...size }),
  ack: exactly<Message<"ack">>({ type: oneOf("ack"), connection, terminal, offset }),
  close: exactly<Message<"close">>({ type: oneOf("close"), connection, terminal, instance }),
  probe: exactly<Message<"probe">>({
    ...{ type: oneOf("probe"), connection, probe: number, at: oneOf("host", "container") },
  }),
  detach: exactly<Message<"detach">>({ type: oneOf("detach"), connection }),
  detach_all: exactly<Message<"detach_all">>({ type: oneOf("detach_all") }),
  ping: exactly<Message<"ping">>({ type: oneOf("ping") }),
  warn: exactly<Message<"warn">>({ type: oneOf("warn"), message: text((value) => isAtMost(value, MESSAGE_CHARS_MAX)) }),
  lay: exactly<Message<"lay">>({
    ...{ type: oneOf("lay"), request: number, version: text((value) => CONTENT_HASH.test(value)), bundle },
  }),
};
const checkOf = new Map<unknown, Check<DaemonMessage>>(Object.entries(checks));

/** @param value parsed JSON. Throws an Error for what the schema of the daemon's messages does not let in. */
export function readDaemonMessage(value: unknown): DaemonMessage {
  if (typeof value === "object" && value !== null && "type" in value) {
    const isMessage = checkOf.get(value.type);
    if (isMessage?.(value) === true) return value;
  }
  throw new Error("The daemon's message is malformed.");
}
