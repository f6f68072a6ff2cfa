// The close codes of Berth's sockets: each says by its number what happened and by its `then` what the closed side does next.

/** What the closed side does: dial again with back-off, open the session anew, sign in, reload the page, or stop for good. */
export type AfterClose = "retry" | "reopen" | "sign_in" | "reload" | "stop";

export const closeCodes = {
  // Any socket
  bad_message: { code: 4400, then: "stop", reason: "A message was not understood" },
  sign_in_required: { code: 4401, then: "sign_in", reason: "Sign in again" },
  origin_refused: { code: 4403, then: "stop", reason: "This site may not connect" },
  session_not_found: { code: 4404, then: "reopen", reason: "There is no such session" },
  too_many_connections: { code: 4429, then: "stop", reason: "Too many tabs are connected" },
  reload_required: { code: 4426, then: "reload", reason: "The page is older than the server" },
  internal: { code: 4500, then: "retry", reason: "Something failed on our side" },
  credit_exceeded: { code: 4457, then: "retry", reason: "More was sent than may wait for an answer" },
  not_reading: { code: 4458, then: "retry", reason: "What was sent was not read" },
  rate_exceeded: { code: 4459, then: "retry", reason: "Too many messages came at once" },
  // A browser socket whose session is over
  session_ended: { code: 4410, then: "reopen", reason: "The session has ended" },
  // Runner sockets
  credential_refused: { code: 4451, then: "stop", reason: "This host's credential is not accepted" },
  ticket_refused: { code: 4452, then: "stop", reason: "This ticket is not accepted" },
  epoch_over: { code: 4453, then: "stop", reason: "The session moved on; reap this container" },
  replaced: { code: 4454, then: "stop", reason: "A newer connection took this one's place" },
  upgrade_required: { code: 4455, then: "stop", reason: "The host speaks another protocol version" },
  silence: { code: 4456, then: "retry", reason: "Nothing was heard for too long" },
} as const satisfies Record<string, { code: number; then: AfterClose; reason: string }>;

export type CloseName = keyof typeof closeCodes;

/** The entry for a close code received from the other side; anything unknown (1006, 1012, ...) means a cut: dial again. */
export function readClose(code: number): { name: CloseName | "cut"; then: AfterClose } {
  for (const [name, entry] of Object.entries(closeCodes)) {
    if (entry.code === code) return { name: name as CloseName, then: entry.then };
  }
  return { name: "cut", then: "retry" };
}
