// Builds the page into dist/web.

import { env } from "node:process";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const root = new URL(".", import.meta.url).pathname;

export default defineConfig(({ command }) => {
  // A build that a test run starts inherits its NODE_ENV and would carry React's development half.
  if (command === "build") env["NODE_ENV"] = "production";
  return {
    root,
    plugins: [react()],
    build: {
      outDir: new URL("../dist/web", import.meta.url).pathname,
      emptyOutDir: true,
      target: "es2023",
      // A data: address in a script or style would need a looser content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  };
});
