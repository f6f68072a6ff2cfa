// The flags of `npm start`.

import { describe, expect, it } from "vitest";
import { addressOf, isLoopback, parseFlags } from "../../local/flags.ts";

const parse = (args: string[], environment: NodeJS.ProcessEnv = {}) => parseFlags(args, environment, "/project");

describe("flags", () => {
  it("serve on the loopback address with a runner host and development sign-in when none are given", () => {
    expect(parse([])).toEqual({
      host: "127.0.0.1",
      port: 8787,
      dataDir: "/project/.berth",
      withRunner: true,
      hasDevelopmentSignIn: true,
      wantsHelp: false,
      sessionLengths: {},
    });
  });

  it("come with the lengths of sessions from the environment, and refuse nonsense by name", () => {
    const environment = { BERTH_SESSION_IDLE_MINUTES: "0.5", BERTH_SESSION_TOTAL_MINUTES: "2" };
    const expected = { SESSION_IDLE_MINUTES: "0.5", SESSION_TOTAL_MINUTES: "2" };
    expect(parse([], environment).sessionLengths).toEqual(expected);
    expect(() => parse([], { BERTH_SESSION_TOTAL_MINUTES: "-1" })).toThrow('BERTH_SESSION_TOTAL_MINUTES is "-1"');
  });

  it("are taken from the command line", () => {
    const flags = parse(["--port", "80", "--host=::1", "--data-dir", "/data", "--without-runner"]);
    expect(flags).toMatchObject({ port: 80, host: "::1", dataDir: "/data", withRunner: false });
  });

  it.each([
    [["--prot", "80"], "Unknown option '--prot'. The flags are --port, --host, --data-dir, --without-runner, --help."],
    [["8080"], "Unexpected argument '8080'"],
    [["--port", "eighty"], "--port eighty is not a port"],
    [["--port", "65536"], "--port 65536 is not a port"],
    [["--host", "example.org"], "--host example.org is not an address"],
  ])("refuse %j with one sentence", (args, sentence) => {
    expect(() => parse(args)).toThrow(sentence);
  });

  it("switch development sign-in off on an address that others reach, unless it is asked for", () => {
    expect(parse(["--host", "0.0.0.0"]).hasDevelopmentSignIn).toBe(false);
    expect(parse(["--host", "0.0.0.0"], { BERTH_DEV_SIGN_IN: "1" }).hasDevelopmentSignIn).toBe(true);
  });
});

it.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["192.168.1.2", false],
  ["::", false],
])("knows whether %s is a loopback address", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

it.each([
  ["127.0.0.1", "http://127.0.0.1:80"],
  ["0.0.0.0", "http://127.0.0.1:80"],
  ["::", "http://[::1]:80"],
])("names an address that can be typed for %s", (host, address) => {
  expect(addressOf(host, 80)).toBe(address);
});
