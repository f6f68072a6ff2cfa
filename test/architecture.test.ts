// Holds the rules of ARCHITECTURE.md and CONTRIBUTING.md that a machine can read: who imports whom, how large files get, what they are called.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const SOURCE_LINES_MAX = 250;
const TEST_LINES_MAX = 500;

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Paths of the project and names of packages. */
  readonly imports: readonly string[];
}

function listFiles(): string[] {
  const options = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const names = execFileSync("git", [...options, "*.ts", "*.tsx", "*.mjs"], { cwd: PROJECT, encoding: "utf8" });
  return names.split("\n").filter((name) => name !== "" && !name.startsWith("challenges/"));
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(PROJECT, path), "utf8");
  const specifiers = [
    ...text.matchAll(/^(?:import|export)\b[^"';]*?from "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm),
  ];
  return {
    path,
    text,
    imports: specifiers.map((match) => resolveImport(path, match[1] ?? match[2] ?? match[3] ?? "")),
  };
}

function resolveImport(from: string, specifier: string): string {
  if (specifier.startsWith(".")) return normalize(join(dirname(from), specifier));
  if (specifier.startsWith("#wire/")) return specifier.replace("#wire/", "schema/wire/");
  return specifier;
}

const files = listFiles().map(readSource);
const sources = files.filter(({ path }) => !path.startsWith("test/"));

/** Every import of something below `what` by a file that is not below one of `allowed`. */
function findImports(what: RegExp, allowed: readonly string[], among = sources): string[] {
  return among.flatMap(({ path, imports }) => {
    if (allowed.some((place) => path === place || path.startsWith(place))) return [];
    return imports.filter((name) => what.test(name)).map((name) => `${path} imports ${name}`);
  });
}

describe("imports", () => {
  it.each([
    ["worker", /^worker\//, ["worker/"]],
    ["web", /^web\//, ["web/"]],
    ["runner-host", /^runner-host\//, ["runner-host/", "local/", "bench/"]],
    ["local", /^local\//, ["local/", "bench/"]],
    ["test", /^test\//, ["test/", "bench/"]],
  ])("of %s/ come from where they may", (_, what, allowed) => {
    expect(findImports(what, allowed)).toEqual([]);
  });

  it("keep the tables behind the worker's database folder and the migrator", () => {
    const allowed = ["schema/db/", "worker/db/", "local/database/", "drizzle.config.ts"];
    expect(findImports(/^schema\/db\//, allowed)).toEqual([]);
  });

  it("of the wire need nothing but zod, so that any runtime can have it", () => {
    const wire = sources.filter(({ path }) => path.startsWith("schema/wire/"));
    expect(findImports(/^(?!zod$|schema\/wire\/)/, [], wire)).toEqual([]);
  });

  it("of the agent stay with it and the wire: it is bundled into the session image", () => {
    const agent = sources.filter(({ path }) => path.startsWith("runner-host/agent/"));
    expect(findImports(/^(?:runner-host\/(?!agent\/)|local|worker|web)/, [], agent)).toEqual([]);
  });

  it.each([
    ["dockerode", /^dockerode$/, ["runner-host/engine/docker.ts", "bench/"]],
    ["fastify", /^fastify$/, ["runner-host/"]],
    ["hono", /^hono(?:\/|$)/, ["worker/"]],
    ["drizzle", /^drizzle-orm(?:\/|$)/, ["worker/db/", "schema/db/", "local/database/"]],
    ["the libSQL client", /^@libsql\/client/, ["worker/db/", "local/database/"]],
    ["the libSQL engine", /^libsql$/, ["local/libsql-server/"]],
    ["the emulator", /^@xterm\//, ["web/terminal/"]],
    ["PTYs", /^@lydell\/node-pty$/, ["runner-host/agent/"]],
    ["Workers", /^cloudflare:/, ["worker/"]],
    ["React", /^react(?:-dom)?(?:\/|$)/, ["web/"]],
  ])("keep %s behind its wall", (_, what, allowed) => {
    expect(findImports(what, allowed)).toEqual([]);
  });

  it("have no cycles", () => {
    const byPath = new Map(files.map((file) => [file.path, file]));
    const done = new Set<string>();
    const findCycle = (path: string, above: readonly string[]): string | null => {
      if (above.includes(path)) return [...above.slice(above.indexOf(path)), path].join(" -> ");
      if (done.has(path)) return null;
      for (const next of byPath.get(path)?.imports ?? []) {
        const cycle = byPath.has(next) ? findCycle(next, [...above, path]) : null;
        if (cycle !== null) return cycle;
      }
      done.add(path);
      return null;
    };
    expect(files.map(({ path }) => findCycle(path, [])).filter((cycle) => cycle !== null)).toEqual([]);
  });
});

describe("files", () => {
  it("stay under their ceiling", () => {
    const tooLong = files.flatMap(({ path, text }) => {
      const lines = text.split("\n").length - 1;
      return lines > (path.startsWith("test/") ? TEST_LINES_MAX : SOURCE_LINES_MAX)
        ? [`${path} has ${lines} lines`]
        : [];
    });
    expect(tooLong).toEqual([]);
  });

  it("open with a sentence that says what they own", () => {
    expect(files.filter(({ text }) => !/^\/\/ \S.*\.\n/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it("are named by their noun in kebab-case", () => {
    const kebab =
      /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:docker|e2e|long|worker))?(?:\.(?:test|config))?\.(?:ts|tsx|mjs)$|\.d\.ts$/;
    expect(files.map(({ path }) => path).filter((path) => !kebab.test(path.split("/").at(-1) ?? ""))).toEqual([]);
  });

  it("and classes have no empty word in their names", () => {
    const emptyWords = /^(?:utils?|helpers?|common|misc|manager|service|handler|data|info|impl)$/i;
    // The data socket and what belongs to it are words of the protocol.
    const plain = (name: string) => name.replace(/^data-?(?=link|socket|ticket)/i, "");
    const isEmpty = (name: string) =>
      plain(name)
        .split(/[-./]|(?<=[a-z])(?=[A-Z])/)
        .some((word) => emptyWords.test(word));
    const fileNames = files.map(({ path }) => path.split("/").at(-1) ?? "");
    const classNames = files.flatMap(({ text }) => [...text.matchAll(/\bclass (\w+)/g)].map((match) => match[1] ?? ""));
    expect([...fileNames, ...classNames].filter(isEmpty)).toEqual([]);
  });

  it.each([
    ["a cast that checks nothing", /\bas any\b|\bas unknown as\b/],
    ["a note to do later", /\b(?:TODO|FIXME|XXX)\b/],
    ["an empty catch", /catch(?: \(\w+\))? \{\s*\}|\.catch\(\(\) => \{\s*\}\)/],
    ["a test that is left out", /\b(?:it|describe|test)\.(?:skip|only|todo)\b/],
  ])("contain no %s", (_, pattern) => {
    const self = "test/architecture.test.ts";
    expect(files.filter(({ path, text }) => path !== self && pattern.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
