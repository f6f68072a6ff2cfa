// Runs session containers on the private Docker engine: the shell around container-spec, session disks and the engine's calls.

import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { containerBody, containerName } from "../container/container-spec.ts";
import { limitNamespace } from "../container/namespace-limits.ts";
import { SessionDisks } from "../container/session-disk.ts";
import { moveWritableLayer } from "../container/writable-layer.ts";
import type { BuiltImages } from "../image/build-images.ts";
import { readDockerArchive } from "../image/docker-archive.ts";
import { labLayersFile, labLayersPath } from "../image/lab-set.ts";
import { ContainerCgroup } from "./container-cgroup.ts";
import { chooseContainer, requireImages } from "./container-choice.ts";
import type { ContainerClaim, ContainerEnd, ContainerEngine, SessionContainer } from "./container-engine.ts";
import type { ContainerUsage } from "./container-usage.ts";
import { Docker } from "./docker.ts";
import { EndWatch } from "./end-watch.ts";
import type { HostLayout } from "./host-layout.ts";
import { type HostTraits, readHostTraits } from "./host-traits.ts";
import { endRemains, sweepMachine } from "./machine-sweep.ts";
import { mountFileSystem, remountReadOnly } from "./mounts.ts";
import { ProcessorWatch } from "./processor-watch.ts";
import { SessionContainers } from "./session-containers.ts";
import { SharedUse } from "./shared-use.ts";
import { removeShimSocket } from "./shims.ts";
import { Turns } from "./turns.ts";

export interface DockerEngineOptions {
  /** Of the running engine (engine.ts). */
  layout: HostLayout;
  images: BuiltImages;
  /** agent.js and what it loads; containers see it read-only. */
  agentDirectory: string;
}

/** The agent needs no time to end; a nested Docker gets this long to stop its containers. */
const STOP_GRACE_S = 3;

/** Makes the engine ready for sessions: loads the session image when it is new and shares the agent's folder. */
export async function openDockerEngine(options: DockerEngineOptions): Promise<ContainerEngine> {
  const { layout, images } = options;
  const docker = new Docker(layout.engineSocket);
  if (!(await docker.hasImage(images.sessionTag))) await docker.loadImage(readDockerArchive(images.sessionArchive));
  // After its recipe changed: some 600 MB.
  await docker.removeOtherImages(images.sessionTag.replace(/:.*/, ""), images.sessionTag);
  await remountReadOnly(options.agentDirectory, layout.agent);
  const ends = new EndWatch(docker);
  await ends.open();
  return new DockerEngine(docker, ends, layout, images, await readHostTraits(layout));
}

class DockerEngine implements ContainerEngine {
  readonly images: readonly string[];
  readonly shared: SharedUse;
  readonly #docker: Docker;
  readonly #ends: EndWatch;
  readonly #layout: HostLayout;
  readonly #built: BuiltImages;
  readonly #host: HostTraits;
  readonly #containers: SessionContainers;
  readonly #disks: SessionDisks;
  readonly #processors: ProcessorWatch;
  readonly #turns = new Turns();
  /** Of the containers that this engine has started or found running. */
  readonly #cgroups = new Map<string, ContainerCgroup>();

  constructor(docker: Docker, ends: EndWatch, layout: HostLayout, built: BuiltImages, host: HostTraits) {
    this.images = built.labImages;
    this.shared = new SharedUse(host.cgroupParent);
    this.#docker = docker;
    this.#ends = ends;
    this.#layout = layout;
    this.#built = built;
    this.#host = host;
    this.#containers = new SessionContainers(docker);
    this.#disks = new SessionDisks({ files: layout.diskFiles, mounts: layout.disks });
    this.#processors = new ProcessorWatch(host.cgroupParent);
  }

