// Owns one program on a pseudo-terminal: raw bytes out, non-blocking bytes in, its size, its end.

import { existsSync, readSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { ReadStream } from "node:tty";
import { fileURLToPath } from "node:url";
import { hasForeground, signalProcess, signalSession } from "./process-session.ts";

/** What the prebuilt module of node-pty offers; its JavaScript half is not used: it blocks on full input and cuts the last output of a paused reader. */
interface NativePty {
  fork(
    file: string,
    args: string[],
    environment: string[],
    directory: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    isUtf8: boolean,
    spawnHelper: string,
    onExit: (exitCode: number, signal: number) => void,
  ): { fd: number; pid: number };
  resize(fd: number, cols: number, rows: number): void;
}

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** What a terminal needs of the program behind it. */
export interface Pty {
  /** Gives input to the program; returns how many bytes it took, 0 when it takes none now. */
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
  resize(cols: number, rows: number): void;
  /** Whether the program itself, not one that it started, has the foreground. */
  hasForeground(): boolean;
  /** Hangs up: all processes of the program's session are told, and the program is killed when it stays. Nothing is reported any more. */
  hangUp(): void;
}

export interface PtyEvents {
  onOutput(bytes: Uint8Array): void;
  /** After the last output; 128 + number for a program ended by a signal. */
  onEnd(exitCode: number): void;
}

export interface PtyOptions extends TerminalSize {
  file: string;
  args: string[];
  environment: Record<string, string>;
  directory: string;
}

export type OpenPty = (options: PtyOptions, events: PtyEvents) => Pty;

/** A hung-up shell ends its jobs first; a job that it was just starting is told by the second round, a shell that stays is killed. */
const SECOND_ROUND_MS = 500;
const HANG_UP_GRACE_MS = 2_000;
/** The kernel hands out 4 KiB of a PTY at a time: of a program that prints much, this is read before anything else is done. */
const BATCH_BYTES_MAX = 64 * 1024;
const KERNEL_BYTES_MAX = 4 * 1024;
/** Less than this is no flood: its reader would only be told to come again. */
const BATCH_FROM_BYTES = 2 * 1024;
const batch = Buffer.allocUnsafeSlow(BATCH_BYTES_MAX);

let loaded: NativePty | undefined;

/** The module lies beside the bundle, or in node_modules when the sources run. */
function loadNative(): NativePty {
  if (loaded !== undefined) return loaded;
  const beside = fileURLToPath(new URL("pty.node", import.meta.url));
  const module: { exports: NativePty } = { exports: Object.create(null) };
  process.dlopen(module, existsSync(beside) ? beside : nativePtyPath());
  loaded = module.exports;
  return loaded;
}

/** The prebuilt module of this platform in node_modules. */
export function nativePtyPath(): string {
  return createRequire(import.meta.url).resolve(`@lydell/node-pty-${process.platform}-${process.arch}/pty.node`);
}

/** `first` and what else can be read without waiting, as a view that is valid until the next batch. */
function readBatch(fd: number, first: Buffer): Uint8Array {
  let end = first.copy(batch);
  while (end <= BATCH_BYTES_MAX - KERNEL_BYTES_MAX) {
    const read = readNow(fd, end);
    if (read === 0) break;
    end += read;
  }
  return batch.subarray(0, end);
}

/** 0 when nothing waits, and at the end, of which the stream is told by itself. */
function readNow(fd: number, at: number): number {
  try {
    return readSync(fd, batch, at, BATCH_BYTES_MAX - at, null);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EAGAIN" || error.code === "EIO")) return 0;
    throw error;
  }
}

export const openPty: OpenPty = (options, events) => {
  const native = loadNative();
  const environment = Object.entries(options.environment).map(([name, value]) => `${name}=${value}`);
  let exitCode: number | null = null;
  let isDrained = false;
  let isHungUp = false;
  const { fd, pid } = native.fork(
    options.file,
    options.args,
    environment,
    options.directory,
    options.cols,
    options.rows,
    -1,
    -1,
    true,
    "",
    (code, signal) => {
      exitCode = signal > 0 ? 128 + signal : code;
      reportEnd();
    },
  );
  const stream = new ReadStream(fd);
  stream.on("data", (bytes: Buffer) => {
    if (!isHungUp) events.onOutput(bytes.length < BATCH_FROM_BYTES ? bytes : readBatch(fd, bytes));
  });
  // The kernel answers EIO once every holder of the terminal is gone and all output was read.
  stream.on("error", () => stream.destroy());
  stream.on("close", () => {
    isDrained = true;
    reportEnd();
  });

  function reportEnd(): void {
    if (exitCode !== null && isDrained && !isHungUp) events.onEnd(exitCode);
  }

  return {
    write(bytes) {
      if (stream.destroyed) return bytes.length;
      try {
        return writeSync(fd, bytes);
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
        if (error instanceof Error && "code" in error && error.code === "EIO") return bytes.length;
        throw error;
      }
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    resize(cols, rows) {
      if (!stream.destroyed) native.resize(fd, cols, rows);
    },
    hasForeground: () => exitCode !== null || hasForeground(pid),
    hangUp() {
      isHungUp = true;
      signalSession(pid, "SIGHUP");
      stream.destroy();
      setTimeout(() => signalSession(pid, "SIGHUP"), SECOND_ROUND_MS);
      setTimeout(() => {
        if (exitCode === null) signalProcess(pid, "SIGKILL");
      }, HANG_UP_GRACE_MS);
    },
  };
};
