// One run of Berth from the command line: brings it up, says where it is, and takes it down on Ctrl-C or SIGTERM.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HostUnfitError } from "../runner-host/engine/host-requirements.ts";
import { announce } from "./announcement.ts";
import { PackError } from "./database/pack-error.ts";
import { parseFlags, type StartFlags, USAGE } from "./flags.ts";
import { Progress } from "./progress.ts";
import { requireRoot } from "./root.ts";
import { StartRefusal } from "./start-refusal.ts";
import { type RunningBerth, startBerth } from "./start.ts";
import { killOwnChildren, signalCommands } from "./supervise/own-children.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
/** All of Berth is gone by then, or is ended by force. */
const STOP_MS = 30_000;
/** npm passes on a Ctrl-C that the terminal has sent to everybody already: what comes this soon after the first is the same one. */
const SAME_SIGNAL_MS = 1_000;

const progress = new Progress(process.stdout);

function describe(error: unknown): string {
  const isForPeople = error instanceof StartRefusal || error instanceof HostUnfitError || error instanceof PackError;
  return isForPeople ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Called once it serves; what it returns is called when the run ends. */
export type OnServing = (berth: RunningBerth) => Promise<() => Promise<void>>;

async function run(flags: StartFlags, onServing: OnServing | null): Promise<number> {
  const stopping = new AbortController();
  const undo = new AsyncDisposableStack();
  const stopRequested = Promise.withResolvers<void>();
  let hasStarted = false;
  let requestedAt: number | null = null;
  const onSignal = (): void => {
    const now = performance.now();
    if (requestedAt !== null && now - requestedAt < SAME_SIGNAL_MS) return;
    if (requestedAt !== null) endNow("Ended at once; the next start cleans up.");
    requestedAt = now;
    if (!hasStarted) progress.abandon();
    stopping.abort();
    stopRequested.resolve();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal).on("SIGHUP", onSignal);

  let exitCode = 0;
  // What nobody foresaw must not leave processes and mounts behind either.
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${describe(error)}\n`);
    exitCode = 1;
    stopping.abort();
    stopRequested.resolve();
  });
  try {
    const cutShort = (): void => signalCommands("SIGTERM");
    stopping.signal.addEventListener("abort", () => {
      if (!hasStarted) cutShort();
    });
    const imagesDir = process.env["BERTH_IMAGES_DIR"] ?? join(PROJECT, ".berth/images");
    const berth = await startBerth(flags, {
      project: PROJECT,
      imagesDir,
      progress,
      undo,
      signal: stopping.signal,
      cutShort,
    });
    hasStarted = true;
    progress.line(announce(berth, flags, process.cwd()));
    if (onServing !== null) undo.defer(await onServing(berth));
    await stopRequested.promise;
  } catch (error) {
    if (!stopping.signal.aborted) {
      process.stderr.write(`${describe(error)}\n`);
      exitCode = 1;
    }
  }
  const deadline = setTimeout(
    () => endNow("Not everything stopped in time and was ended by force; the next start cleans up."),
    STOP_MS,
  );
  const outcome = hasStarted ? "everything has stopped" : "Stopped; start again to go on.";
  if (exitCode === 0) await progress.step("stop", () => undo.disposeAsync().then(() => outcome));
  else await undo.disposeAsync();
  clearTimeout(deadline);
  return exitCode;
}

function endNow(reason: string): never {
  killOwnChildren();
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

/** Resolves with the exit code. */
export async function runFromCommandLine(args: readonly string[], onServing: OnServing | null = null): Promise<number> {
  try {
    const flags = parseFlags(args, process.env, PROJECT);
    if (flags.wantsHelp) {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    if (flags.withRunner) requireRoot(process.getuid?.(), process.env["npm_lifecycle_event"] ?? "start", args);
    return await run(flags, onServing);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    return 1;
  }
}
