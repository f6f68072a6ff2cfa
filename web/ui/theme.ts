// The reader's choice of theme: the system's, light or dark.

import { useSyncExternalStore } from "react";
import { keepSetting, readSetting } from "./settings.ts";

export type Theme = "system" | "light" | "dark";

const watchers = new Set<() => void>();
const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  systemIsDark.addEventListener("change", watcher);
  return () => {
    watchers.delete(watcher);
    systemIsDark.removeEventListener("change", watcher);
  };
}

function readTheme(): Theme {
  const kept = readSetting("theme");
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function chooseTheme(theme: Theme): void {
  keepSetting("theme", theme);
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  for (const watcher of watchers) watcher();
}

export function useTheme(): Theme {
  return useSyncExternalStore(watch, readTheme);
}

export function useIsDark(): boolean {
  return useSyncExternalStore(watch, () => {
    const theme = readTheme();
    return theme === "system" ? systemIsDark.matches : theme === "dark";
  });
}
