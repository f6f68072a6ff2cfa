// A clock that jumps moves no deadline of a runner host: its durations come from the monotonic clock.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const FOLDER = fileURLToPath(new URL("../../runner-host", import.meta.url));

/** Times of files, which other processes write too, and a time that a recipe fixes. */
const MAY_ASK = ["image/image-folder.ts", "image/docker-archive.ts", "sessions/starter-source.ts"];

it("only what compares times of files asks for the time of day", () => {
  const asking = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && /\bDate\.now\(|\bnew Date\(/.test(readFileSync(join(FOLDER, name), "utf8")),
  );
  expect(asking.filter((name) => !MAY_ASK.includes(name))).toEqual([]);
});
