// Prints wrangler's own reading of a wrangler.toml as EdgeFacts; a process of its own, since wrangler is large and needed for a moment only.

import { unstable_readConfig } from "wrangler";
import { z } from "zod";
import { edgeFactsSchema } from "./edge-facts.ts";

const objectsSchema = z.array(
  z
    .object({ name: z.string(), class_name: z.string() })
    .transform((object) => ({ binding: object.name, className: object.class_name })),
);

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: node local/build/print-edge-facts.ts <wrangler.toml>");
const config = unstable_readConfig({ config: path });
const facts = edgeFactsSchema.parse({
  compatibilityDate: config.compatibility_date,
  compatibilityFlags: config.compatibility_flags,
  vars: config.vars,
  durableObjects: objectsSchema.parse(config.durable_objects.bindings),
  assetsBinding: config.assets?.binding,
});
process.stdout.write(JSON.stringify(facts));
