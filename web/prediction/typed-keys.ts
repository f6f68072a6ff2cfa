// Reads typed bytes as keys: those whose effect on a line can be foretold, and those that end all foretelling.

export type TypedKey =
  | { type: "print"; text: string }
  | { type: "erase" | "left" | "right" | "home" | "end" | "discard" }
  /** May hand the line to a program, which may turn echo off. */
  | { type: "enter" }
  /** The shell answers with a line that only it knows, and goes on echoing. */
  | { type: "recall" }
  /** May change what keys mean: a search, a mode, the next key taken as it is. */
  | { type: "other" };

const ESCAPE = "\x1b";
// oxlint-disable-next-line no-control-regex
const SEQUENCE = /^\x1b(?:\[[0-9;?<]*[ -/]*[@-~]|O[ -~]|[^[O\x1b])?/;

const controls: Record<string, TypedKey["type"]> = {
  "\x7f": "erase",
  "\x01": "home",
  "\x05": "end",
  "\x15": "discard",
  "\t": "recall",
  // Ctrl-C, -K, -L, -N, -P, -T, -W, -Y
  "\x03": "recall",
  "\x0b": "recall",
  "\x0c": "recall",
  "\x0e": "recall",
  "\x10": "recall",
  "\x14": "recall",
  "\x17": "recall",
  "\x19": "recall",
  "\r": "enter",
  "\n": "enter",
  "\x04": "enter",
  "\x0f": "enter",
};

const sequences: Record<string, TypedKey["type"]> = {
  "\x1b[D": "left",
  "\x1b[C": "right",
  "\x1b[H": "home",
  "\x1b[F": "end",
  "\x1b[A": "recall",
  "\x1b[B": "recall",
  "\x1b[3~": "recall",
  "\x1b[1;5C": "recall",
  "\x1b[1;5D": "recall",
  "\x1bb": "recall",
  "\x1bd": "recall",
  "\x1bf": "recall",
  "\x1b\x7f": "recall",
};

/** Letters and signs that take one cell everywhere: ASCII, Latin, Greek, Cyrillic. */
function isOneCell(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x7f) return code >= 0x20;
  return (code >= 0xa1 && code <= 0x24f && code !== 0xad) || /^[\p{L}]$/u.test(character) ? code < 0x500 : false;
}

export function readKeys(text: string): TypedKey[] {
  const keys: TypedKey[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const found = rest.startsWith(ESCAPE)
      ? (SEQUENCE.exec(rest)?.[0] ?? ESCAPE)
      : String.fromCodePoint(rest.codePointAt(0) ?? 0);
    at += found.length;
    const type = found.length === 1 ? controls[found] : sequences[found];
    if (type !== undefined && type !== "print") keys.push({ type });
    else if (found.length === 1 && isOneCell(found)) keys.push({ type: "print", text: found });
    else if (found.length === 1 ? found >= "\xa0" : !found.startsWith(ESCAPE)) keys.push({ type: "recall" });
    else keys.push({ type: "other" });
  }
  return keys;
}
