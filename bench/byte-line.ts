// A terminal as a stopwatch sees it: text in, matches and counts of bytes out, no screen.

const DEADLINE_MS = 60_000;
/** A match is looked for in the end of what came: output of many MB is not kept. */
const KEPT_CHARS = 512;

export interface ByteLine {
  type(text: string): void;
  /** Resolves at the next output whose text since the last `expect` matches. Ask before typing. */
  expect(pattern: RegExp): Promise<void>;
  /** All output bytes so far. */
  readonly receivedBytes: number;
}

/** The half of a line that both kinds share: what came out of the terminal. */
export class LineOutput {
  receivedBytes = 0;
  #tail = "";
  #waiting: { pattern: RegExp; resolve: () => void } | null = null;

  next(pattern: RegExp): Promise<void> {
    this.#tail = "";
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`no output like ${pattern}; got ${JSON.stringify(this.#tail)}`)),
      DEADLINE_MS,
    );
    this.#waiting = { pattern, resolve: () => [clearTimeout(timer), resolve()] };
    return promise;
  }

  take(bytes: Uint8Array): void {
    this.receivedBytes += bytes.length;
    if (this.#waiting === null) return;
    const news = bytes.subarray(Math.max(0, bytes.length - KEPT_CHARS));
    this.#tail = (this.#tail + Buffer.from(news.buffer, news.byteOffset, news.length).toString("latin1")).slice(
      -KEPT_CHARS,
    );
    if (!this.#waiting.pattern.test(this.#tail)) return;
    this.#waiting.resolve();
    this.#waiting = null;
  }
}

/** Types a command and resolves once the shell has answered `word` behind it. */
export async function runCommand(line: ByteLine, command: string, word: string): Promise<void> {
  const isDone = line.expect(new RegExp(`${word}-done\\r\\n`));
  line.type(`${command}; printf '${word}-%s\\n' done\r`);
  await isDone;
}

/** The terminal's line discipline echoes each key by itself from now on; `cat` keeps the shell's line editor out of it. */
export async function quieten(line: ByteLine): Promise<void> {
  const isReady = line.expect(/echo-ready\r\n/);
  line.type("stty -icanon min 1; printf 'echo-%s\\n' ready; exec cat > /dev/null\r");
  await isReady;
}

/** From a key sent to its echo received, in milliseconds. */
export async function timeKey(line: ByteLine, key: string): Promise<number> {
  const echoed = line.expect(new RegExp(key));
  const startedAt = performance.now();
  line.type(key);
  await echoed;
  return performance.now() - startedAt;
}
