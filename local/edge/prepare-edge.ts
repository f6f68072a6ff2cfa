// Lays out an edge below a data directory: its own copy of bundle and page, so that a later build cannot change what runs, and its configuration.

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { edgeFactsSchema } from "../build/edge-facts.ts";
import type { DataLayout } from "../data-dir/layout.ts";
import { listenAddress, renderWorkerdConfig } from "./workerd-config.ts";

export interface EdgeAddress {
  readonly host: string;
  readonly port: number;
}

/** Names of the environment variables that the worker's secrets come from. @returns the configuration's path. */
export async function prepareEdge(
  layout: DataLayout,
  outputs: { readonly worker: string; readonly web: string },
  address: EdgeAddress,
  bindings: { readonly texts: Readonly<Record<string, string>>; readonly environmentNames: readonly string[] },
): Promise<string> {
  const facts = edgeFactsSchema.parse(JSON.parse(await readFile(join(outputs.worker, "edge-facts.json"), "utf8")));
  const web = join(layout.edge, "web");
  await rm(layout.edge, { recursive: true, force: true });
  await mkdir(layout.edge, { recursive: true });
  await mkdir(layout.objects, { recursive: true, mode: 0o700 });
  await cp(join(outputs.worker, "index.js"), join(layout.edge, "worker.js"));
  await cp(outputs.web, web, { recursive: true });
  const config = join(layout.edge, "workerd.capnp");
  const text = renderWorkerdConfig({
    address: listenAddress(address.host, address.port),
    moduleFile: "worker.js",
    compatibilityDate: facts.compatibilityDate,
    compatibilityFlags: facts.compatibilityFlags,
    texts: { ...facts.vars, ...bindings.texts },
    environmentNames: bindings.environmentNames,
    durableObjects: facts.durableObjects,
    objects: layout.objects,
    assets: { binding: facts.assetsBinding, folder: web },
  });
  await writeFile(config, text);
  return config;
}
