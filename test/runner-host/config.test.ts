// The daemon's configuration is read once and refused with one sentence.

import { expect, test } from "vitest";
import { readConfig, requireAgent, USAGE, wantsHelp } from "../../runner-host/config.ts";

const REQUIRED = ["--edge", "https://berth.example", "--state-dir", "/var/lib/berth"];

test("reads flags and environment, flags first, and fills in the rest", () => {
  const config = readConfig([...REQUIRED, "--capacity", "5"], {
    BERTH_CAPACITY: "9",
    BERTH_ON_STOP: "keep",
    BERTH_JOIN_TOKEN: "x.y",
  });
  expect(config).toMatchObject({
    edgeUrl: "https://berth.example",
    credentialFile: "/var/lib/berth/credential.json",
    capacity: 5,
    onStop: "keep",
    httpPort: 0,
    joinToken: "x.y",
  });
});

test("the join token is not taken from the command line, where everybody on the machine could read it", () => {
  expect(() => readConfig([...REQUIRED, "--join-token", "x"], {})).toThrow("--join-token");
});

test.for([
  [["--state-dir", "/x"], "--edge"],
  [["--edge", "ftp://x", "--state-dir", "/x"], "--edge"],
  [["--edge", "https://x"], "--state-dir"],
  [[...REQUIRED, "--capacity", "many"], "--capacity"],
  [[...REQUIRED, "--capacity", "1001"], "--capacity"],
  [[...REQUIRED, "--on-stop", "burn"], "--on-stop"],
  [[...REQUIRED, "--verbose"], "--verbose"],
] as const)("%j is refused by its name", ([args, name]) => {
  expect(() => readConfig([...args], {})).toThrow(name);
});

test("help is found among other flags and names every flag that is taken", () => {
  expect(wantsHelp([...REQUIRED, "--help"])).toBe(true);
  expect(wantsHelp(REQUIRED)).toBe(false);
  for (const flag of ["--agent-dir", "--images-dir", "--engine-dir", "--credential-file", "--host-name"]) {
    expect(() => readConfig([...REQUIRED, flag, "/x"], {})).not.toThrow();
    expect(USAGE).toContain(`  ${flag} `);
  }
});

test("a folder without the agent is refused before anything is started", () => {
  expect(() => requireAgent({ agentDirectory: "/nowhere/agent" })).toThrow("npm run build");
});
