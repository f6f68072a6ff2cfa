// The edge's metrics: shown to who holds the token only, and counting what passed.

import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { createApp } from "../../../worker/app.ts";
import { edgeCounts } from "../../../worker/metrics/edge-counts.ts";
import { renderMetrics } from "../../../worker/metrics/render-metrics.ts";
import { Learner } from "../support/learner.ts";
import { ScriptedHost } from "../support/scripted-host.ts";
import { ORIGIN } from "../support/test-socket.ts";

const TOKEN = "a-token-for-metrics-that-nobody-guesses";

function readMetrics(authorization: string | null): Response | Promise<Response> {
  const headers: HeadersInit = authorization === null ? {} : { Authorization: authorization };
  const bindings = { ...env, BERTH_METRICS_TOKEN: TOKEN };
  return createApp().fetch(new Request(`${ORIGIN}/metrics`, { headers }), bindings);
}

/** The value of a sample by its name and labels. */
function sample(text: string, name: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

describe("who may read them", () => {
  test.for([
    ["without a token", null],
    ["with another one", "Bearer a-token-for-metrics-that-somebody-guesses"],
    ["with a part of it", `Bearer ${TOKEN.slice(0, -1)}`],
    ["with more than it", `Bearer ${TOKEN}x`],
    ["by another scheme", `Basic ${TOKEN}`],
  ] as const)("nobody %s", async ([, authorization]) => {
    const response = await readMetrics(authorization);
    expect([response.status, response.headers.get("WWW-Authenticate")]).toEqual([401, "Bearer"]);
    expect(await response.json()).toMatchObject({ code: "credential_refused" });
  });

  test("nobody where none is configured", async () => {
    const { BERTH_METRICS_TOKEN: _none, ...bindings } = env;
    const request = new Request(`${ORIGIN}/metrics`, { headers: { Authorization: "Bearer undefined" } });
    const response = await createApp().fetch(request, bindings);
    expect([response.status, await response.json()]).toMatchObject([404, { code: "not_found" }]);
  });

  test("who holds it, as Prometheus text with the headers of every answer", async () => {
    const response = await readMetrics(`Bearer ${TOKEN}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(await response.text()).toMatch(
      /^# HELP berth_edge_objects_constructed_total .*isolate.*\n# TYPE berth_edge_objects_constructed_total counter\n/,
    );
  });
});

test("every family says that it counts one isolate, and every sample is a whole number", () => {
  const lines = renderMetrics(edgeCounts).trimEnd().split("\n");
  const helps = lines.filter((line) => line.startsWith("# HELP"));
  expect(helps).toHaveLength(7);
  for (const help of helps) expect(help).toContain("of this isolate alone");
  for (const line of lines.filter((one) => !one.startsWith("#"))) expect(line).toMatch(/^berth_edge_\w+\{[^}]+\} \d+$/);
});

test("objects, sockets, closes and frames are counted where they happen", async () => {
  const peer = 'berth_edge_sockets_closed_total{name="peer"}';
  const before = renderMetrics(edgeCounts);
  const host = await ScriptedHost.ready();
  const learner = await Learner.signIn("counted");
  const session = await learner.open();
  const browser = await learner.connect(session.id);
  const data = await host.bringUp(await host.hearClaim());
  await browser.hear("session");
  browser.say("{}");
  await browser.closeCode();
  data.close();
  host.control?.close();
  await learner.session();
  await vi.waitUntil(() => sample(renderMetrics(edgeCounts), peer) === sample(before, peer) + 2, { timeout: 3_000 });
  const after = renderMetrics(edgeCounts);
  const grown = (name: string) => sample(after, `berth_edge_${name}`) - sample(before, `berth_edge_${name}`);
  expect(grown('objects_constructed_total{class="UserSession"}')).toBe(1);
  expect(grown('sockets_accepted_total{leg="browser"}')).toBe(1);
  expect(grown('sockets_accepted_total{leg="data"}')).toBe(1);
  expect(grown('sockets_accepted_total{leg="control"}')).toBe(1);
  expect(grown('sockets_closed_total{name="bad_message"}')).toBe(1);
  expect(grown('frames_total{leg="browser",direction="in"}')).toBe(1);
  expect(grown('frame_bytes_total{leg="browser",direction="in"}')).toBe(2);
  expect(grown('frames_total{leg="control",direction="in"}')).toBe(2);
  expect(grown('frames_total{leg="data",direction="in"}')).toBe(3);
  expect(grown('frames_total{leg="data",direction="out"}')).toBe(2);
});