  async openSocketDirectory(session: string): Promise<string> {
    const folder = join(this.#layout.sockets, session);
    await mkdir(folder, { recursive: true, mode: 0o711 });
    return folder;
  }

  ensureContainer(claim: ContainerClaim): Promise<{ containerId: string; socketDirectory: string }> {
    return this.#turns.take(claim.session, async () => {
      requireImages(claim.images, this.images);
      const socketDirectory = await this.openSocketDirectory(claim.session);
      const { current, outdated } = chooseContainer(await this.#containers.of(claim.session), claim.epoch);
      if (current?.isRunning) {
        this.#meet(current).thaw();
        this.#ends.follow(current.containerId, current);
        this.#ends.noteRunning(current.containerId);
        await this.#limit(current.containerId);
        return { containerId: current.containerId, socketDirectory };
      }
      for (const container of outdated) await this.#discard(container);
      if (current !== null) this.#disks.requireKept(claim.session);
      const disk = await this.#disks.open(claim.session, this.#built.diskTemplate, this.#built.labSetName);
      await this.#showLabLayers(disk.labSetName);
      const containerId =
        current !== null && (await this.#startAgain(current, disk.path))
          ? current.containerId
          : await this.#create(claim, disk.path, disk.labSetName);
      this.#meet({ session: claim.session, containerId });
      return { containerId, socketDirectory };
    });
  }

  stopContainer(session: string): Promise<void> {
    return this.#turns.take(session, async () => {
      for (const container of await this.#containers.of(session)) {
        if (!container.isRunning) continue;
        this.#meet(container).thaw();
        this.#ends.expect(container.containerId);
        await this.#docker.stopContainer(container.containerId, STOP_GRACE_S);
      }
      this.#cgroups.delete(session);
      await this.#disks.close(session);
    });
  }

  removeContainer(session: string): Promise<void> {
    return this.#turns.take(session, async () => {
      for (const container of await this.#containers.of(session)) await this.#discard(container);
      this.#cgroups.delete(session);
      await this.#disks.remove(session);
      await rm(join(this.#layout.sockets, session), { recursive: true, force: true });
    });
  }

  freezeContainer(session: string): boolean {
    return !this.#turns.isTaken(session) && (this.#cgroups.get(session)?.freeze() ?? false);
  }

  thawContainer(session: string): void {
    this.#cgroups.get(session)?.thaw();
  }

  async readUsage(session: string): Promise<ContainerUsage | null> {
    const counters = this.#cgroups.get(session)?.readCounters() ?? null;
    if (counters === null) return null;
    const disk = await this.#disks.readUsage(session);
    return disk === null ? null : { ...counters, disk };
  }

  listContainers(): Promise<SessionContainer[]> {
    return this.#containers.list();
  }

  async listTraces(): Promise<string[]> {
    const places = [this.#containers.listSessions(), this.#disks.list(), readdir(this.#layout.sockets)];
    return [...new Set((await Promise.all(places)).flat())];
  }

  async sweep(): Promise<void> {
    await sweepMachine(this.#layout, this.#docker);
    await this.#ends.findMissed();
  }

  watch(onEnd: (end: ContainerEnd) => void): () => void {
    return this.#ends.watch(onEnd);
  }

  async close(): Promise<void> {
    this.#ends.close();
    this.#processors.close();
  }

  async #create(claim: ContainerClaim, disk: string, labSetName: string): Promise<string> {
    const { session, epoch } = claim;
    const body = containerBody({
      session,
      epoch,
      imageTag: this.#built.sessionTag,
      ...this.#host,
      disk,
      socketView: join(this.#layout.socketViews, session),
      agent: this.#layout.agent,
      labLayers: join(this.#layout.labImages, labSetName),
      labLayersTarget: labLayersPath(labSetName),
    });
    const containerId = await this.#docker.createContainer(containerName(session, epoch), body);
    try {
      await this.#start({ session, epoch, containerId }, disk);
      return containerId;
    } catch (error) {
      await this.#discard({ session, containerId, isRunning: false });
      throw error;
    }
  }

  async #start(container: Omit<SessionContainer, "isRunning">, disk: string): Promise<void> {
    const { session, epoch, containerId } = container;
    await moveWritableLayer(await this.#docker.findContainerPaths(containerId), disk);
    this.#ends.follow(containerId, { session, epoch });
    await this.#docker.startContainer(containerId);
    this.#ends.noteRunning(containerId);
    await this.#limit(containerId);
  }

  /** False when it cannot run any more (its host folders have moved, say) and was removed: its files stay on the disk. */
  async #startAgain(container: SessionContainer, disk: string): Promise<boolean> {
    try {
      await this.#start(container, disk);
      return true;
    } catch (error) {
      process.emitWarning(
        `Container ${container.containerId} is made anew: ${error instanceof Error ? error.message : String(error)}`,
      );
      await this.#discard(container);
      await endRemains(this.#layout, container.containerId);
      return false;
    }
  }

  /** Nobody is let into a container before; one that has ended meanwhile is left to whoever watches ends. */
  async #limit(containerId: string): Promise<void> {
    const pid = await this.#docker.findFirstProcess(containerId);
    if (pid === null) return;
    try {
      await limitNamespace(pid);
    } catch (error) {
      if (await this.#docker.isContainerRunning(containerId)) throw error;
    }
  }

  #meet({ session, containerId }: Pick<SessionContainer, "session" | "containerId">): ContainerCgroup {
    const cgroup = new ContainerCgroup(this.#host.cgroupParent, containerId);
    this.#cgroups.set(session, cgroup);
    return cgroup;
  }

  async #discard(container: Omit<SessionContainer, "epoch">): Promise<void> {
    if (container.isRunning) this.#meet(container).thaw();
    this.#ends.expect(container.containerId);
    await this.#docker.removeContainer(container.containerId);
    await removeShimSocket(this.#layout, container.containerId);
  }

  /** Mounted once per host and set. */
  #showLabLayers(setName: string): Promise<void> {
    const target = join(this.#layout.labImages, setName);
    return this.#turns.take(target, () =>
      mountFileSystem("erofs", labLayersFile(this.#built.directory, setName), target),
    );
  }
}
