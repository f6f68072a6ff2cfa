// What is drawn over the screen ahead of the output.

import type { Place } from "./screen.ts";

/** Cells with the text that they are expected to show, and where the cursor will be; null for where it is. */
export type Overlay = { cells: (Place & { text: string })[]; cursor: Place | null };

export const emptyOverlay: Overlay = { cells: [], cursor: null };
