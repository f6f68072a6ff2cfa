// Remembers for this tab how far each challenge's task was read; a browser that keeps nothing still works.

import { noteLimit } from "../page-log.ts";

const keyOf = (slug: string): string => `berth.reading.${slug}`;

/** In pixels from the task's top. */
export function readPlace(slug: string): number {
  try {
    return Number.parseInt(sessionStorage.getItem(keyOf(slug)) ?? "", 10) || 0;
  } catch {
    return 0;
  }
}

export function keepPlace(slug: string, top: number): void {
  try {
    sessionStorage.setItem(keyOf(slug), String(Math.round(top)));
  } catch (error) {
    noteLimit("The place in the task cannot be kept in this browser.", error);
  }
}
