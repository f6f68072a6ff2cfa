// What is said once Berth serves.

import { expect, it } from "vitest";
import { announce } from "../../local/announcement.ts";
import { parseFlags } from "../../local/flags.ts";

const address = "http://127.0.0.1:8787";
const flags = (...args: string[]) => parseFlags(args, {}, "/project");

it("names the address, state, logs, and where the runner host answers", () => {
  const text = announce({ address, runnerHost: "http://127.0.0.1:4000", joinToken: null }, flags(), "/project");
  expect(text).toContain(`  Berth is at ${address}\n`);
  expect(text).toContain("State is kept in .berth, logs in .berth/logs.");
  expect(text).toContain("health and metrics are at http://127.0.0.1:4000/healthz and /metrics.");
  expect(text).not.toContain("join");
});

it("names a folder elsewhere by its whole path", () => {
  const text = announce({ address, runnerHost: null, joinToken: null }, flags("--data-dir", "/data"), "/project");
  expect(text).toContain("State is kept in /data, logs in /data/logs.");
});

it("says how a runner host joins where there is none", () => {
  const text = announce({ address, runnerHost: null, joinToken: "a.token" }, flags("--without-runner"), "/project");
  expect(text).toContain("BERTH_JOIN_TOKEN=a.token");
  expect(text).toContain(`npm run runner -- --edge ${address} --state-dir `);
  expect(text).toContain("on this machine only");
  expect(text).toContain("one host and 60 minutes");
});

it.each([
  [[], "Development sign-in is on"],
  [["--host", "0.0.0.0"], "Development sign-in is off"],
])("says who may sign in with %j", (args, sentence) => {
  expect(announce({ address, runnerHost: null, joinToken: null }, flags(...args), "/")).toContain(sentence);
});
