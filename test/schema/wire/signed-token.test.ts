// Signed tokens: only what this key signed for this purpose is believed.

import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { newId } from "#wire/ids.ts";
import { sha256Hex, TokenSigner } from "#wire/signed-token.ts";
import type { DataTicket } from "#wire/tokens.ts";

const signer = new TokenSigner(randomBytes(32).toString("base64"));
const ticket: DataTicket = { user: `u_${newId("s").slice(2)}`, session: newId("s"), epoch: 3, host: newId("h") };

describe("a signed token", () => {
  it("gives back its claims", async () => {
    expect(await signer.verify("data-ticket", await signer.sign("data-ticket", ticket))).toEqual(ticket);
  });

  it("is refused for another purpose, even with claims of that purpose's shape", async () => {
    const credential = { host: newId("h"), pool: "local", nonce: "n".repeat(16) };
    const joinShaped = await signer.sign("join-token", { pool: "local", nonce: "n".repeat(16), expiresAt: 1 });
    expect(await signer.verify("host-credential", joinShaped)).toBeNull();
    expect(await signer.verify("data-ticket", await signer.sign("host-credential", credential))).toBeNull();
  });

  it("is refused under another key", async () => {
    const other = new TokenSigner(randomBytes(32).toString("base64"));
    expect(await other.verify("data-ticket", await signer.sign("data-ticket", ticket))).toBeNull();
  });

  it("is refused when any of its characters is changed", async () => {
    const token = await signer.sign("data-ticket", ticket);
    for (let at = 0; at < token.length; at += 7) {
      const changed = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
      expect(await signer.verify("data-ticket", changed)).toBeNull();
    }
  });

  it.each(["", ".", "a.b", "a.b.c", "💥.💥", `${"a".repeat(3_000)}.b`])("is refused when it is %j", async (token) => {
    expect(await signer.verify("sign-in", token)).toBeNull();
  });

  it("is refused when its claims are not of the schema", async () => {
    const withExtra = { ...ticket, role: "admin" };
    expect(await signer.verify("data-ticket", await signer.sign("data-ticket", withExtra))).toBeNull();
  });
});

describe("a signing key", () => {
  it.each(["", "c2hvcnQ=", "not base64 ***"])("is refused when it is %j", (key) => {
    expect(() => new TokenSigner(key)).toThrow(/at least 32 random bytes/);
  });

  it("may be base64 of either alphabet", async () => {
    const bytes = Buffer.alloc(32, 0xfb);
    const standard = new TokenSigner(bytes.toString("base64"));
    const url = new TokenSigner(bytes.toString("base64url"));
    expect(await url.verify("data-ticket", await standard.sign("data-ticket", ticket))).toEqual(ticket);
  });
});

it("hashes as sha256sum does", async () => {
  expect(await sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
