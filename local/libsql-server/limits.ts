// The limits of the local libSQL server, each with its unit in its name and its reason beside it.

const MiB = 1024 * 1024;

export const libsqlLimits = {
  /** One pipeline body. A whole challenge version is written in one statement (schema/wire/limits.ts: 4 MiB of starter). */
  requestBodyBytes: 16 * MiB,
  /** Rows and values of one pipeline's answer, as JSON; the engine would otherwise fill memory from one careless select. */
  responseBytes: 16 * MiB,
  /** Rows of one statement. */
  rowsPerResult: 50_000,
  /** Stream requests in one pipeline. */
  requestsPerPipeline: 256,
  /** Steps of one batch: a pack import sends some per challenge. */
  stepsPerBatch: 2_048,
  /** The client nests three conditions; deeper ones are refused before they cost stack. */
  conditionDepth: 8,
  conditionsPerGroup: 64,
  /** One SQL text. */
  sqlBytes: 1 * MiB,
  /** Statements in one `sequence`. */
  statementsPerSequence: 4_096,
  /** SQLite's own ceiling on bound parameters. */
  argumentsPerStatement: 32_766,
  /** SQL texts that a stream may store; the client keeps 30. */
  storedSqlPerStream: 64,
  /** Open streams, each with a connection of its own to the file. */
  streams: 64,
  /** A stream without a request for this long is rolled back and closed: Hrana's servers, and so Turso, give ten seconds. */
  streamIdleMs: 10_000,
  /** How long a write waits for another stream's open write transaction before it gets SQLITE_BUSY. */
  writeTurnWaitMs: 5_000,
  /** A request must have arrived whole by then. */
  requestReceiveMs: 15_000,
  /** How often that is looked at. */
  requestCheckEveryMs: 1_000,
  /** Longer than any client keeps an idle connection, so that the client is the one who closes it. */
  keepAliveMs: 75_000,
  connections: 256,
  /** How long a stopping server waits for requests that are running. */
  closeGraceMs: 2_000,
} as const;

export type LibsqlLimits = { readonly [Name in keyof typeof libsqlLimits]: number };
