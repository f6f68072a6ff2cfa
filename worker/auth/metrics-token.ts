// Verifies the bearer token of who reads the edge's metrics.

const utf8 = new TextEncoder();

/** Compares digests, so that neither time nor length tells how much of a guess was right. */
export async function isMetricsToken(request: Request, token: string): Promise<boolean> {
  const [, given] = /^Bearer (\S+)$/i.exec(request.headers.get("Authorization") ?? "") ?? [];
  if (given === undefined) return false;
  const [expected, actual] = await Promise.all([digest(token), digest(given)]);
  return crypto.subtle.timingSafeEqual(expected, actual);
}

function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", utf8.encode(text));
}
