// Tries on this machine, in a real session container, that it can do and confine what a runner host offers; says what it found.

import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { newId } from "#wire/ids.ts";
import type { ContainerEngine } from "../engine/container-engine.ts";
import { type Check, CheckFailed, type TestedContainer } from "./check.ts";
import { type ContainerProbe, openContainerProbe } from "./container-probe.ts";
import { limitChecks } from "./limit-checks.ts";
import type { CheckResult, SelfTestReport } from "./report.ts";
import { wallChecks } from "./wall-checks.ts";

const CHECKS: readonly Check[] = [...wallChecks, ...limitChecks];

export type SayResult = (result: CheckResult) => void;

/** Makes one container on `engine`, tries every check in it, and removes it again. `engineSocket` is the engine's. */
export async function runSelfTest(
  engine: ContainerEngine,
  engineSocket: string,
  say: SayResult = () => undefined,
): Promise<SelfTestReport> {
  const session = newId("s");
  const results: CheckResult[] = [];
  const note = (result: CheckResult): void => {
    results.push(result);
    say(result);
  };
  const listening = await listenEverywhere();
  try {
    const startedAt = performance.now();
    await engine.openSocketDirectory(session);
    const { containerId } = await engine.ensureContainer({ session, epoch: 1, images: [...engine.images] });
    note({
      name: "container",
      need: "sessions",
      status: "pass",
      message: `A container started in ${Math.round(performance.now() - startedAt)} ms.`,
    });
    const probe = await openContainerProbe(engineSocket, containerId);
    const container = testedContainer(engine, session, probe, listening.port);
    for (const check of CHECKS) note(await tryCheck(check, container));
  } catch (error) {
    note({ name: "container", need: "sessions", status: "fail", message: messageOf(error) });
  } finally {
    await engine.removeContainer(session);
    listening.close();
  }
  return { results };
}

async function tryCheck(check: Check, container: TestedContainer): Promise<CheckResult> {
  const { name, need } = check;
  try {
    return { name, need, status: "pass", message: await check.prove(container) };
  } catch (error) {
    const message = error instanceof CheckFailed ? error.message : `It could not be tried: ${messageOf(error)}`;
    return { name, need, status: "fail", message: message.slice(0, 500) };
  }
}

function testedContainer(
  engine: ContainerEngine,
  session: string,
  probe: ContainerProbe,
  port: number,
): TestedContainer {
  return {
    images: engine.images,
    hostAddresses: Object.values(networkInterfaces()).flatMap((addresses) =>
      (addresses ?? []).filter(({ family }) => family === "IPv4").map(({ address }) => address),
    ),
    port,
    run: (script) => probe.run(script),
    readUserMap: () => probe.readUserMap(),
    async readUsage() {
      const usage = await engine.readUsage(session);
      if (usage === null) throw new CheckFailed("The container ended.");
      return usage;
    },
    freeze: () => void engine.freezeContainer(session),
    thaw: () => engine.thawContainer(session),
  };
}

/** A server on every address of this machine, which no container may reach. */
async function listenEverywhere(): Promise<{ port: number; close(): void }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "0.0.0.0", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a listening server has a port");
  return { port: address.port, close: () => void server.close() };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
