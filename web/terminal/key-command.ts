// The keys that the page keeps for itself while the terminal has the focus.

export type KeyCommand = "copy" | "paste" | "leave";

export type KeyPress = Pick<KeyboardEvent, "ctrlKey" | "shiftKey" | "altKey" | "metaKey" | "code">;

export const keyNames: Readonly<Record<KeyCommand, string>> = {
  copy: "Ctrl+Shift+C",
  paste: "Ctrl+Shift+V",
  leave: "Ctrl+Shift+E",
};

/** What pastes: the page's own key, but on a Mac the system's, which no program in the terminal can want. */
export function namePasteKey(userAgent: string): string {
  return /Mac OS X|Macintosh/.test(userAgent) ? "⌘V" : keyNames.paste;
}

/** Null: the key belongs to the program in the terminal. */
export function readKeyCommand(key: KeyPress, hasSelection: boolean): KeyCommand | null {
  if (!key.ctrlKey || !key.shiftKey || key.altKey || key.metaKey) return null;
  if (key.code === "KeyE") return "leave";
  if (key.code === "KeyV") return "paste";
  if (key.code === "KeyC") return hasSelection ? "copy" : null;
  return null;
}
