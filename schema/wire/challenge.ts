// Challenges as the catalogue shows them and as runner hosts lay them.

import { z } from "zod";
import { contentHashSchema, slugSchema } from "./ids.ts";
import { limits } from "./limits.ts";
import { imageNameSchema } from "./runner.ts";

/** A path inside a workspace: relative, `/`-separated, no empty, `.` or `..` part. */
export const workspacePathSchema = z
  .string()
  .min(1)
  .max(limits.pathBytes)
  .refine(
    (path) => path.split("/").every((part) => part !== "" && part !== "." && part !== "..") && !path.includes("\0"),
    "must be a relative path without empty, . or .. parts",
  );

export const difficultySchema = z.enum(["beginner", "intermediate", "advanced"]);

export const challengeSummarySchema = z.strictObject({
  uid: z.string().min(1).max(64),
  slug: slugSchema,
  pack: slugSchema,
  packTitle: z.string().min(1).max(200),
  title: z.string().min(1).max(200),
  summary: z.string().min(1).max(500),
  difficulty: difficultySchema,
  minutes: z.int().min(1).max(600),
  concepts: z.array(z.string().min(1).max(60)).max(20),
  version: contentHashSchema,
});
export type ChallengeSummary = z.infer<typeof challengeSummarySchema>;

/** GET /api/challenges/:slug: `task` is Markdown. */
export const challengeSchema = challengeSummarySchema.extend({
  task: z.string().max(limits.taskBytes),
  images: z.array(imageNameSchema).max(20),
});
export type Challenge = z.infer<typeof challengeSchema>;

/** GET /api/challenges. `stale` is true when the database could not be asked and this is the last known list. */
export const challengeListSchema = z.strictObject({ challenges: z.array(challengeSummarySchema), stale: z.boolean() });

/** `mode` is the permission bits of the file: 0o644 or 0o755. */
export const starterFileSchema = z.strictObject({
  path: workspacePathSchema,
  mode: z.union([z.literal(0o644), z.literal(0o755)]),
  contentBase64: z.base64().max(Math.ceil(limits.starterFileBytes / 3) * 4),
});

/** Files of a fresh workspace, sorted by path. JSON, at most limits.starterBundleBytes. */
export const starterBundleSchema = z.array(starterFileSchema).max(limits.starterFiles);
export type StarterBundle = z.infer<typeof starterBundleSchema>;
