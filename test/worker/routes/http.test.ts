// The HTTP contract around the routes: who may call, what refusals look like, and what openapi.json says is there.

import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { closeCodes } from "#wire/close-codes.ts";
import { limits } from "#wire/limits.ts";
import { call, Learner } from "../support/learner.ts";
import { signer } from "../support/scripted-host.ts";
import { ORIGIN, TestSocket } from "../support/test-socket.ts";

const JSON_TYPE = { "Content-Type": "application/json" };
const postTo = (address: string, headers: Record<string, string>, body = '{"login":"ann"}') =>
  exports.default.fetch(address, { method: "POST", headers, body });

describe("the origin of a request that changes something", () => {
  test.for([
    ["its own", "http://localhost", { Origin: "http://localhost", ...JSON_TYPE }, 200],
    ["its own port", "http://localhost:8080", { Origin: "http://localhost:8080", ...JSON_TYPE }, 200],
    ["another port", "http://localhost", { Origin: "http://localhost:8080", ...JSON_TYPE }, 403],
    ["another scheme", "https://berth.test", { Origin: "http://berth.test", ...JSON_TYPE }, 403],
    ["another site", "https://berth.test", { Origin: "https://evil.test", ...JSON_TYPE }, 403],
    ["a hidden one", "http://localhost", { Origin: "null", ...JSON_TYPE }, 403],
    ["none, from a program that sends JSON", "http://localhost", JSON_TYPE, 200],
    ["none, from a program that sends a form", "http://localhost", { "Content-Type": "text/plain" }, 415],
    ["none, from a browser", "http://localhost", { "Sec-Fetch-Site": "cross-site", ...JSON_TYPE }, 403],
  ] satisfies [string, string, Record<string, string>, number][])("%s", async ([, site, headers, status]) => {
    const response = await postTo(`${site}/auth/dev`, headers);
    expect(response.status).toBe(status);
    if (status === 415) expect(await response.json()).toMatchObject({ code: "json_expected" });
    if (status === 403) expect(await response.json()).toMatchObject({ code: "origin_refused" });
  });
});

test("a request without a body that names no origin is told which header it lacks", async () => {
  const response = await exports.default.fetch(`${ORIGIN}/api/sessions/x`, { method: "DELETE" });
  expect(response.status).toBe(403);
  const { code, title, detail } = await response.json<Record<string, unknown>>();
  expect([code, title]).toEqual(["origin_refused", "The origin of this request is not accepted"]);
  expect(detail).toContain(`It names none. Send the header Origin: ${ORIGIN}, or`);
});

test("whoever never had a session is told so", async () => {
  const response = await (await Learner.signIn("never-had-one")).call("/api/sessions/current");
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({
    code: "session_not_found",
    detail: expect.stringMatching(/^You have had none yet/),
  });
});

describe("the sign-in cookie", () => {
  test.for([
    ["https://berth.test", /^__Host-berth=[\w.-]+; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure$/],
    ["http://localhost", /^berth=[\w.-]+; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/],
    ["http://127.0.0.1:8787", /^berth=/],
    ["http://[::1]:8787", /^berth=/],
    ["http://lab.localhost", /^berth=/],
  ] as const)("at %s", async ([site, cookie]) => {
    const response = await postTo(`${site}/auth/dev`, { Origin: site, ...JSON_TYPE });
    expect(response.headers.get("Set-Cookie")).toMatch(cookie);
  });

  test("is not set over plain http that is not this machine", async () => {
    const response = await postTo("http://berth.test/auth/dev", { Origin: "http://berth.test", ...JSON_TYPE });
    expect([response.status, response.headers.get("Set-Cookie")]).toEqual([403, null]);
  });

  test("names the same user whatever the case of the login, and another for another login", async () => {
    const [ann, upper, bob] = [await Learner.signIn("ann"), await Learner.signIn("ANN"), await Learner.signIn("bob")];
    expect(upper.user).toBe(ann.user);
    expect(bob.user).not.toBe(ann.user);
    expect(await (await ann.call("/api/me")).json()).toMatchObject({ user: ann.user, login: "ann", role: "learner" });
  });

  test.for([
    ["none", () => ""],
    ["one that was changed", (cookie: string) => `${cookie.slice(0, -2)}xx`],
    ["the name that https uses, on http", (cookie: string) => `__Host-${cookie}`],
  ] as const)("that is %s signs nobody in", async ([, change]) => {
    const ann = await Learner.signIn("ann");
    const response = await call("/api/me", { headers: { Cookie: change(ann.cookie) } });
    expect([response.status, await response.json()]).toEqual([
      401,
      expect.objectContaining({ code: "sign_in_required" }),
    ]);
  });

  test("that has expired, or is a token of another purpose, signs nobody in", async () => {
    const ann = await Learner.signIn("ann");
    const claims = { user: ann.user, login: "ann", name: "ann", role: "learner", expiresAt: Date.now() - 1 } as const;
    const other = await signer.sign("join-token", {
      pool: "local",
      nonce: "0123456789abcdef",
      expiresAt: Date.now() + 9_999,
    });
    for (const token of [await signer.sign("sign-in", claims), other]) {
      expect((await call("/api/me", { headers: { Cookie: `berth=${token}` } })).status).toBe(401);
    }
  });

  test("is cleared by signing out", async () => {
    const response = await (await Learner.signIn("ann")).call("/auth/sign-out", { method: "POST", body: {} });
    expect([response.status, response.headers.get("Set-Cookie")]).toEqual([
      204,
      expect.stringMatching(/^berth=;.*Max-Age=0/),
    ]);
  });
});

