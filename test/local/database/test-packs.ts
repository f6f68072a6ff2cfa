// A directory of content packs for one test, written from a plain description.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeDirectory } from "../libsql-server/test-server.ts";

export const PACK_YAML = "id: first\ntitle: First pack\nlicense: Apache-2.0\norder: [one]\n";

export function challengeYaml(slug: string, uid = `uid-${slug}`, title = `About ${slug}`): string {
  return [
    `uid: ${uid}`,
    `slug: ${slug}`,
    `title: ${title}`,
    "summary: What it is about.",
    "difficulty: beginner",
    "minutes: 5",
    "concepts: [one, two]",
    "needs:",
    "  images: [berth/python:3.11]",
    "",
  ].join("\n");
}

/** The smallest valid pack, as path -> text. */
export function smallPack(): Record<string, string> {
  return {
    "first/pack.yaml": PACK_YAML,
    "first/one/challenge.yaml": challengeYaml("one"),
    "first/one/README.md": "# One\n",
    "first/one/starter/a.txt": "a\n",
  };
}

/** Writes `files` below a fresh directory named `challenges`, which messages start with. */
export async function writePacks(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = join(await makeDirectory(), "challenges");
  await mkdir(directory);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  return directory;
}
