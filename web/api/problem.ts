// What a refused or failed request looks like to the page: problem+json from the edge, or a network that is not there.

import { z } from "zod";

const problemSchema = z.object({ code: z.string(), title: z.string(), detail: z.string().optional() }).loose();

export class Problem extends Error {
  /** The edge's error code, or `offline` when nothing answered, or `unreadable` when the answer was none of ours. */
  readonly code: string;
  readonly title: string;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, title: string, detail: string, members: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.name = "Problem";
    this.code = code;
    this.title = title;
    this.members = members;
  }
}

export function readProblem(status: number, body: unknown): Problem {
  const parsed = problemSchema.safeParse(body);
  if (!parsed.success) {
    return new Problem(
      "unreadable",
      "The server answered in a way this page does not understand",
      `It sent status ${status}. Try again in a moment.`,
    );
  }
  const { code, title, detail, ...members } = parsed.data;
  return new Problem(code, title, detail ?? "", members);
}

export function offlineProblem(): Problem {
  return new Problem("offline", "Berth cannot be reached", "Check your network, then try again.");
}

export function isMissingChallenge(error: unknown): boolean {
  return error instanceof Problem && error.code === "challenge_not_found";
}

/** Title and detail of anything that was thrown by a request. */
export function describeProblem(error: unknown): { title: string; detail: string } {
  if (error instanceof Problem) return { title: error.title, detail: error.message };
  return {
    title: "Something went wrong on this page",
    detail: error instanceof Error ? error.message : "Reload the page and try again.",
  };
}
