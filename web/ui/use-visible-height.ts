// How much of the page a touch screen's keyboard leaves visible, for browsers that lay it over the page instead of shrinking the page.

import { useSyncExternalStore } from "react";

const viewport = window.matchMedia("(pointer: coarse)").matches ? window.visualViewport : null;

function watch(watcher: () => void): () => void {
  viewport?.addEventListener("resize", watcher);
  return () => viewport?.removeEventListener("resize", watcher);
}

/** In CSS pixels of the unmagnified page; null where the layout's own height is right. */
export function useVisibleHeight(): number | null {
  return useSyncExternalStore(watch, () => (viewport === null ? null : Math.round(viewport.height * viewport.scale)));
}
