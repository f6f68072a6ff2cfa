// The one file that knows dockerode: the calls that Berth makes to its private Docker engine, with their answers in Berth's words.

import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import Dockerode from "dockerode";
import { z } from "zod";
import type { ContainerBody } from "../container/container-spec.ts";

export interface ContainerSummary {
  containerId: string;
  labels: Record<string, string>;
  isRunning: boolean;
}

export interface ContainerPaths {
  /** Where the container's own writable layer lies on the host, and overlayfs' scratch folder beside it. */
  writableLayer: string;
  layerScratch: string;
}

export interface ContainerExit {
  containerId: string;
  labels: Record<string, string>;
  exitCode: number;
}

const NOT_MODIFIED = 304;
const NOT_FOUND = 404;
const CONFLICT = 409;

const exitEventSchema = z.object({
  Action: z.literal("die"),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
});
const overlaySchema = z.object({ UpperDir: z.string(), WorkDir: z.string() });
const loadLineSchema = z.object({ error: z.string().optional() });

function hasStatus(error: unknown, ...statuses: number[]): boolean {
  return (
    error instanceof Error &&
    "statusCode" in error &&
    typeof error.statusCode === "number" &&
    statuses.includes(error.statusCode)
  );
}

export class Docker {
  readonly #client: Dockerode;

  constructor(socketPath: string) {
    this.#client = new Dockerode({ socketPath });
  }

