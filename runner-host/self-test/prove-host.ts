// Keeps what a machine has proved about itself beside its images, for as long as it is not started again and nothing that counts has changed.

import { mkdir, readFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { containerLimits } from "../container/container-limits.ts";
import { writeFileDurably } from "../durable-file.ts";
import { runCommand } from "../engine/command.ts";
import { openDockerEngine } from "../engine/docker-engine.ts";
import { startEngine } from "../engine/engine.ts";
import type { HostLayout } from "../engine/host-layout.ts";
import type { BuiltImages } from "../image/build-images.ts";
import { hashInputs } from "../image/content-hash.ts";
import { ImageFolder } from "../image/image-folder.ts";
import { offerOf, parseReport, type SelfTestReport } from "./report.ts";
import { runSelfTest, type SayResult } from "./self-test.ts";

/** Raised when the checks change. */
const CHECKS_VERSION = 1;

/** The kept report, or a new one, made in a container of the engine that runs at `layout`. */
export async function proveHost(
  images: BuiltImages,
  layout: HostLayout,
  agentDirectory: string,
  say?: SayResult,
): Promise<SelfTestReport> {
  const file = await reportFile(images);
  const kept = await readReport(file);
  if (kept !== null) return kept;
  const report = await testOn(images, layout, agentDirectory, say);
  await keepReport(file, report);
  return report;
}

/** A new report, made on an engine of its own that is gone afterwards: what runs on this machine is not touched. It takes the kept one's place. */
export function testHost(images: BuiltImages, say: SayResult): Promise<SelfTestReport> {
  return new ImageFolder(images.directory).withScratch(async (scratch) => {
    const agentDirectory = join(scratch, "no-agent");
    await mkdir(agentDirectory);
    const engine = await startEngine({ directory: join(scratch, "engine") });
    try {
      const report = await testOn(images, engine.layout, agentDirectory, say);
      await keepReport(await reportFile(images), report);
      return report;
    } finally {
      await engine.stop();
    }
  });
}

async function testOn(
  images: BuiltImages,
  layout: HostLayout,
  agentDirectory: string,
  say: SayResult | undefined,
): Promise<SelfTestReport> {
  const engine = await openDockerEngine({ layout, images, agentDirectory });
  try {
    return await runSelfTest(engine, layout.engineSocket, say);
  } finally {
    await engine.close();
  }
}

async function reportFile({ directory, sessionTag, labSetName, diskTemplate }: BuiltImages): Promise<string> {
  const inputs = {
    version: CHECKS_VERSION,
    boot: (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim(),
    kernel: release(),
    engine: (await runCommand("dockerd", ["--version"])).trim(),
    ...{ sessionTag, labSetName, diskTemplate, containerLimits },
  };
  return join(directory, `self-test-${hashInputs(inputs)}.json`);
}

/** A machine that failed in something is tried again at each start: it may have been slow for a moment, and whoever mends it wants to see it. */
async function keepReport(file: string, report: SelfTestReport): Promise<void> {
  if (Object.values(offerOf(report)).every(Boolean)) await writeFileDurably(file, JSON.stringify(report));
}

async function readReport(file: string): Promise<SelfTestReport | null> {
  const text = await readFile(file, "utf8").catch(() => "");
  return parseReport(text);
}
