// An agent and an edge that send anything over real sockets: the daemon cuts them, stays up, and the session beside theirs goes on.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AGENT_FRAME_JSON, AGENT_FRAME_TERMINAL } from "#wire/agent-framing.ts";
import { agentMessageSchema } from "#wire/agent.ts";
import { closeCodes } from "#wire/close-codes.ts";
import { newId } from "#wire/ids.ts";
import { limits } from "#wire/limits.ts";
import { sessionDataMessageSchema } from "#wire/runner.ts";
import { AGENT_PROTOCOL_VERSION } from "#wire/version.ts";
import { encodeJsonFrame } from "../../../runner-host/agent/agent-frame.ts";
import { signalProcess } from "../../../runner-host/engine/processes.ts";
import { DaemonUnderTest } from "../../support/daemon-under-test.ts";
import { frameKinds, frameMakers, type FrameWords } from "../../support/schema-fuzz-frames.ts";
import { MessageFuzz } from "../../support/schema-fuzz.ts";
import { SeededRandom, seedsFor } from "../../support/seeded-random.ts";
import type { StandInSession } from "../../support/stand-in-session.ts";
import { TestTerminal } from "../../support/test-terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";

const HELLO = encodeJsonFrame({ type: "hello", protocolVersion: AGENT_PROTOCOL_VERSION, terminals: [] });
const INSTANCE = newId("t");
/** No more than are taken at once. */
const CONNECTIONS = 5;
const WORDS = 12;

let host: DaemonUnderTest;
let ann: StandInSession;
let bob: StandInSession;
let bobsTerminal: TestTerminal;
let echoes = 0;

beforeEach(async () => {
  host = await DaemonUnderTest.prepare();
  await host.start();
  ann = host.edge.claim(newId("s"), 1);
  bob = host.edge.claim(newId("s"), 1);
  await waitUntil(() => ann.isAgentUp && bob.isAgentUp, 5_000, "the agents");
  bobsTerminal = new TestTerminal(0);
  bob.attach(1, bobsTerminal);
  await waitUntil(() => bobsTerminal.isOpen, 5_000, "a terminal");
});
afterEach(() => host.dispose());

async function expectBobUndisturbed(): Promise<void> {
  const word = `echo${echoes++}`;
  bob.type(1, `printf '<%s>' ${word}\n`);
  await waitUntil(() => bobsTerminal.text.includes(`<${word}>`), 5_000, "the other session's echo");
  expect([bob.accepted, bob.closeCode]).toEqual([1, null]);
}

async function dialAsAgent(): Promise<Socket> {
  const socket = connect(join(await host.engine.openSocketDirectory(ann.session), "agent.sock"));
  socket.on("error", () => socket.destroy());
  socket.resume();
  await once(socket, "connect");
  return socket;
}

function framed(kind: number, payload: Uint8Array, announced = payload.length + 1): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(announced >>> 0, 0);
  head.writeUInt8(kind, 4);
  return Buffer.concat([head, payload]);
}

const words: FrameWords = {
  terminals: [0, 1],
  offsets: [0, 1_000],
  connections: [0, 1, 2],
  payloadMaxBytes: limits.terminalFrameBytes,
};

/** One thing that an agent may write: a message or a frame, whole or broken, or bytes that are neither. */
function agentBytes(random: SeededRandom, fuzz: MessageFuzz<unknown>): Buffer {
  const known = { connection: [1, 2], terminal: [0, 1], instance: [INSTANCE], offset: [0, 1_000] };
  const act = random.between(0, 99);
  if (act < 50) return framed(AGENT_FRAME_JSON, Buffer.from(fuzz.text(undefined, known)));
  if (act < 60) return framed(AGENT_FRAME_JSON, Buffer.from(fuzz.mutant(undefined, undefined, known) ?? ""));
  if (act < 85) return framed(AGENT_FRAME_TERMINAL, frameMakers[random.pick(frameKinds)](words, random));
  const noise = Buffer.from(frameMakers.noise(words, random));
  if (act < 90) return framed(random.pick([AGENT_FRAME_JSON, 2, 255]), noise);
  if (act < 95) return framed(AGENT_FRAME_JSON, noise, random.pick([0, 1, limits.agentFrameBytes + 1, 2 ** 32 - 1]));
  return noise;
}

/** In two pieces, as a stream may come. */
async function writeInPieces(socket: Socket, bytes: Buffer, random: SeededRandom): Promise<void> {
  const at = random.between(0, bytes.length);
  socket.write(bytes.subarray(0, at));
  await nextTurn();
  if (!socket.destroyed) socket.write(bytes.subarray(at));
}

test.for(seedsFor(2))("seed %i: an agent that writes anything is cut, and its own one comes back", async (seed) => {
  const random = new SeededRandom(seed);
  const fuzz = new MessageFuzz(agentMessageSchema, random);
  const pid = (await host.engine.pidOf(ann.session)) ?? 0;
  process.kill(pid, "SIGSTOP");
  let cuts = 0;
  for (let dialled = 0; dialled < CONNECTIONS; dialled++) {
    const socket = await dialAsAgent();
    if (random.chance(0.9)) socket.write(HELLO);
    for (let said = 0; said < WORDS && !socket.destroyed; said++)
      await writeInPieces(socket, agentBytes(random, fuzz), random);
    await expectBobUndisturbed();
    socket.write(framed(255, Buffer.from("x")));
    await waitUntil(() => socket.closed, 5_000, "the cut");
    cuts++;
  }
  // One that says it is of another version gets its container started again, and with it the true agent.
  signalProcess(pid, "SIGCONT");
  expect(cuts).toBe(CONNECTIONS);
  const terminal = new TestTerminal(3);
  ann.attach(9, terminal);
  await waitUntil(() => terminal.isOpen, 10_000, "a terminal of the true agent");
  await expectBobUndisturbed();
});

test.for(seedsFor(1))("seed %i: an edge that sends anything is refused, and the daemon dials again", async (seed) => {
  const random = new SeededRandom(seed);
  const fuzz = new MessageFuzz(sessionDataMessageSchema, random);
  const known = { connection: [1, 2], terminal: [0, 1], instance: [INSTANCE, null], offset: [0, 1_000] };
  const inputWords = { ...words, payloadMaxBytes: limits.inputFrameBytes };
  for (let said = 0; said < 200; said++) {
    const isFrame = random.chance(0.3);
    const frame = frameMakers[random.pick(["plausible", "largest", "any_offset", "last_offset"] as const)];
    ann.sendRaw(isFrame ? Buffer.from(frame(inputWords, random)) : fuzz.text(undefined, known));
  }
  await expectBobUndisturbed();
  const broken = random.chance(0.5)
    ? Buffer.from(frameMakers.too_large(inputWords, random))
    : (fuzz.mutant(random.pick(["wrong_discriminator", "truncated", "prototype_member"] as const)) ?? "");
  ann.sendRaw(broken);
  await waitUntil(() => ann.closeCode !== null, 5_000, "the close");
  expect(ann.closeCode).toBe(closeCodes.bad_message.code);
  await waitUntil(() => ann.accepted === 2 && ann.isAgentUp, 15_000, "the next data socket");
  await expectBobUndisturbed();
});
