// Says in plain words what is wrong with a body; pure.

import { z } from "zod";

export interface BodyProblem {
  /** Dotted; empty for the body itself. */
  readonly path: string;
  /** Reads on from the path: `challengeId` `is missing`. */
  readonly message: string;
}

export function describeIssues(issues: readonly z.core.$ZodIssue[], body: unknown): BodyProblem[] {
  return issues.flatMap((issue) => {
    const path = z.core.toDotPath(issue.path);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: path === "" ? key : `${path}.${key}`, message: "is not known here" }));
    }
    return [{ path, message: isMissing(issue.path, body) ? "is missing" : describeValue(issue) }];
  });
}

/** One sentence for all of them. */
export function joinProblems(problems: readonly BodyProblem[]): string {
  return `${problems.map(({ path, message }) => `${path === "" ? "The body" : path} ${message}`).join("; ")}.`;
}

function isMissing(path: readonly PropertyKey[], body: unknown): boolean {
  const name = path.at(-1);
  if (name === undefined) return false;
  let holder: unknown = body;
  for (const key of path.slice(0, -1)) holder = isObject(holder) ? holder[String(key)] : undefined;
  return isObject(holder) && !Object.hasOwn(holder, name);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Where a schema says it in its own words, those are best. */
function describeValue(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return issue.origin === "string"
        ? `must have at least ${issue.minimum} ${issue.minimum === 1 ? "character" : "characters"}`
        : `must be at least ${issue.minimum}`;
    case "too_big":
      return issue.origin === "string"
        ? `may have at most ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}
