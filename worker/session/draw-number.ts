// Draws numbers that tell one life of something from another without remembering the last, or that nobody can guess.

/** From 1 to 2^31 - 1: what requests and generations are numbered by. */
export function drawNumber(): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return random >>> 1 || 1;
}

/** From 1 to 2^53 - 1: who returns it has read it. */
export function drawMark(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low || 1;
}
