// Reads JSON from the other side of a socket: undefined, which no schema accepts, when it is none.

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
