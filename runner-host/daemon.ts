// Joins the parts of a runner host into one running daemon, on whatever engine it is given.

import { join } from "node:path";
import type { Logger } from "pino";
import { RUNNER_PROTOCOL_VERSION } from "#wire/version.ts";
import { createApp } from "./app.ts";
import type { HostConfig } from "./config.ts";
import type { ContainerEngine } from "./engine/container-engine.ts";
import { HostMetrics } from "./metrics.ts";
import { HostSessions } from "./sessions/host-sessions.ts";
import { PATIENCE, type Patience, pulseTimes } from "./sessions/patience.ts";
import { SessionRecords } from "./sessions/session-records.ts";
import { StarterSource } from "./sessions/starter-source.ts";
import { ControlLink } from "./uplink/control-link.ts";
import { obtainCredential } from "./uplink/credential.ts";

export type DaemonConfig = Pick<
  HostConfig,
  "edgeUrl" | "stateDirectory" | "credentialFile" | "hostName" | "capacity" | "httpPort" | "joinToken" | "pauseAfterMs"
>;

export interface DaemonEvents {
  /** The control socket was welcomed for the first time. */
  onReady(ready: { host: string; httpPort: number }): void;
  /** The edge will never take this host as it is. */
  onRefused(reason: string): void;
}

export interface Daemon {
  readonly httpPort: number;
  /** Closes every socket and, by configuration, stops the containers; their files and the records stay. */
  close(): Promise<void>;
}

export async function startDaemon(
  config: DaemonConfig,
  engine: ContainerEngine,
  log: Logger,
  events: DaemonEvents,
  patience: Patience = { ...PATIENCE, pulse: pulseTimes(config.pauseAfterMs) },
): Promise<Daemon> {
  const { edgeUrl, stateDirectory } = config;
  const credential = await obtainCredential(config);
  const metrics = new HostMetrics();
  const records = new SessionRecords(join(stateDirectory, "sessions"));
  const starters = new StarterSource({ directory: join(stateDirectory, "starters"), edgeUrl, credential });
  let isConnected = false;
  let isReady = false;

  const sessions = new HostSessions(
    {
      edgeUrl,
      credential,
      engine,
      records,
      starters,
      metrics,
      patience,
      log,
      tellPool: (message) => control.send(message),
    },
    config.capacity,
  );
  const control = new ControlLink(
    { edgeUrl, credential, log: log.child({ leg: "control" }) },
    {
      describe: () => ({
        type: "hello",
        protocolVersion: RUNNER_PROTOCOL_VERSION,
        hostName: config.hostName,
        capacity: config.capacity,
        images: [...engine.images],
        sessions: sessions.placed,
      }),
      onWelcome(host) {
        isConnected = true;
        log.info({ host }, "welcomed by the edge");
        if (isReady) return;
        isReady = true;
        events.onReady({ host, httpPort });
      },
      onClaim: (claim) => sessions.claim(claim),
      onRelease: (placed) => sessions.release(placed),
      onReconnect() {
        isConnected = false;
        metrics.reconnects.inc({ leg: "control" });
      },
      onRefused: (reason) => events.onRefused(reason),
    },
  );

  const app = createApp({
    registry: metrics.registry,
    describeHealth: () => ({ isConnected, sessions: sessions.placed.length }),
  });
  const httpPort = Number(new URL(await app.listen({ host: "127.0.0.1", port: config.httpPort })).port);
  await sessions.takeUp();
  control.dial();

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    control.close();
    await sessions.close();
    await engine.close();
    await app.close();
  }
  return {
    httpPort,
    close() {
      closing ??= close();
      return closing;
    },
  };
}
