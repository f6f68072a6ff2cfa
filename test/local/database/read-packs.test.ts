// What a content pack may look like, and how its author hears about what is wrong.

import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { limits } from "#wire/limits.ts";
import { hashFolder } from "../../../local/database/challenge-version.ts";
import { packLimits } from "../../../local/database/limits.ts";
import { readFolder } from "../../../local/database/pack-folder.ts";
import { readPacks } from "../../../local/database/read-packs.ts";
import { challengeYaml, PACK_YAML, smallPack, writePacks } from "./test-packs.ts";

async function problemOf(directory: string): Promise<string> {
  return await readPacks(directory).then(
    () => "no problem",
    (error: unknown) => String(error),
  );
}

describe("readPacks", () => {
  it("reads the repository's own challenges", async () => {
    const packs = await readPacks(fileURLToPath(new URL("../../../challenges", import.meta.url)));
    const first = packs.find(({ meta }) => meta.id === "docker")?.challenges[0];
    expect(first?.meta).toMatchObject({
      uid: "docker-first-image",
      slug: "first-image",
      needs: { images: ["berth/python:3.11"] },
    });
    expect(first?.starter.map(({ path, mode }) => [path, mode])).toEqual([["app.py", 0o644]]);
    expect(first?.task).toMatch(/^# Your first image\n/);
  });

  it("bundles the starter sorted by path, with bytes as they are and only the execute bit of the mode", async () => {
    const directory = await writePacks({
      ...smallPack(),
      "first/one/starter/b/run.sh": "#!/bin/sh\n",
      "first/one/starter/B": "",
    });
    await chmod(join(directory, "first/one/starter/b/run.sh"), 0o700);
    await writeFile(join(directory, "first/one/starter/binary"), Uint8Array.of(0, 255, 10));
    const [pack] = await readPacks(directory);
    expect(pack?.challenges[0]?.starter).toEqual([
      { path: "B", mode: 0o644, contentBase64: "" },
      { path: "a.txt", mode: 0o644, contentBase64: "YQo=" },
      { path: "b/run.sh", mode: 0o755, contentBase64: "IyEvYmluL3NoCg==" },
      { path: "binary", mode: 0o644, contentBase64: "AP8K" },
    ]);
  });

  it("keeps the order that the pack gives", async () => {
    const directory = await writePacks({
      ...smallPack(),
      "first/pack.yaml": PACK_YAML.replace("[one]", "[two, one]"),
      "first/two/challenge.yaml": challengeYaml("two"),
      "first/two/README.md": "# Two\n",
    });
    const [pack] = await readPacks(directory);
    expect(pack?.challenges.map(({ meta }) => meta.slug)).toEqual(["two", "one"]);
  });

  const yaml = "first/one/challenge.yaml";
  it.each([
    [
      "a misspelt member",
      yaml,
      challengeYaml("one").replace("minutes", "minuts"),
      `${yaml}:6: Unrecognized key: "minuts"`,
    ],
    ["a missing member", yaml, challengeYaml("one").replace("minutes: 5\n", ""), `${yaml}:1: minutes: Invalid input`],
    ["a value of the wrong type", yaml, challengeYaml("one").replace("5", "soon"), `${yaml}:6: minutes: Invalid input`],
    [
      "a wrong element of a list",
      yaml,
      challengeYaml("one").replace("[one, two]", "\n  - one\n  - 2"),
      `${yaml}:9: concepts.1: Invalid input`,
    ],
    [
      "an image by no name",
      yaml,
      challengeYaml("one").replace("berth/", "Berth/"),
      `${yaml}:9: needs.images.0: Invalid string`,
    ],
    ["a member twice", yaml, `${challengeYaml("one")}uid: again\n`, `${yaml}:10: Map keys must be unique`],
    ["no YAML", yaml, "uid: [", `${yaml}:1: `],
    [
      "an alias",
      yaml,
      challengeYaml("one").replace("[one, two]", "[&a one, *a]"),
      `${yaml}: Alias resolution is disabled`,
    ],
    ["another slug than the folder's", yaml, challengeYaml("two"), `${yaml}: slug: must be the folder's name, one`],
    [
      "another id than the folder's",
      "first/pack.yaml",
      PACK_YAML.replace("first", "last"),
      "first/pack.yaml: id: must be the folder's name, first",
    ],
    [
      "a challenge without a folder",
      "first/pack.yaml",
      PACK_YAML.replace("[one]", "[one, two]"),
      "first/pack.yaml: order: names two, but",
    ],
    [
      "a folder that the order leaves out",
      "first/two/challenge.yaml",
      "",
      "first/pack.yaml: order: leaves out the challenge two",
    ],
  ])("names file and line of %s", async (_, path, text, problem) => {
    const directory = await writePacks({ ...smallPack(), [path]: text });
    expect(await problemOf(directory)).toContain(`PackError: challenges/${problem}`);
  });

  it.each(["first/pack.yaml", "first/one/challenge.yaml", "first/one/README.md"])(
    "names %s when it is missing",
    async (path) => {
      const directory = await writePacks(smallPack());
      await rm(join(directory, path));
      expect(await problemOf(directory)).toBe(`PackError: challenges/${path}: is missing`);
    },
  );

  it("names a text that is not UTF-8", async () => {
    const directory = await writePacks(smallPack());
    await writeFile(join(directory, "first/one/README.md"), Uint8Array.of(0xff));
    expect(await problemOf(directory)).toBe("PackError: challenges/first/one/README.md: is not UTF-8 text");
  });

  it.each([
    ["uid", challengeYaml("two", "uid-one")],
    ["slug", challengeYaml("one", "uid-two")],
  ])("refuses the same %s in two packs", async (key, text) => {
    const slug = key === "uid" ? "two" : "one";
    const directory = await writePacks({
      ...smallPack(),
      "second/pack.yaml": `id: second\ntitle: Second\nlicense: MIT\norder: [${slug}]\n`,
      [`second/${slug}/challenge.yaml`]: text,
      [`second/${slug}/README.md`]: "# Second\n",
    });
    const expected = key === "uid" ? "uid uid-one" : "slug one";
    expect(await problemOf(directory)).toBe(
      `PackError: challenges/second/${slug}/challenge.yaml: ${expected} is taken by challenges/first/one/challenge.yaml`,
    );
  });
});

describe("what leads out of a pack", () => {
  it.each([
    ["a link among the packs", "elsewhere"],
    ["a link among the challenges", "first/elsewhere"],
    ["a link in the starter", "first/one/starter/elsewhere"],
    ["a link for a file that is read", "first/one/hints.yaml"],
  ])("is refused: %s", async (_, path) => {
    const directory = await writePacks(smallPack());
    await symlink("/etc", join(directory, path));
    expect(await problemOf(directory)).toMatch(new RegExp(`^PackError: challenges/${path}: is a link`));
  });

  it("is refused: pack.yaml as a link", async () => {
    const directory = await writePacks(smallPack());
    await rm(join(directory, "first/pack.yaml"));
    await symlink("/etc/hostname", join(directory, "first/pack.yaml"));
    expect(await problemOf(directory)).toBe("PackError: challenges/first/pack.yaml: is a link; packs hold files only");
  });
});

describe("limits of a pack", () => {
  it("takes a starter file of exactly the limit and refuses one byte more", async () => {
    const directory = await writePacks(smallPack());
    const file = join(directory, "first/one/starter/large");
    await writeFile(file, Buffer.alloc(limits.starterFileBytes));
    expect((await readPacks(directory))[0]?.challenges[0]?.starter).toHaveLength(2);
    await writeFile(file, Buffer.alloc(limits.starterFileBytes + 1));
    expect(await problemOf(directory)).toBe(
      `PackError: challenges/first/one/starter/large: is larger than ${limits.starterFileBytes} bytes`,
    );
  });

  it("refuses a starter that is too large as one bundle", async () => {
    const directory = await writePacks(smallPack());
    for (let i = 0; i < 4; i++)
      await writeFile(join(directory, `first/one/starter/${i}`), Buffer.alloc(limits.starterFileBytes));
    expect(await problemOf(directory)).toContain("challenges/first/one/starter: is larger than");
  });

  it("takes a task of exactly the limit and refuses one byte more", async () => {
    const task = "é".repeat(limits.taskBytes / 2);
    const directory = await writePacks({ ...smallPack(), "first/one/README.md": task });
    expect((await readPacks(directory))[0]?.challenges[0]?.task).toBe(task);
    await writeFile(join(directory, "first/one/README.md"), `${task}x`);
    expect(await problemOf(directory)).toContain("challenges/first/one/README.md: is larger than");
  });

  it("refuses a folder with more files, more bytes or more levels than the limit", async () => {
    const directory = await writePacks({ "x/1": "12345", "x/2": "12345", "x/a/b/3": "" });
    const read = async (limit: Partial<Record<keyof typeof packLimits, number>>) =>
      await readFolder(join(directory, "x"), "x", { ...packLimits, ...limit });
    expect(await read({ folderFiles: 3, folderBytes: 10, folderDepth: 3 })).toHaveLength(3);
    await expect(read({ folderFiles: 2 })).rejects.toThrow("x: holds more than 2 files");
    await expect(read({ folderBytes: 9 })).rejects.toThrow("is too large");
    await expect(read({ folderDepth: 2 })).rejects.toThrow("x/a/b: lies too deep");
  });
});

describe("hashFolder", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const file = (path: string, text: string, isExecutable = false) => ({ path, isExecutable, bytes: bytes(text) });
  const base = hashFolder([file("a", "1"), file("b", "2")]);

  it("does not depend on the order in which files were found", () => {
    expect(hashFolder([file("b", "2"), file("a", "1")])).toBe(base);
  });

  it.each([
    ["content", [file("a", "1"), file("b", "3")]],
    ["a name", [file("a", "1"), file("c", "2")]],
    ["an execute bit", [file("a", "1"), file("b", "2", true)]],
    ["a missing file", [file("a", "1")]],
    ["bytes that moved between files", [file("a", "12"), file("b", "")]],
  ])("changes with %s", (_, files) => {
    expect(hashFolder(files)).not.toBe(base);
  });

  it("stays what it is, since stored attempts name it", () => {
    expect(base).toBe("06817aebffcb09f756fd2ccb2a4641f3173be3c9837c034fc2321bbe8ccd5b7e");
  });

  it("ignores empty folders and permissions other than the owner's execute bit", async () => {
    const directory = await writePacks(smallPack());
    const [before] = await readPacks(directory);
    await mkdir(join(directory, "first/one/starter/empty"));
    await chmod(join(directory, "first/one/README.md"), 0o600);
    const [after] = await readPacks(directory);
    expect(after?.challenges[0]?.hash).toBe(before?.challenges[0]?.hash);
  });
});
