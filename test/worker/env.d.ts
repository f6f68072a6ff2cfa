// Types of what `cloudflare:workers` gives the worker's tests.
declare namespace Cloudflare {
  interface Env extends Omit<import("../../worker/env.ts").Bindings, "USER_SESSION" | "RUNNER_POOL" | "CATALOG"> {
    USER_SESSION: DurableObjectNamespace<import("../../worker/session/user-session.ts").UserSession>;
    RUNNER_POOL: DurableObjectNamespace<import("../../worker/runner-pool/runner-pool.ts").RunnerPool>;
    CATALOG: DurableObjectNamespace<import("../../worker/catalog/catalog.ts").Catalog>;
  }
  interface GlobalProps {
    mainModule: typeof import("../../worker/index.ts");
  }
}
