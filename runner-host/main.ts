// The runner host daemon as a program: reads its configuration, opens the private engine, runs until it is told to stop.

import pino from "pino";
import { ConfigError, type HostConfig, readConfig, requireAgent, USAGE, wantsHelp } from "./config.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import type { ContainerEngine } from "./engine/container-engine.ts";
import { openDockerEngine } from "./engine/docker-engine.ts";
import { EngineKeeper } from "./engine/engine-keeper.ts";
import { type RunningEngine, startEngine } from "./engine/engine.ts";
import { HostUnfitError } from "./engine/host-requirements.ts";
import { buildImages } from "./image/build-images.ts";
import { selfTestCommand } from "./self-test/command.ts";
import { proveHost } from "./self-test/prove-host.ts";
import { describeOffer, offerOf } from "./self-test/report.ts";

const EXIT_FAILED = 1;
/** What only a person can put right: starting it again changes nothing. */
const EXIT_REFUSED = 78;
/** As --pause-after-ms takes it. */
const NEVER = 0;

function readConfigOrExit(): HostConfig {
  try {
    const read = readConfig(process.argv.slice(2), process.env);
    requireAgent(read);
    return read;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message.replace(/\.?$/, ".")} See npm run runner -- --help.\n`);
    process.exit(EXIT_REFUSED);
  }
}

/** What this machine has proved that it can do is offered, and no more. */
async function openContainers(
  config: HostConfig,
  { layout }: RunningEngine,
): Promise<{ containers: ContainerEngine; pauseAfterMs: number }> {
  const built = await buildImages({ directory: config.imagesDirectory });
  const { agentDirectory, pauseAfterMs } = config;
  const report = await proveHost(built, layout, agentDirectory);
  const offer = offerOf(report);
  if (!offer.sessions) throw new HostUnfitError(describeOffer(report));
  if (!offer.images || !offer.pausing) log.warn(describeOffer(report));
  const images = offer.images ? built : { ...built, labImages: [] };
  const containers = await openDockerEngine({ layout, images, agentDirectory });
  return { containers, pauseAfterMs: offer.pausing ? pauseAfterMs : NEVER };
}

if (wantsHelp(process.argv.slice(2))) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
if (process.argv[2] === "self-test") process.exit(await selfTestCommand(process.argv.slice(3), process.env));

const config = readConfigOrExit();
const log = pino(
  { level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
  pino.destination({ dest: 2, sync: true }),
);

let daemon: Daemon | undefined;
let keeper: EngineKeeper | undefined;
/** Resolves once `keeper` is there. */
let opening: Promise<void> | undefined;
let stopping: Promise<void> | undefined;

/** Leaves nothing running, or by configuration everything for the next daemon. */
async function stop(exitCode: number): Promise<void> {
  stopping ??= (async () => {
    await opening;
    await daemon?.close();
    await keeper?.close();
    if (config.onStop === "stop") await keeper?.engine.stop();
  })();
  await stopping.catch((error: unknown) => log.error({ reason: messageOf(error) }, "not everything could be stopped"));
  process.exit(exitCode);
}

async function keepEngine(): Promise<RunningEngine> {
  const directory = config.engineDirectory;
  const started = startEngine({ directory });
  opening = started.then((engine) => {
    keeper = new EngineKeeper(directory, engine, log.child({ part: "engine" }));
  });
  await opening;
  return started;
}

/** What this process started must not outlive it; sessions that ran before it do. */
async function fail(error: unknown): Promise<void> {
  log.fatal({ reason: messageOf(error) }, "the daemon did not start");
  await keeper?.close();
  if (keeper?.engine.origin === "started") await keeper.engine.stop();
  process.exit(error instanceof HostUnfitError || error instanceof ConfigError ? EXIT_REFUSED : EXIT_FAILED);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

process.on("SIGTERM", () => void stop(0));
process.on("SIGINT", () => void stop(0));

try {
  const { containers, pauseAfterMs } = await openContainers(config, await keepEngine());
  daemon = await startDaemon({ ...config, pauseAfterMs }, containers, log, {
    onReady: (ready) => process.stdout.write(`${JSON.stringify({ event: "ready", ...ready })}\n`),
    onRefused(reason) {
      log.fatal({ reason }, "refused by the edge");
      void stop(EXIT_REFUSED);
    },
  });
} catch (error) {
  await fail(error);
}
