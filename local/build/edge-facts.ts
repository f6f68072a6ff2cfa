// What the edge needs to know of wrangler.toml, kept beside the bundle so that a start need not load wrangler.

import { z } from "zod";

export const edgeFactsSchema = z.strictObject({
  compatibilityDate: z.string(),
  compatibilityFlags: z.array(z.string()),
  vars: z.record(z.string(), z.string()),
  durableObjects: z.array(z.strictObject({ binding: z.string(), className: z.string() })),
  assetsBinding: z.string(),
});
export type EdgeFacts = z.infer<typeof edgeFactsSchema>;
