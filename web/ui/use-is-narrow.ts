// Whether the page is as narrow as a phone's.

import { useSyncExternalStore } from "react";

const narrow = window.matchMedia("(max-width: 760px)");

function watch(watcher: () => void): () => void {
  narrow.addEventListener("change", watcher);
  return () => narrow.removeEventListener("change", watcher);
}

export function useIsNarrow(): boolean {
  return useSyncExternalStore(watch, () => narrow.matches);
}
