// Parts a chunk of output into what is replay, which must not act, and what is new.

/** `replayBytes` of `output` are replay, or all of it, or (when not above 0) none; empty parts are left out. */
export function splitAtReplay(output: Uint8Array, replayBytes: number): [part: Uint8Array, isReplay: boolean][] {
  const replayed = Math.min(Math.max(replayBytes, 0), output.length);
  const parts: [Uint8Array, boolean][] = [
    [output.subarray(0, replayed), true],
    [output.subarray(replayed), false],
  ];
  return parts.filter(([part]) => part.length > 0);
}
