// An endless stream of bytes in which each is known from its offset alone, all 256 values and no short period.

export function patternByte(offset: number): number {
  return (Math.imul(offset + 1, 0x9e3779b1) >>> 13) & 0xff;
}

export function patternBytes(offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = patternByte(offset + i);
  return bytes;
}

/** Offset of the first byte that is not the pattern's, or -1. */
export function findForeignByte(offset: number, bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== patternByte(offset + i)) return offset + i;
  return -1;
}
