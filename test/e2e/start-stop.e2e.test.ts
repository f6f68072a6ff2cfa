// `npm start` itself: it comes up soon, stops clean, keeps what learners have, clears what a crash left, and says what is wrong.

import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { requireFreePort } from "../../local/data-dir/ports.ts";
import { findLeftovers } from "../support/leftovers.ts";
import { runStart, Stack, stackDataDir } from "../support/stack.ts";
import { TestClient } from "../support/test-client.ts";
import { TestUser } from "../support/test-user.ts";

const SECOND_START_MS = 5_000;
const READY_MS = 30_000;

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.stop();
  stack = null;
});

async function refusal(flags: readonly string[]): Promise<string> {
  const { child, said } = runStart(flags);
  const [code] = await once(child, "close");
  expect(code).toBe(1);
  return said();
}

describe("a session", () => {
  it("comes back from its disk after the product was stopped and started, within 5 s, and nothing is left in between", async () => {
    stack = await Stack.start({ name: "e2e" });
    const { address } = stack;
    const user = await TestUser.signIn(address, "stayer");
    const { session } = await user.openSession("first-image");
    const client = new TestClient(user, session.id);
    const terminal = await client.open(0, READY_MS);
    client.type(terminal, "echo kept > ~/note; sync; echo writ''ten\n");
    await client.waitForOutput(terminal, /written\r/, READY_MS);
    client.leave();
    expect(await stack.stop("SIGTERM")).toEqual([]);

    stack = await Stack.start({ name: "e2e", keepsState: true, flags: ["--port", new URL(address).port] });
    expect(stack.startMs).toBeLessThan(SECOND_START_MS);
    const again = await user.openSession("first-image");
    expect(again).toMatchObject({ status: 200, session: { id: session.id, epoch: session.epoch } });
    const back = new TestClient(user, session.id);
    const reopened = await back.open(0, READY_MS);
    back.type(reopened, "cat ~/note\n");
    await back.waitForOutput(reopened, /kept\r/, READY_MS);
    back.leave();
  });
});

describe("after the supervisor was killed", () => {
  it("the next start ends what it left and stops clean", async () => {
    stack = await Stack.start({ name: "e2e" });
    const user = await TestUser.signIn(stack.address, "crashed");
    const { session } = await user.openSession("first-image");
    const client = new TestClient(user, session.id);
    await client.open(0, READY_MS);
    client.leave();
    await stack.crash();
    expect(findLeftovers(stack.dataDir)).not.toEqual([]);

    stack = await Stack.start({ name: "e2e", keepsState: true });
    expect(stack.said).toContain("Ended what a crash had left: ");
    expect(await stack.stop()).toEqual([]);
    stack = null;
  });
});

describe("what is in the way is said in one sentence", () => {
  it("when the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const said = await refusal(["--without-runner", "--port", String(port), "--data-dir", stackDataDir("refused")]);
    expect(said).toBe(
      `Port ${port} on 127.0.0.1 is taken: end the program that listens there, or choose another with --port.\n`,
    );
    other.close();
  });

  it("when another Berth runs on the directory", async () => {
    stack = await Stack.start({ name: "twice", flags: ["--without-runner"] });
    const port = await requireFreePort("127.0.0.1", 0);
    const said = await refusal(["--without-runner", "--port", String(port), "--data-dir", stack.dataDir]);
    expect(said).toMatch(
      /^Berth runs on \S+ already \(supervisor \d+, database \d+, edge \d+\): stop it, or choose another --data-dir\.\n$/,
    );
    expect(await stack.stop()).toEqual([]);
    stack = null;
  });

  it("when a flag is not known", async () => {
    expect(await refusal(["--prot", "80"])).toMatch(/^Unknown option '--prot'\. The flags are .*\n$/);
  });
});
