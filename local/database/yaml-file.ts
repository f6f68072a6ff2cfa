// Parses one YAML file by its schema; every complaint names the file and the line it is about.

import { type Document, isMap, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { PackError } from "./pack-error.ts";

/** `file` is the name for messages. Throws PackError for anything that is not `schema`, with the most telling problem. */
export function parseYaml<Schema extends z.ZodType>(file: string, text: string, schema: Schema): z.output<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) throw new PackError(file, lines.linePos(fault.pos[0]).line, fault.message);
  const parsed = schema.safeParse(toPlain(file, document));
  if (parsed.success) return parsed.data;
  // A misspelt member is missed by its right name as well; the misspelling is what helps.
  const { issues } = parsed.error;
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  if (!issue) throw new PackError(file, null, "is not valid");
  const path = issue.code === "unrecognized_keys" ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  const name = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
  throw new PackError(file, lineOf(document, lines, path), `${name}${issue.message}`);
}

/** Aliases are refused: a few lines of them can stand for gigabytes. */
function toPlain(file: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw new PackError(file, null, error instanceof Error ? error.message : "cannot be read");
  }
}

/** The line of the member at `path`, or of the nearest one around it that exists. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const last = path[depth - 1];
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isNode(key) && String(key) === String(last))
      : undefined;
    const node = isNode(pair?.key) ? pair.key : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
