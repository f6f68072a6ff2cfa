// Asks the edge how a session stands, where what this page was told may be old.

import { readSession } from "../api/mutations.ts";
import { Problem } from "../api/problem.ts";
import { noteFault } from "../page-log.ts";
import type { Lab } from "./lab.ts";

/** Never rejects; one that the edge no longer knows has ended. */
export async function askSession(lab: Lab): Promise<void> {
  const { session } = lab.read();
  try {
    lab.learn(await readSession(session.id));
  } catch (error) {
    if (error instanceof Problem && error.code === "session_not_found") lab.learn({ ...session, state: "stopped" });
    else noteFault("How the session stands could not be asked.", error);
  }
}
