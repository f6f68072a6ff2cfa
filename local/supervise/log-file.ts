// A log file that cannot grow without end: at its bound it becomes `<name>.1` and a new one is begun.

import { appendFileSync, existsSync, renameSync, statSync } from "node:fs";

const BOUND_BYTES = 8 * 1024 * 1024;

export class LogFile {
  readonly path: string;
  readonly #boundBytes: number;
  #sizeBytes: number;
  #lostWrites = 0;
  #lastLine: string | null = null;

  constructor(path: string, boundBytes = BOUND_BYTES) {
    this.path = path;
    this.#boundBytes = boundBytes;
    this.#sizeBytes = existsSync(path) ? statSync(path).size : 0;
  }

  /** A disk that is full or gone loses lines of a log, and nothing else. */
  write(text: string): void {
    this.#lastLine = text.split("\n").findLast((line) => line.trim() !== "") ?? this.#lastLine;
    try {
      this.#append(this.#lostWrites === 0 ? text : `[${this.#lostWrites} writes before this one were lost]\n${text}`);
      this.#lostWrites = 0;
    } catch {
      this.#lostWrites++;
    }
  }

  #append(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (this.#sizeBytes > 0 && this.#sizeBytes + bytes > this.#boundBytes) {
      renameSync(this.path, `${this.path}.1`);
      this.#sizeBytes = 0;
    }
    appendFileSync(this.path, text, { mode: 0o600 });
    this.#sizeBytes += bytes;
  }

  /** The last line of this run that says something, or null: what an earlier run said explains nothing now. */
  lastLine(): string | null {
    return this.#lastLine;
  }
}
