// Notes for whoever opens the browser's console; nothing here is for the reader of the page.

/** What the page could do without. */
export function noteLimit(sentence: string, error: unknown): void {
  console.info(sentence, error);
}

/** What should not have happened. */
export function noteFault(sentence: string, error?: unknown): void {
  console.error(sentence, error);
}
