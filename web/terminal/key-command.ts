// The keys that the page keeps for itself while the terminal has the focus.

export type KeyCommand = "copy" | "paste" | "leave" | "add" | "next" | "previous";

export type KeyPress = Pick<KeyboardEvent, "ctrlKey" | "shiftKey" | "altKey" | "metaKey" | "code">;

export const keyNames: Readonly<Record<KeyCommand, string>> = {
  copy: "Ctrl+Shift+C",
  paste: "Ctrl+Shift+V",
  leave: "Ctrl+Shift+E",
  add: "Ctrl+Shift+`",
  next: "Ctrl+Shift+→",
  previous: "Ctrl+Shift+←",
};

/** What pastes: the page's own key, but on a Mac the system's, which no program in the terminal can want. */
export function namePasteKey(userAgent: string): string {
  return /Mac OS X|Macintosh/.test(userAgent) ? "⌘V" : keyNames.paste;
}

/** With Ctrl and Shift: no browser keeps these for itself, and no shell or editor has a use for them by default. */
const commands: Readonly<Partial<Record<string, KeyCommand>>> = {
  KeyE: "leave",
  KeyV: "paste",
  Backquote: "add",
  ArrowRight: "next",
  ArrowLeft: "previous",
};

/** Null: the key belongs to the program in the terminal. */
export function readKeyCommand(key: KeyPress, hasSelection: boolean): KeyCommand | null {
  if (!key.ctrlKey || !key.shiftKey || key.altKey || key.metaKey) return null;
  if (key.code === "KeyC") return hasSelection ? "copy" : null;
  return commands[key.code] ?? null;
}
