// Challenges and past sessions for driving the page without a database.

import { readFileSync } from "node:fs";
import type { Challenge } from "#wire/challenge.ts";
import type { HistorySession } from "#wire/history.ts";
import { newId } from "#wire/ids.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const task = readFileSync(new URL("../../challenges/docker/first-image/README.md", import.meta.url), "utf8");

function challenge(
  index: number,
  slug: string,
  title: string,
  rest: Pick<Challenge, "summary" | "difficulty" | "minutes" | "concepts" | "pack" | "packTitle">,
): Challenge {
  return {
    uid: `sample-${index}`,
    slug,
    title,
    version: index.toString(16).padStart(64, "0"),
    task,
    images: [],
    ...rest,
  };
}

const docker = { pack: "docker", packTitle: "Docker basics" };

export const firstImage = challenge(1, "first-image", "Your first image", {
  ...docker,
  summary: "Write a Dockerfile for a small web app, build it, run it and ask it for a page.",
  difficulty: "beginner",
  minutes: 15,
  concepts: ["Dockerfile", "image", "layer", "container", "published port"],
});

export const layerOrder = challenge(2, "layer-order", "Builds that reuse their layers", {
  ...docker,
  summary:
    "Order the instructions of a slow Dockerfile so that a change in the source no longer installs every dependency again.",
  difficulty: "intermediate",
  minutes: 25,
  concepts: ["cache", "layer"],
});

export const multiStage = challenge(3, "multi-stage", "A small image from a large build", {
  ...docker,
  summary:
    "Split a build into stages and ship only what runs: the image has to end below 250 MB and still answer its health check.",
  difficulty: "advanced",
  minutes: 40,
  concepts: ["stage", "image size", "health check", "COPY --from"],
});

/** More than fit on a screen, with titles of every length. */
export const manyChallenges: Challenge[] = [
  firstImage,
  layerOrder,
  multiStage,
  ...Array.from({ length: 12 }, (_, index) =>
    challenge(
      index + 10,
      `shell-${index}`,
      index === 0
        ? "Find, count and sort what a log of ten thousand requests tells about its slowest minute"
        : `Shell exercise ${index}`,
      {
        pack: "shell",
        packTitle: "Working in a shell",
        summary:
          index % 2 === 0
            ? "Short."
            : "Answer five questions about a folder of log files with nothing but the tools that every Linux machine has.",
        difficulty: index % 3 === 0 ? "advanced" : "beginner",
        minutes: 5 + index,
        concepts: ["pipe", "grep", "sort", "awk", "uniq", "redirect"].slice(0, (index % 6) + 1),
      },
    ),
  ),
];

const ends = [
  { state: "stopped", reason: { code: "ended_by_learner", message: "You ended this session." } },
  { state: "expired", reason: { code: "idle_too_long", message: "Nobody used the session for too long." } },
  {
    state: "failed",
    reason: { code: "host_lost", message: "The machine that held the container has not been heard from." },
  },
  {
    state: "expired",
    reason: { code: "total_time_over", message: "The session's time was over, and nobody extended it." },
  },
] as const;

/** `count` past sessions before `now`, newest first, of challenges that are offered and one that is not. */
export function pastSessions(now: number, count: number): HistorySession[] {
  const slugs = [firstImage.slug, layerOrder.slug, "taken-down-long-ago"];
  return Array.from({ length: count }, (_, index) => {
    const startedAt = now - (index + 1) * 7 * HOUR;
    const end = ends[index % ends.length] ?? ends[0];
    return {
      id: newId("s"),
      challengeId: slugs[index % slugs.length] ?? firstImage.slug,
      version: "0".repeat(64),
      startedAt,
      readyAt: startedAt + 900,
      extensions: 0,
      ended: { at: startedAt + (25 + 31 * (index % 4) * (index % 3)) * MINUTE, ...end },
    };
  });
}
