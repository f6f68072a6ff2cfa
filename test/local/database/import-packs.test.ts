// Migrations and the import of packs, through the client that the Worker uses, on the real server.

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, createClient } from "@libsql/client/web";
import { drizzle } from "drizzle-orm/libsql/web";
import { describe, expect, it, onTestFinished } from "vitest";
import { importPacks } from "../../../local/database/import-packs.ts";
import { migrate } from "../../../local/database/migrate.ts";
import { challenges, challengeVersions, packs } from "../../../schema/db/tables.ts";
import { startServer } from "../libsql-server/test-server.ts";
import { challengeYaml, PACK_YAML, smallPack, writePacks } from "./test-packs.ts";

async function openDatabase() {
  const { url, authToken } = await startServer();
  await migrate({ url, authToken });
  const client: Client = createClient({ url, authToken });
  onTestFinished(() => client.close());
  const database = drizzle(client);
  const dump = async () => ({
    packs: await database.select().from(packs),
    challenges: await database.select().from(challenges).orderBy(challenges.uid),
    versions: await database.select().from(challengeVersions).orderBy(challengeVersions.createdAt),
  });
  const load = async (directory: string) => await importPacks({ url, authToken, directory });
  return { address: { url, authToken }, client, load, dump };
}

describe("migrate", () => {
  it("does nothing to a database that is current", async () => {
    const { address, client } = await openDatabase();
    await client.execute("insert into packs values ('kept', 'Kept', 'MIT')");
    await migrate(address);
    expect((await client.execute("select id from packs")).rows).toMatchObject([{ id: "kept" }]);
  });
});

describe("importPacks", () => {
  it("stores a pack, its challenge and the version that is current", async () => {
    const { load, dump } = await openDatabase();
    expect(await load(await writePacks(smallPack()))).toEqual({ packs: 1, challenges: 1, newVersions: 1 });
    const { versions, ...rest } = await dump();
    const hash = versions[0]?.hash ?? "";
    expect(rest).toEqual({
      packs: [{ id: "first", title: "First pack", license: "Apache-2.0" }],
      challenges: [{ uid: "uid-one", slug: "one", pack: "first", version: hash, position: 0, visibility: "listed" }],
    });
    expect(versions).toEqual([
      {
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        uid: "uid-one",
        title: "About one",
        summary: "What it is about.",
        difficulty: "beginner",
        minutes: 5,
        concepts: ["one", "two"],
        images: ["berth/python:3.11"],
        task: "# One\n",
        starter: [{ path: "a.txt", mode: 0o644, contentBase64: "YQo=" }],
        createdAt: expect.any(Number),
      },
    ]);
  });

  it("changes nothing when the same files are imported again", async () => {
    const { load, dump } = await openDatabase();
    const directory = await writePacks(smallPack());
    await load(directory);
    const before = await dump();
    expect(await load(directory)).toMatchObject({ newVersions: 0 });
    expect(await dump()).toEqual(before);
  });

  it("adds a version when a file changes, keeps the old one, and returns to it with the old files", async () => {
    const { load, dump } = await openDatabase();
    const directory = await writePacks(smallPack());
    await load(directory);
    const [first] = (await dump()).versions;
    await writeFile(join(directory, "first/one/starter/a.txt"), "b\n");
    expect(await load(directory)).toMatchObject({ newVersions: 1 });
    const changed = await dump();
    expect(changed.versions).toHaveLength(2);
    expect(changed.versions).toContainEqual(first);
    expect(changed.challenges[0]?.version).not.toBe(first?.hash);
    await writeFile(join(directory, "first/one/starter/a.txt"), "a\n");
    expect(await load(directory)).toMatchObject({ newVersions: 0 });
    expect((await dump()).challenges[0]?.version).toBe(first?.hash);
  });

  it("hides a challenge that left its pack, and lists it again when it returns", async () => {
    const { load, dump } = await openDatabase();
    const both = {
      ...smallPack(),
      "first/pack.yaml": PACK_YAML.replace("[one]", "[two, one]"),
      "first/two/challenge.yaml": challengeYaml("two"),
      "first/two/README.md": "# Two\n",
    };
    const directory = await writePacks(both);
    const shown = async () =>
      (await dump()).challenges.map(({ slug, position, visibility }) => [slug, position, visibility]);
    await load(directory);
    expect(await shown()).toEqual([
      ["one", 1, "listed"],
      ["two", 0, "listed"],
    ]);
    await rm(join(directory, "first/two"), { recursive: true });
    await writeFile(join(directory, "first/pack.yaml"), PACK_YAML);
    await load(directory);
    expect(await shown()).toEqual([
      ["one", 0, "listed"],
      ["two", 0, "hidden"],
    ]);
    await load(await writePacks(both));
    expect(await shown()).toEqual([
      ["one", 1, "listed"],
      ["two", 0, "listed"],
    ]);
  });

  it("follows a challenge by its uid when it gets another slug", async () => {
    const { load, dump } = await openDatabase();
    await load(await writePacks(smallPack()));
    const renamed = {
      "first/pack.yaml": PACK_YAML.replace("[one]", "[uno]"),
      "first/uno/challenge.yaml": challengeYaml("uno", "uid-one"),
      "first/uno/README.md": "# Uno\n",
    };
    await load(await writePacks(renamed));
    expect((await dump()).challenges.map(({ uid, slug }) => [uid, slug])).toEqual([["uid-one", "uno"]]);
  });

  it("refuses a slug that another challenge has, and writes nothing", async () => {
    const { load, dump } = await openDatabase();
    await load(await writePacks(smallPack()));
    const before = await dump();
    const twin = await writePacks({ ...smallPack(), "first/one/challenge.yaml": challengeYaml("one", "uid-other") });
    await expect(load(twin)).rejects.toThrow(
      "challenges/first/one/challenge.yaml: slug one belongs to the challenge with uid uid-one already",
    );
    expect(await dump()).toEqual(before);
  });

  it("writes nothing when any pack is not valid", async () => {
    const { load, dump } = await openDatabase();
    const directory = await writePacks({ ...smallPack(), "second/pack.yaml": "id: second\n" });
    await expect(load(directory)).rejects.toThrow("challenges/second/pack.yaml:1: title:");
    expect(await dump()).toEqual({ packs: [], challenges: [], versions: [] });
  });
});
