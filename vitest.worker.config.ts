// Owns how the worker's tests run: in real workerd, with the local libSQL server behind a switch and a small page as assets.

import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Published here on purpose: it signs nothing but what tests make. */
const TEST_SIGNING_KEY = "dGVzdCBzaWduaW5nIGtleSwgMzIgYnl0ZXMgYXQgbGVhc3Qh";

export default defineConfig({
  define: { __DEV_SIGN_IN__: "true" },
  plugins: [
    cloudflareTest(({ inject }) => ({
      main: "worker/index.ts",
      wrangler: { configPath: "wrangler.toml" },
      miniflare: {
        bindings: {
          SIGNING_KEY: TEST_SIGNING_KEY,
          DATABASE_URL: inject<string>("databaseUrl"),
          DATABASE_TOKEN: "test-token",
          REGION: "local",
          DEV_SIGN_IN: "1",
        },
        assets: { directory: "test/worker/page", binding: "ASSETS" },
      },
    })),
  ],
  test: {
    name: "worker",
    include: ["test/worker/**/*.test.ts"],
    globalSetup: ["test/worker/support/database.ts"],
    fileParallelism: false,
    sequence: { groupOrder: 1 },
    testTimeout: 20_000,
  },
});