describe("a refusal is a problem document", () => {
  test.for([
    ["an unknown route", "GET", "/api/nothing", undefined, 404, "not_found"],
    ["an unknown socket", "GET", "/ws/nothing", undefined, 404, "not_found"],
    ["metrics without a token to read them by", "GET", "/metrics", undefined, 404, "not_found"],
    ["a method that a route does not take", "PUT", "/api/sessions", {}, 405, "method_not_allowed"],
    ["a method that the page does not take", "POST", "/", {}, 405, "method_not_allowed"],
    ["a socket without an upgrade", "GET", "/ws/runner/data", undefined, 426, "upgrade_expected"],
    ["somebody who is not signed in", "GET", "/api/sessions/current", undefined, 401, "sign_in_required"],
  ] as const)("for %s", async ([, method, path, body, status, code]) => {
    const response = await call(path, { method, body });
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(response.status).toBe(status);
    const problem = await response.json<Record<string, unknown>>();
    expect(problem).toMatchObject({ type: `urn:berth:error:${code}`, status, code });
    expect([typeof problem["title"], typeof problem["detail"]]).toEqual(["string", "string"]);
    expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  test.for([
    ["that is no JSON", "{", 400, "bad_json", /./],
    ["that lacks a field", "{}", 400, "bad_request", /^login is missing\.$/],
    ["that is a list", "[]", 400, "bad_request", /^The body must be an object\.$/],
    ["with a number for a text", '{"login":7}', 400, "bad_request", /^login must be a string\.$/],
    [
      "with too long a text",
      `{"login":"${"a".repeat(40)}"}`,
      400,
      "bad_request",
      /^login may have at most 39 characters\.$/,
    ],
    ["with an empty text", '{"login":"a","name":""}', 400, "bad_request", /^name must have at least 1 character\.$/],
    ["with another word", '{"login":"a","role":"x"}', 400, "bad_request", /^role must be one of learner, instructor, /],
    [
      "with a field that nobody knows",
      '{"login":"ann","admin":true}',
      400,
      "bad_request",
      /^admin is not known here\.$/,
    ],
    ["with a wrong value", '{"login":"a b"}', 400, "bad_request", /^login must be letters/],
    ["that is too large", `{"login":"${"a".repeat(limits.requestBodyBytes)}"}`, 413, "body_too_large", /65536/],
  ] as const)("for a body %s, and its detail says where", async ([, body, status, code, detail]) => {
    const response = await postTo(`${ORIGIN}/auth/dev`, { Origin: ORIGIN, ...JSON_TYPE }, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code, detail: expect.stringMatching(detail) });
  });

  test("and a method that is not taken names those that are", async () => {
    expect((await call("/api/sessions", { method: "PATCH", body: {} })).headers.get("Allow")).toBe("POST, OPTIONS");
  });
});

describe("a browser socket is refused by a close that the browser can read", () => {
  const path = `/ws/sessions/s_${"a".repeat(26)}`;
  const protocol = { "Sec-WebSocket-Protocol": "berth.v1" };
  test.for([
    ["from another site", { Origin: "https://evil.test", ...protocol }, closeCodes.origin_refused],
    ["without an origin", protocol, closeCodes.origin_refused],
    ["of another protocol", { Origin: ORIGIN, "Sec-WebSocket-Protocol": "berth.v0" }, closeCodes.reload_required],
    ["without a sign-in", { Origin: ORIGIN, ...protocol }, closeCodes.sign_in_required],
  ] satisfies [string, Record<string, string>, { code: number }][])("%s", async ([, headers, { code }]) => {
    expect(await (await TestSocket.open(path, headers)).closeCode()).toBe(code);
  });
});

test.for([
  ["OPTIONS", "/api/sessions/x", 204, "GET, HEAD, DELETE, OPTIONS"],
  ["OPTIONS", "/api/me", 204, "GET, HEAD, OPTIONS"],
  ["PUT", "/api/me", 405, "GET, HEAD, OPTIONS"],
  ["OPTIONS", "/", 405, "GET, HEAD"],
] as const)("%s %s names the methods that are taken", async ([method, path, status, allow]) => {
  const response = await call(path, { method });
  expect([response.status, response.headers.get("Allow")]).toEqual([status, allow]);
  expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
});

test("HEAD answers as GET does, without a body", async () => {
  const [head, get] = [await call("/healthz", { method: "HEAD" }), await call("/healthz")];
  expect([head.status, head.headers.get("Content-Type")]).toEqual([200, get.headers.get("Content-Type")]);
  expect(await head.text()).toBe("");
});

describe("openapi.json", () => {
  type Operation = { responses: Record<string, unknown>; security: Record<string, string[]>[] };
  type Document = {
    paths: Record<string, Record<string, Operation>>;
    components: { securitySchemes: Record<string, unknown> };
  };
  const read = async () => (await call("/api/openapi.json")).json<Document>();

  test("lists exactly the routes that are there", async () => {
    const { paths } = await read();
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(listed.sort()).toEqual([
      "delete /api/sessions/{id}",
      "get /api/admin/outbox",
      "get /api/challenges",
      "get /api/challenges/{slug}",
      "get /api/history",
      "get /api/me",
      "get /api/openapi.json",
      "get /api/runner/versions/{hash}/starter",
      "get /api/sessions/current",
      "get /api/sessions/{id}",
      "get /healthz",
      "get /metrics",
      "get /ws/runner/control",
      "get /ws/runner/data",
      "get /ws/sessions/{id}",
      "post /api/admin/outbox/retry",
      "post /api/runner/hosts",
      "post /api/sessions",
      "post /api/sessions/{id}/extend",
      "post /auth/dev",
      "post /auth/sign-out",
    ]);
  });

  test("names who may call what by schemes that it describes, and sockets by their upgrade", async () => {
    const { paths, components } = await read();
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    const named = new Set(operations.flatMap(({ security }) => security.flatMap((one) => Object.keys(one))));
    expect([...named].sort()).toEqual(Object.keys(components.securitySchemes).sort());
    expect(Object.keys(paths["/ws/sessions/{id}"]?.["get"]?.responses ?? {})).toEqual(["101", "426"]);
  });

  test("says of every route only what it answers: each is asked once, and its status is listed", async () => {
    const { paths } = await read();
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        const response = await call(path.replaceAll(/\{\w+\}/g, "x"), {
          method: method.toUpperCase(),
          ...(method === "get" ? {} : { body: {} }),
        });
        expect(Object.keys(responses), `${method} ${path}`).toContain(String(response.status));
      }
    }
  });
});

describe("the page", () => {
  test.for([
    ["/", "text/html; charset=utf-8", "no-cache"],
    ["/challenges/first-image", "text/html; charset=utf-8", "no-cache"],
    ["/apis", "text/html; charset=utf-8", "no-cache"],
    ["/assets/page-0a1b2c3d.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
  ] as const)("%s has its type, its caching and the security headers", async ([path, type, caching]) => {
    const { status, headers } = await call(path);
    expect([status, headers.get("Content-Type"), headers.get("Cache-Control")]).toEqual([200, type, caching]);
    expect(headers.get("Content-Security-Policy")).toContain("frame-ancestors 'none'");
  });

  test.for(["/assets/gone.js", "/assets/page-0a1b2c3d.exe", "/index.html/../../secret.txt"])(
    "%s is not there",
    async (path) => {
      const response = await call(path);
      expect([response.status, response.headers.get("Content-Type")]).toEqual([404, "application/problem+json"]);
    },
  );
});
