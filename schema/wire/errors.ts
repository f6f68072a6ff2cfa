// The error codes of the HTTP contract, each with its status and title; problem+json (RFC 9457) is built from them at the edge.

export const errorCodes = {
  bad_request: { status: 400, title: "The request is not valid" },
  bad_json: { status: 400, title: "The body is not valid JSON" },
  sign_in_required: { status: 401, title: "Sign in first" },
  credential_refused: { status: 401, title: "This credential is not accepted" },
  role_required: { status: 403, title: "Your role does not allow this" },
  origin_refused: { status: 403, title: "The origin of this request is not accepted" },
  not_found: { status: 404, title: "There is nothing here" },
  session_not_found: { status: 404, title: "No such session" },
  challenge_not_found: { status: 404, title: "No such challenge" },
  method_not_allowed: { status: 405, title: "This address does not take this method" },
  exit_current_challenge: { status: 409, title: "Exit the current challenge first" },
  session_ended: { status: 409, title: "This session has ended" },
  extended_lately: { status: 409, title: "The session was extended a short while ago" },
  cannot_extend: { status: 409, title: "The session cannot be extended any further" },
  idempotency_key_reused: { status: 422, title: "This Idempotency-Key was used for another request" },
  json_expected: { status: 415, title: "The body is not marked as JSON" },
  body_too_large: { status: 413, title: "The body is too large" },
  upgrade_expected: { status: 426, title: "Connect with a WebSocket" },
  too_many_requests: { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Something failed on our side" },
  catalogue_unavailable: { status: 503, title: "The catalogue cannot be read right now" },
  history_unavailable: { status: 503, title: "Your history cannot be read right now" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** A refusal at an edge: `detail` says what is wrong and what to do, `extra` adds members to the problem document. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.name = "AppError";
    this.code = code;
    this.extra = extra;
  }
}
