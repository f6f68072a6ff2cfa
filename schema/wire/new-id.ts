// How the identifiers of Berth are made and what they look like; their parsers are in ids.ts.

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** `<prefix>_` and 128 random bits as 26 lower-case base32 characters. */
export function idPattern(prefix: string): RegExp {
  return new RegExp(`^${prefix}_[a-z2-7]{26}$`);
}

/** Encodes 16 bytes (or the first 16 of more) as 26 base32 characters. */
export function encodeId(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes.subarray(0, 16)) bits = (bits << 8n) | BigInt(byte);
  bits <<= 2n;
  let text = "";
  for (let i = 25; i >= 0; i--) text += ALPHABET[Number((bits >> BigInt(i * 5)) & 31n)];
  return text;
}

/** A fresh identifier such as `s_…`, from 128 random bits. */
export function newId(prefix: "s" | "h" | "t" | "e"): string {
  return `${prefix}_${encodeId(crypto.getRandomValues(new Uint8Array(16)))}`;
}
