// The edge's entry: the Worker and its objects, as wrangler.toml names them.

import { createApp } from "./app.ts";
import { Catalog } from "./catalog/catalog.ts";
import { RunnerPool } from "./runner-pool/runner-pool.ts";
import { UserSession } from "./session/user-session.ts";

export { Catalog, RunnerPool, UserSession };

export default createApp();