  async isAnswering(): Promise<boolean> {
    return this.#client.ping().then(
      () => true,
      () => false,
    );
  }

  async hasImage(reference: string): Promise<boolean> {
    try {
      await this.#client.getImage(reference).inspect();
      return true;
    } catch (error) {
      if (hasStatus(error, NOT_FOUND)) return false;
      throw error;
    }
  }

  /** Loads a docker archive (tar); throws when the engine refuses it. */
  async loadImage(archive: NodeJS.ReadableStream): Promise<void> {
    const answer = await this.#client.loadImage(archive, { quiet: true });
    let refusal: string | undefined;
    for await (const line of createInterface({ input: answer })) {
      if (line.trim() !== "") refusal ??= loadLineSchema.parse(JSON.parse(line)).error;
    }
    if (refusal !== undefined) throw new Error(`the engine refused an image: ${refusal}`);
  }

  /** Removes every image of the repository but `kept`, as far as no container uses it. */
  async removeOtherImages(repository: string, kept: string): Promise<void> {
    const found = await this.#client.listImages({ filters: { reference: [repository] } });
    for (const tag of found.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => name !== kept)) {
      try {
        await this.#client.getImage(tag).remove();
      } catch (error) {
        if (!hasStatus(error, CONFLICT, NOT_FOUND)) throw error;
      }
    }
  }

  async createContainer(name: string, body: ContainerBody): Promise<string> {
    return (await this.#client.createContainer({ name, ...body })).id;
  }

  /** Waits for an exit that is under way: the list of containers, unlike this, still calls such a one running. */
  async isContainerRunning(containerId: string): Promise<boolean> {
    try {
      return (await this.#client.getContainer(containerId).inspect()).State.Running;
    } catch (error) {
      if (hasStatus(error, NOT_FOUND)) return false;
      throw error;
    }
  }

  /** Pid of its first process on this machine, or null when it is not running. */
  async findFirstProcess(containerId: string): Promise<number | null> {
    const { Running, Pid } = (await this.#client.getContainer(containerId).inspect()).State;
    return Running && Pid > 0 ? Pid : null;
  }

  async findContainerPaths(containerId: string): Promise<ContainerPaths> {
    const { GraphDriver } = await this.#client.getContainer(containerId).inspect();
    const { UpperDir, WorkDir } = overlaySchema.parse(GraphDriver.Data);
    return { writableLayer: UpperDir, layerScratch: WorkDir };
  }

  async startContainer(containerId: string): Promise<void> {
    try {
      await this.#client.getContainer(containerId).start();
    } catch (error) {
      if (!hasStatus(error, NOT_MODIFIED)) throw error;
    }
  }

  /** Ends the container's first process, by force after `graceSeconds`; one that is stopped or gone is left as it is. */
  async stopContainer(containerId: string, graceSeconds: number): Promise<void> {
    try {
      await this.#client.getContainer(containerId).stop({ t: graceSeconds });
    } catch (error) {
      if (!hasStatus(error, NOT_MODIFIED, NOT_FOUND)) throw error;
    }
  }

  /** Runs a program in it as `user`; resolves with what it wrote on both outputs. Throws when it takes longer than `timeoutMs`, and leaves it to the container's end. */
  async runInside(
    containerId: string,
    command: string[],
    user: string,
    timeoutMs: number,
  ): Promise<{ exitCode: number; output: string }> {
    const execution = await this.#client
      .getContainer(containerId)
      .exec({ Cmd: command, User: user, AttachStdout: true, AttachStderr: true });
    const stream = await execution.start({ hijack: true, stdin: false });
    const words: Buffer[] = [];
    const both = new PassThrough().on("data", (part: Buffer) => words.push(part));
    this.#client.modem.demuxStream(stream, both, both);
    const timer = setTimeout(() => stream.destroy(new Error(`a command took longer than ${timeoutMs} ms`)), timeoutMs);
    await finished(stream).finally(() => clearTimeout(timer));
    const { ExitCode } = await execution.inspect();
    return { exitCode: ExitCode ?? -1, output: Buffer.concat(words).toString() };
  }

  /** Removes it, running or not; waits when the engine is already removing it. */
  async removeContainer(containerId: string): Promise<void> {
    try {
      await this.#client.getContainer(containerId).remove({ force: true, v: true });
    } catch (error) {
      if (hasStatus(error, CONFLICT)) await this.#client.getContainer(containerId).wait({ condition: "removed" });
      else if (!hasStatus(error, NOT_FOUND)) throw error;
    }
  }

  async listContainers(label: string): Promise<ContainerSummary[]> {
    return Promise.all(
      (await this.glanceAtContainers(label)).map(async (found) => {
        return { ...found, isRunning: found.isRunning && (await this.isContainerRunning(found.containerId)) };
      }),
    );
  }

  /** Of every container that it knows, whoever made it. */
  async listContainerIds(): Promise<string[]> {
    return (await this.#client.listContainers({ all: true })).map(({ Id }) => Id);
  }

  /** In one call: one whose exit is under way may still be called running. An engine that finds a frozen one when it starts calls it paused. */
  async glanceAtContainers(label: string): Promise<ContainerSummary[]> {
    const found = await this.#client.listContainers({ all: true, filters: { label: [label] } });
    return found.map(({ Id: containerId, Labels: labels, State }) => {
      return { containerId, labels, isRunning: State === "running" || State === "paused" };
    });
  }

  /** Reports exits of containers that carry `label`, from when it resolves until the returned function is called. `onEnd` is called when the engine ends the stream. */
  async watchExits(label: string, onExit: (exit: ContainerExit) => void, onEnd: () => void): Promise<() => void> {
    const stop = new AbortController();
    const events = await this.#client.getEvents({
      filters: { type: ["container"], event: ["die"], label: [label] },
      abortSignal: stop.signal,
    });
    const lines = events.pipe(new PassThrough());
    createInterface({ input: lines }).on("line", (line) => {
      const { Actor } = exitEventSchema.parse(JSON.parse(line));
      onExit({
        containerId: Actor.ID,
        labels: Actor.Attributes,
        exitCode: Number(Actor.Attributes["exitCode"] ?? "0"),
      });
    });
    const end = (): void => {
      lines.end();
      if (!stop.signal.aborted) onEnd();
    };
    // Ended or broken: the stream is over either way.
    finished(events).then(end, end);
    return () => stop.abort();
  }
}
