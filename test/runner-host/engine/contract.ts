// The contract of every container engine, as tests: run on the one for tests and on real Docker.

import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "#wire/ids.ts";
import type { ContainerEnd, ContainerEngine } from "../../../runner-host/engine/container-engine.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { StandInDaemon } from "./stand-in-daemon.ts";

export interface EngineUnderTest {
  /** Lets go of nothing: each call opens the same engine once more, as a restarted daemon does. */
  open(): Promise<ContainerEngine>;
  /** A preloaded lab image. */
  image: string;
  /** Shell command by which whoever is in the container ends its first process. */
  endCommand: string;
  /** Path of the workspace as the container sees it. */
  workspaceOf(session: string): string;
}

const END_MS = 10_000;
/** A container that runs answers within milliseconds. */
const FROZEN_MS = 300;

export function describeContainerEngine(name: string, underTest: EngineUnderTest): void {
  describe(`${name} as a container engine`, () => {
    let engine: ContainerEngine;
    let daemons: StandInDaemon[];

    beforeEach(async () => {
      engine = await underTest.open();
      daemons = [];
    });

    afterEach(async () => {
      for (const daemon of daemons) await daemon.close();
      for (const { session } of await engine.listContainers()) await engine.removeContainer(session);
      await engine.close();
    });

    async function listen(session: string): Promise<StandInDaemon> {
      const daemon = await StandInDaemon.listen(await engine.openSocketDirectory(session));
      daemons.push(daemon);
      return daemon;
    }

    const claim = (session: string, epoch = 1) => ({ session, epoch, images: [underTest.image] });

    it("gives a session one running container whose agent dials the session's socket", async () => {
      const session = newId("s");
      const daemon = await listen(session);
      const { containerId, socketDirectory } = await engine.ensureContainer(claim(session, 3));
      expect(socketDirectory).toBe(await engine.openSocketDirectory(session));
      expect(await daemon.agentPid()).toBeGreaterThan(0);
      expect(await engine.listContainers()).toEqual([{ session, epoch: 3, containerId, isRunning: true }]);
    });

    it("makes one container for claims that arrive together", async () => {
      const session = newId("s");
      const daemon = await listen(session);
      const answers = await Promise.all(Array.from({ length: 8 }, () => engine.ensureContainer(claim(session))));
      expect(new Set(answers.map((answer) => answer.containerId)).size).toBe(1);
      expect(await engine.listContainers()).toHaveLength(1);
      await daemon.read("true");
      expect(daemon.agentsSeen.size).toBe(1);
    });

    it("leaves the container of the same epoch as it is", async () => {
      const session = newId("s");
      const daemon = await listen(session);
      const first = await engine.ensureContainer(claim(session));
      const agent = await daemon.agentPid();
      expect((await engine.ensureContainer(claim(session))).containerId).toBe(first.containerId);
      expect(await daemon.agentPid()).toBe(agent);
    });

    it("brings a stopped container back with its files", async () => {
      const session = newId("s");
      const daemon = await listen(session);
      await engine.ensureContainer(claim(session));
      await daemon.read(`echo kept > ${underTest.workspaceOf(session)}/note`);
      await engine.stopContainer(session);
      expect(await engine.listContainers()).toMatchObject([{ session, epoch: 1, isRunning: false }]);
      await engine.ensureContainer(claim(session));
      await daemon.heard(2);
      expect(await daemon.read(`cat ${underTest.workspaceOf(session)}/note`)).toBe("kept");
    });

    it("replaces the container at a newer epoch and keeps the files", async () => {
      const session = newId("s");
      const daemon = await listen(session);
      await engine.ensureContainer(claim(session, 1));
      await daemon.read(`echo kept > ${underTest.workspaceOf(session)}/note`);
      const { containerId } = await engine.ensureContainer(claim(session, 2));
      expect(await engine.listContainers()).toEqual([{ session, epoch: 2, containerId, isRunning: true }]);
      await daemon.heard(2);
      expect(await daemon.read(`cat ${underTest.workspaceOf(session)}/note`)).toBe("kept");
    });

    it("refuses an epoch older than the container's and leaves the container alone", async () => {
      const session = newId("s");
      await engine.ensureContainer(claim(session, 2));
      await expect(engine.ensureContainer(claim(session, 1))).rejects.toMatchObject({ code: "stale_epoch" });
      expect(await engine.listContainers()).toMatchObject([{ epoch: 2, isRunning: true }]);
    });

    it("refuses a lab image that is not preloaded, and makes nothing", async () => {
      const session = newId("s");
      const wanted = { session, epoch: 1, images: ["berth/absent:1"] };
      await expect(engine.ensureContainer(wanted)).rejects.toMatchObject({ code: "image_missing" });
      expect(await engine.listContainers()).toEqual([]);
    });

    it("removes a session with its files, and a session that is not there without complaint", async () => {
      const session = newId("s");
      const daemon = await listen(session);
      await engine.ensureContainer(claim(session));
      await daemon.read(`echo gone > ${underTest.workspaceOf(session)}/note`);
      await daemon.close();
      await engine.removeContainer(session);
      expect(await engine.listContainers()).toEqual([]);
      await engine.removeContainer(session);
      await engine.stopContainer(session);
      const fresh = await listen(session);
      await engine.ensureContainer(claim(session));
      expect((await fresh.run(`cat ${underTest.workspaceOf(session)}/note`)).exitCode).not.toBe(0);
    });

    it("tells of a container that ends by itself, and of none that was asked to end", async () => {
      const [stopped, removed, broken] = [newId("s"), newId("s"), newId("s")];
      const ends: ContainerEnd[] = [];
      engine.watch((end) => ends.push(end));
      const daemon = await listen(broken);
      await Promise.all([stopped, removed, broken].map((session) => engine.ensureContainer(claim(session, 5))));
      await engine.stopContainer(stopped);
      await engine.removeContainer(removed);
      await daemon.agentPid();
      daemon.run(underTest.endCommand).catch(() => undefined);
      await waitUntil(() => ends.length > 0, END_MS, "the end of a container");
      expect(ends).toMatchObject([{ session: broken, epoch: 5 }]);
      expect((await engine.listContainers()).find(({ session }) => session === broken)).toMatchObject({
        isRunning: false,
      });
    });

    it("starts a container again that ended by itself", async () => {
      const session = newId("s");
      const ends: ContainerEnd[] = [];
      engine.watch((end) => ends.push(end));
      const daemon = await listen(session);
      await engine.ensureContainer(claim(session));
      await daemon.read(`echo kept > ${underTest.workspaceOf(session)}/note`);
      daemon.run(underTest.endCommand).catch(() => undefined);
      await waitUntil(() => ends.length > 0, END_MS, "the end of a container");
      await engine.ensureContainer(claim(session));
      await daemon.heard(2);
      expect(await daemon.read(`cat ${underTest.workspaceOf(session)}/note`)).toBe("kept");
    });

    it("lets containers run on when it is closed, and finds them when it is opened again", async () => {
      const session = newId("s");
      const daemon = await listen(session);
      const { containerId } = await engine.ensureContainer(claim(session, 4));
      const agent = await daemon.agentPid();
      await engine.close();
      engine = await underTest.open();
      expect(await engine.listContainers()).toEqual([{ session, epoch: 4, containerId, isRunning: true }]);
      expect((await engine.ensureContainer(claim(session, 4))).containerId).toBe(containerId);
      expect(await daemon.agentPid()).toBe(agent);
    });

    it("freezes a container within the call, and lets it go on where it was", async () => {
      const session = newId("s");
      const daemon = await listen(session);
      await engine.ensureContainer(claim(session));
      const agent = await daemon.agentPid();
      expect(engine.freezeContainer(session)).toBe(true);
      const answer = daemon.read("echo awake");
      expect(await Promise.race([answer, delay(FROZEN_MS, "frozen")])).toBe("frozen");
      const frozen = await engine.readUsage(session);
      expect(await Promise.race([answer, delay(FROZEN_MS, "frozen")])).toBe("frozen");
      expect(await engine.readUsage(session)).toMatchObject({ cpuMs: frozen?.cpuMs });
      expect(await engine.listContainers()).toMatchObject([{ session, isRunning: true }]);
      engine.thawContainer(session);
      expect(await answer).toBe("awake");
      expect(await daemon.agentPid()).toBe(agent);
    });

    it("freezes nothing where nothing runs", async () => {
      const session = newId("s");
      expect(engine.freezeContainer(session)).toBe(false);
      engine.thawContainer(session);
      expect(await engine.readUsage(session)).toBeNull();
      const start = engine.ensureContainer(claim(session));
      expect(engine.freezeContainer(session)).toBe(false);
      await start;
      expect(engine.freezeContainer(session)).toBe(true);
      await engine.stopContainer(session);
      expect(engine.freezeContainer(session)).toBe(false);
      expect(await engine.readUsage(session)).toBeNull();
    });

    it.each(["stopped", "removed", "started anew at a newer epoch"])("lets a frozen container be %s", async (how) => {
      const session = newId("s");
      const daemon = await listen(session);
      await engine.ensureContainer(claim(session));
      await daemon.read("true");
      expect(engine.freezeContainer(session)).toBe(true);
      if (how === "stopped") await engine.stopContainer(session);
      else if (how === "removed") await engine.removeContainer(session);
      else await engine.ensureContainer(claim(session, 2));
      const left = (await engine.listContainers()).map(({ epoch, isRunning }) => ({ epoch, isRunning }));
      if (how === "stopped") expect(left).toEqual([{ epoch: 1, isRunning: false }]);
      else if (how === "removed") expect(left).toEqual([]);
      else {
        expect(left).toEqual([{ epoch: 2, isRunning: true }]);
        await daemon.heard(2);
        await daemon.read("true");
      }
    });

    it("thaws what it finds frozen when it is opened again and the session asked for", async () => {
      const session = newId("s");
      const daemon = await listen(session);
      await engine.ensureContainer(claim(session));
      const agent = await daemon.agentPid();
      engine.freezeContainer(session);
      await engine.close();
      engine = await underTest.open();
      await engine.ensureContainer(claim(session));
      expect(await daemon.read("echo awake")).toBe("awake");
      expect(await daemon.agentPid()).toBe(agent);
    });

    it("ends a container that it finds frozen when it is opened again", async () => {
      const session = newId("s");
      await listen(session);
      await engine.ensureContainer(claim(session));
      engine.freezeContainer(session);
      await engine.close();
      engine = await underTest.open();
      await engine.removeContainer(session);
      expect(await engine.listContainers()).toEqual([]);
    });
  });
}
