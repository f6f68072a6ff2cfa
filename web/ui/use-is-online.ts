// Whether the browser has a network, as far as it knows.

import { useSyncExternalStore } from "react";

function watch(watcher: () => void): () => void {
  window.addEventListener("online", watcher);
  window.addEventListener("offline", watcher);
  return () => {
    window.removeEventListener("online", watcher);
    window.removeEventListener("offline", watcher);
  };
}

export function useIsOnline(): boolean {
  return useSyncExternalStore(watch, () => navigator.onLine);
}
