// What the keys that a phone's keyboard lacks send to the program, as a terminal's keyboard would.

export type SoftKey = "escape" | "tab" | "up" | "down" | "left" | "right" | "interrupt";

const cursorLetters = { up: "A", down: "B", right: "C", left: "D" } as const;

/** `isApplication`: the program has asked for the other form of cursor keys (DECCKM). */
export function encodeSoftKey(key: SoftKey, hasControl: boolean, isApplication: boolean): string {
  switch (key) {
    case "escape":
      return "\x1b";
    case "tab":
      return "\t";
    case "interrupt":
      return "\x03";
    case "up":
    case "down":
    case "left":
    case "right":
      if (hasControl) return `\x1b[1;5${cursorLetters[key]}`;
      return `\x1b${isApplication ? "O" : "["}${cursorLetters[key]}`;
  }
}

/** What a key typed while Ctrl is held sends; text that is no single key of that kind stays itself. */
export function withControl(text: string): string {
  if (text === " ") return "\x00";
  if (text === "?") return "\x7f";
  return /^[@-_a-z]$/.test(text) ? String.fromCharCode(text.charCodeAt(0) & 0x1f) : text;
}
