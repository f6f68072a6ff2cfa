// What goes into an image's name and metadata, and where its packages come from.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { imageNameSchema } from "#wire/runner.ts";
import { sessionTag } from "../../../runner-host/image/build-images.ts";
import { hashInputs, listFolderContent } from "../../../runner-host/image/content-hash.ts";
import { describeProgress } from "../../../runner-host/image/debian-tree.ts";
import { imageConfigJson } from "../../../runner-host/image/docker-archive.ts";
import { linkName, lowerLayers } from "../../../runner-host/image/layer-metadata.ts";
import { parseAptSettings, parseIndexTargets } from "../../../runner-host/image/machine-apt.ts";
import { labRecipes } from "../../../runner-host/image/recipes.ts";

describe("an image's name", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "berth-recipe-"));
    writeFileSync(join(folder, "b.sh"), "two", { mode: 0o644 });
    writeFileSync(join(folder, "a.sh"), "one", { mode: 0o755 });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is the same for the same files, in whatever order they are listed", async () => {
    expect(await listFolderContent(folder)).toEqual([
      ["a.sh", "executable", "one"],
      ["b.sh", "file", "two"],
    ]);
  });

  it("changes with a file's content and with its executable bit", async () => {
    const before = hashInputs(await listFolderContent(folder));
    writeFileSync(join(folder, "a.sh"), "One");
    const after = hashInputs(await listFolderContent(folder));
    expect(after).not.toBe(before);
    expect(after).toMatch(/^[0-9a-f]{16}$/);
  });

  it("is the tag under which the session image is loaded", () => {
    expect(sessionTag("session-0123abcd")).toBe("berth/session:0123abcd");
  });
});

describe("lab images", () => {
  it("have names that the wire allows", () => {
    for (const tag of labRecipes.flatMap((recipe) => recipe.tags)) expect(imageNameSchema.parse(tag)).toBe(tag);
  });

  it("get the same config for the same layers", () => {
    const config = { Cmd: ["python3"], Env: ["PATH=/bin"] };
    const json = imageConfigJson(config, ["aa", "bb"], "amd64");
    expect(imageConfigJson(config, ["aa", "bb"], "amd64")).toBe(json);
    expect(JSON.parse(json)).toMatchObject({
      os: "linux",
      architecture: "amd64",
      config,
      rootfs: { diff_ids: ["sha256:aa", "sha256:bb"] },
    });
    expect(JSON.parse(json).history).toHaveLength(2);
  });
});

describe("layers", () => {
  const [bottom, middle, top] = ["a", "b", "c"].map((letter) => letter.repeat(64)) as [string, string, string];
  const layers = [
    { chainId: top, parentChainId: middle },
    { chainId: bottom, parentChainId: null },
    { chainId: middle, parentChainId: bottom },
  ];

  it("name all layers below them, nearest first", () => {
    expect(lowerLayers({ chainId: top, parentChainId: middle }, layers)).toBe(
      `l/${linkName(middle)}:l/${linkName(bottom)}`,
    );
    expect(lowerLayers({ chainId: bottom, parentChainId: null }, layers)).toBeNull();
  });

  it("cannot stand on one that is not there", () => {
    expect(() => lowerLayers({ chainId: top, parentChainId: middle }, layers.slice(0, 2))).toThrow(/not there/);
  });
});

describe("the machine's apt", () => {
  it("gives Debian's own suites as sources and leaves other repositories out", () => {
    const targets = [
      "http://mirror.example/debian/|bookworm|main",
      "http://mirror.example/debian/|bookworm|main",
      "http://mirror.example/debian-security/|bookworm-security|main",
      "http://mirror.example/debian/|trixie|main",
      "http://vendor.example/linux|bookworm|stable",
      "",
    ].join("\n");
    expect(parseIndexTargets(targets).map((line) => line.replace(/^deb \[.*?\] /, ""))).toEqual([
      "http://mirror.example/debian/ bookworm main",
      "http://mirror.example/debian-security/ bookworm-security main",
    ]);
  });

  it("gives the settings that downloads depend on, and no others", () => {
    const dump = [
      'Acquire::http::Proxy "http://proxy.example:3142";',
      'Acquire::Check-Date "false";',
      'Acquire::http "";',
      'APT::Architecture "amd64";',
      'Dir "/";',
    ].join("\n");
    expect(parseAptSettings(dump)).toEqual([
      'Acquire::http::Proxy "http://proxy.example:3142";',
      'Acquire::Check-Date "false";',
    ]);
  });
});

describe("progress of a build", () => {
  it("tells what is done and keeps quiet about temporary places", () => {
    expect(describeProgress("I: extracting archives...")).toBe("extracting archives...");
    expect(describeProgress("I: running --customize-hook directly: /x/session/customize.sh /tmp/tree")).toBe(
      "running customize.sh",
    );
    expect(describeProgress("I: using /tmp/x as tempdir")).toBeNull();
    expect(describeProgress("")).toBeNull();
  });
});
