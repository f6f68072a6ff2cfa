// Draws numbers that tell one life of something from another without remembering the last.

/** From 1 to 2^31 - 1: what requests and generations are numbered by. */
export function drawNumber(): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return random >>> 1 || 1;
}
