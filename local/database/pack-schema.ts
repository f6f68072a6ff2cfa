// What pack.yaml and challenge.yaml may say; an unknown member is an error, since it is most often a misspelt one.

import { z } from "zod";
import { challengeSummarySchema } from "#wire/challenge.ts";
import { slugSchema } from "#wire/ids.ts";
import { imageNameSchema } from "#wire/runner.ts";
import { packLimits } from "./limits.ts";

export const packSchema = z.strictObject({
  id: slugSchema,
  title: challengeSummarySchema.shape.packTitle,
  /** SPDX expression. */
  license: z.string().min(1).max(200),
  /** The slugs of its challenges in their order. */
  order: z.array(slugSchema).min(1).max(packLimits.challengesPerPack),
});
export type PackMeta = z.infer<typeof packSchema>;

const { uid, slug, title, summary, difficulty, minutes, concepts } = challengeSummarySchema.shape;

export const challengeMetaSchema = z.strictObject({
  uid,
  slug,
  title,
  summary,
  difficulty,
  minutes,
  concepts,
  needs: z.strictObject({ images: z.array(imageNameSchema).max(20).default([]) }).prefault({}),
});
export type ChallengeMeta = z.infer<typeof challengeMetaSchema>;
