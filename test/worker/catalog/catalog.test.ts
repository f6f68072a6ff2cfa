// The catalogue: fresh while the database answers, what is known while it does not, and never in the way of a session.

import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { challengeListSchema, challengeSchema, starterBundleSchema } from "#wire/challenge.ts";
import { limits } from "#wire/limits.ts";
import { call, Learner } from "../support/learner.ts";
import { ScriptedHost } from "../support/scripted-host.ts";

const switchDatabase = (mode: "on" | "off" | "stalled") =>
  fetch(`${env.DATABASE_URL}/switch/${mode}`, { method: "POST" });

afterEach(async () => {
  await switchDatabase("on");
  await reset();
});

async function readList(learner: Learner) {
  const response = await learner.call("/api/challenges");
  return { status: response.status, body: await response.json<Record<string, unknown>>() };
}

test("the list and a challenge come from the database, without the task in the list", async () => {
  const ann = await Learner.signIn("ann");
  const list = challengeListSchema.parse((await readList(ann)).body);
  expect(list).toMatchObject({ stale: false, challenges: [{ slug: "first-image" }] });
  const challenge = challengeSchema.parse(await (await ann.call("/api/challenges/first-image")).json());
  expect(challenge).toMatchObject({ version: list.challenges[0]?.version, images: ["berth/python:3.11"] });
  expect(challenge.task.length).toBeGreaterThan(100);
});

test.for(["off", "stalled"] as const)(
  "with the database %s the last known list is served as stale, in bounded time",
  async (mode) => {
    const ann = await Learner.signIn("ann");
    const known = await readList(ann);
    await switchDatabase(mode);
    const beginning = performance.now();
    await expect
      .poll(async () => (await readList(ann)).body["stale"], {
        timeout: limits.catalogueFreshMs + 4_000,
        interval: 200,
      })
      .toBe(true);
    expect(performance.now() - beginning).toBeLessThan(limits.catalogueFreshMs + 2 * limits.catalogueAnswerMs + 1_000);
    expect((await readList(ann)).body["challenges"]).toEqual(known.body["challenges"]);
  },
);

test("with nothing known and no database the catalogue says so", async () => {
  await switchDatabase("off");
  const ann = await Learner.signIn("ann");
  const answers = [
    await readList(ann),
    await ann.call("/api/sessions", { method: "POST", body: { challengeId: "first-image" } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  expect(answers[0]?.body).toMatchObject({ code: "catalogue_unavailable" });
});

test("a challenge that is not there is not found, whatever its name looks like", async () => {
  const ann = await Learner.signIn("ann");
  for (const slug of ["no-such", "..%2Fx", "%00"]) {
    const response = await ann.call(`/api/challenges/${slug}`);
    expect([response.status, await response.json()]).toEqual([
      404,
      expect.objectContaining({ code: "challenge_not_found" }),
    ]);
  }
});

test("a known challenge opens and its starter is laid with the database away", async () => {
  const host = await ScriptedHost.ready();
  const ann = await Learner.signIn("ann");
  await readList(ann);
  await switchDatabase("stalled");
  const session = await ann.open();
  const claim = await host.hearClaim();
  const data = await host.attach(claim);
  data.say({ type: "agent", state: "up", terminals: [] });
  const { version } = await data.hear<{ type: "lay"; version: string }>("lay");
  const response = await call(`/api/runner/versions/${version}/starter`, { headers: host.authorization });
  expect(response.headers.get("Cache-Control")).toContain("immutable");
  expect(starterBundleSchema.parse(await response.json()).length).toBeGreaterThan(0);
  expect(session.state).toBe("starting");
});

test("a version that nobody wrote is not found, and asking needs a host's credential", async () => {
  const host = await ScriptedHost.join();
  const path = `/api/runner/versions/${"0".repeat(64)}/starter`;
  expect((await call(path, { headers: host.authorization })).status).toBe(404);
  expect((await call(path)).status).toBe(401);
});
