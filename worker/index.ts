// The edge's entry: the Worker and its objects, as wrangler.toml names them.

import { createApp } from "./app.ts";

export { Catalog } from "./catalog/catalog.ts";
export { RunnerPool } from "./runner-pool/runner-pool.ts";
export { UserSession } from "./session/user-session.ts";

export default createApp();
