// Building images on a real machine: once, whole or not at all, and without leftovers.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { containerLimits } from "../../../runner-host/container/container-limits.ts";
import { readMountPoints } from "../../../runner-host/engine/mounts.ts";
import { identifyProcess } from "../../../runner-host/engine/processes.ts";
import { buildImages } from "../../../runner-host/image/build-images.ts";
import { buildDebianTree } from "../../../runner-host/image/debian-tree.ts";
import { ImageFolder } from "../../../runner-host/image/image-folder.ts";
import { labLayersFile } from "../../../runner-host/image/lab-set.ts";
import { labRecipes } from "../../../runner-host/image/recipes.ts";
import { IMAGES_DIRECTORY } from "../engine/machine.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-images-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("buildImages", () => {
  it("builds nothing when everything is there, and names what a runner host needs", async () => {
    const steps: string[] = [];
    const images = await buildImages({ directory: IMAGES_DIRECTORY, onProgress: ({ step }) => steps.push(step) });
    expect(steps).toEqual([]);
    expect(images.labImages).toEqual(["berth/python:3.11", "python:3.11-slim"]);
    expect(existsSync(join(images.sessionArchive, "manifest.json"))).toBe(true);
    expect(existsSync(labLayersFile(IMAGES_DIRECTORY, images.labSetName))).toBe(true);
  });

  it("makes a disk template of the quota's size that takes next to no room", async () => {
    const { diskTemplate } = await buildImages({ directory: IMAGES_DIRECTORY });
    const { size, blocks } = statSync(diskTemplate);
    expect(size).toBe(containerLimits.diskBytes);
    expect(blocks * 512).toBeLessThan(8 * 1024 ** 2);
  });
});

describe("a build whose mirror is away", () => {
  it("says so and leaves no tree, no mount and nothing under the image's name", async () => {
    const [recipe] = labRecipes;
    if (recipe === undefined) throw new Error("there is no lab image");
    const nowhere = { http_proxy: "http://127.0.0.1:9", https_proxy: "http://127.0.0.1:9" };
    const build = new ImageFolder(directory).ensure("broken", async (scratch) => {
      await buildDebianTree(recipe, join(scratch, "layer.tar"), scratch, nowhere, () => undefined);
      return join(scratch, "layer.tar");
    });
    await expect(build).rejects.toThrow(/mmdebstrap failed.*apt-get update/s);
    expect(readdirSync(directory)).toEqual([]);
    expect((await readMountPoints()).filter((point) => point.startsWith(directory))).toEqual([]);
  });
});

describe("ImageFolder", () => {
  it("builds a name once", async () => {
    const images = new ImageFolder(directory);
    const build = async (scratch: string): Promise<string> => {
      mkdirSync(join(scratch, "made"));
      return join(scratch, "made");
    };
    const made = await images.ensure("thing", build);
    expect(made).toBe(join(directory, "thing"));
    await images.ensure("thing", () => Promise.reject(new Error("built twice")));
    expect(readdirSync(directory)).toEqual(["thing"]);
  });

  it("removes what a killed build left, and nothing of one that is running", async () => {
    const self = await identifyProcess(process.pid);
    const abandoned = join(directory, ".building-999999999-1", "part-x");
    const running = join(
      directory,
      `.building-${process.ppid}-${(await identifyProcess(process.ppid))?.startTicks}`,
      "part-x",
    );
    expect(self).not.toBeNull();
    for (const folder of [abandoned, running]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(abandoned, "half"), "");
    await new ImageFolder(directory).ensure("thing", async (scratch) => {
      mkdirSync(join(scratch, "made"));
      return join(scratch, "made");
    });
    expect(existsSync(abandoned)).toBe(false);
    expect(existsSync(running)).toBe(true);
  });
});
