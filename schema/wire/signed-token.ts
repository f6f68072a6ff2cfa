// Signs and verifies Berth's tokens: `base64url(JSON claims).base64url(HMAC-SHA256)` under a key derived per purpose.

import { type TokenClaims, type TokenPurpose, tokenSchemas } from "./tokens.ts";

/** Signing keys carry at least this much; shorter ones are refused where configuration is read. */
export const SIGNING_KEY_BYTES_MIN = 32;
const TOKEN_CHARS_MAX = 2_048;

const utf8 = new TextEncoder();

/** Not every runtime's types name this globally. */
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

async function deriveKey(signingKey: Uint8Array<ArrayBuffer>, purpose: TokenPurpose): Promise<Key> {
  const master = await crypto.subtle.importKey("raw", signingKey, "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: utf8.encode(`berth ${purpose}`) },
    master,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign", "verify"],
  );
}

function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
      character.charCodeAt(0),
    );
  } catch {
    return null;
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** One per process or isolate: holds the derived keys of one signing key. */
export class TokenSigner {
  readonly #signingKey: Uint8Array<ArrayBuffer>;
  readonly #keys = new Map<TokenPurpose, Promise<Key>>();

  /** `signingKey` is base64 (standard or url) of at least SIGNING_KEY_BYTES_MIN random bytes; throws on anything else. */
  constructor(signingKey: string) {
    const bytes = fromBase64Url(signingKey.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""));
    if (bytes === null || bytes.length < SIGNING_KEY_BYTES_MIN) {
      throw new Error(`The signing key must be base64 of at least ${SIGNING_KEY_BYTES_MIN} random bytes.`);
    }
    this.#signingKey = bytes;
  }

  async sign<P extends TokenPurpose>(purpose: P, claims: TokenClaims<P>): Promise<string> {
    const body = toBase64Url(utf8.encode(JSON.stringify(claims)));
    const signature = await crypto.subtle.sign("HMAC", await this.#key(purpose), utf8.encode(body));
    return `${body}.${toBase64Url(new Uint8Array(signature))}`;
  }

  /** The claims, or null when the token is malformed, of another purpose or signed by another key. Expiry is the caller's to check. */
  async verify<P extends TokenPurpose>(purpose: P, token: string): Promise<TokenClaims<P> | null> {
    if (token.length > TOKEN_CHARS_MAX) return null;
    const [body, signatureText, ...rest] = token.split(".");
    if (body === undefined || signatureText === undefined || rest.length > 0) return null;
    const signature = fromBase64Url(signatureText);
    const bytes = fromBase64Url(body);
    if (signature === null || bytes === null) return null;
    const isGenuine = await crypto.subtle.verify("HMAC", await this.#key(purpose), signature, utf8.encode(body));
    if (!isGenuine) return null;
    const parsed = tokenSchemas[purpose].safeParse(parseJson(bytes));
    return parsed.success ? (parsed.data as TokenClaims<P>) : null;
  }

  #key(purpose: TokenPurpose): Promise<Key> {
    let key = this.#keys.get(purpose);
    if (key === undefined) {
      key = deriveKey(this.#signingKey, purpose);
      this.#keys.set(purpose, key);
    }
    return key;
  }
}

/** sha256 in lower-case hex: how credentials are stored. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
