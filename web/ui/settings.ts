// What this browser remembers of the reader's choices; a browser that keeps nothing still works.

import { noteLimit } from "../page-log.ts";

type SettingName = "theme" | "split" | "terminal.font-size" | "terminal.screen-reader" | "terminal.prediction";

/** For this page when the browser refuses storage. */
const unkept = new Map<SettingName, string>();

export function readSetting(name: SettingName): string | null {
  try {
    return localStorage.getItem(`berth.${name}`) ?? unkept.get(name) ?? null;
  } catch {
    return unkept.get(name) ?? null;
  }
}

export function keepSetting(name: SettingName, value: string): void {
  unkept.set(name, value);
  try {
    localStorage.setItem(`berth.${name}`, value);
  } catch (error) {
    noteLimit("Settings cannot be kept in this browser.", error);
  }
}
