// Opens the database over HTTP, by the client that the Worker uses: a local libSQL server and Turso look the same from here.

import { type Client, createClient } from "@libsql/client/web";

export interface DatabaseAddress {
  /** http://127.0.0.1:… for the local server, libsql://… for Turso. */
  readonly url: string;
  readonly authToken: string;
}

/** Lends a client to `work` and closes it afterwards. */
export async function withDatabase<Result>(
  address: DatabaseAddress,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = createClient({ url: address.url, authToken: address.authToken });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
