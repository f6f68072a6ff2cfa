// Every limit that two parts of Berth must agree on, with its unit in its name and its reason beside it.

const KiB = 1024;
const MiB = 1024 * KiB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

export const limits = {
  // Terminals
  /** design.md section 4 numbers them 0..7; one byte on the wire. */
  terminalsPerSession: 8,
  /** Columns and rows that a PTY accepts; beyond it programs misdraw and some allocate without bound. */
  terminalColsMax: 1000,
  terminalRowsMax: 1000,
  /** Payload of one output frame: large enough for throughput, small enough that a keystroke's echo never waits long behind one. */
  terminalFrameBytes: 32 * KiB,
  /** Payload of one input frame: a large paste goes out in several. */
  inputFrameBytes: 16 * KiB,
  /** Output sent and not yet acknowledged as drawn, per terminal (platform-facts.md: 512 KiB carries 120 MiB/s). */
  creditWindowBytes: 512 * KiB,
  /** The browser acknowledges each time it has drawn this much since its last acknowledgement. */
  ackEveryBytes: 64 * KiB,
  /** Output an agent keeps per terminal instance for replay; what a reader far behind or a new tab can be shown. */
  replayBufferBytes: 1 * MiB,
  /** With nobody attached a program is held at a full buffer this long, then it runs on (design.md section 4). */
  unattendedHoldMs: 60 * SECOND,
  /** Input a browser keeps until the agent has taken it; beyond this typing is refused with a bell. */
  unsentInputBytes: 256 * KiB,
  /** Input an agent accepts ahead of a PTY that does not read; beyond it the client is told to send again later. */
  pendingInputBytes: 256 * KiB,
  /** What one browser socket may have sent towards a host that has not proved to have read it; twice what a page keeps unsent, which it may send again after a cut. */
  browserUnansweredBytes: 512 * KiB,
  /** What an object may have sent on a data socket without proof that it was read: what it holds for a host that reads nothing, whoever sent it. */
  hostUnreadBytes: 8 * MiB,
  /** A host that has not returned a mark this long reads nothing, whatever else it says. */
  hostReadMs: 30 * SECOND,
  /** A mark follows this much on a socket: seldom enough to cost nothing, often enough to bound what is not known to be read. */
  markEveryBytes: 256 * KiB,
  /** What an object may have sent on one browser socket without proof that it was read: eight credit windows and their messages. Drawing is asked by acks, reading by marks: a page may say it drew what it never read. */
  browserUnreadBytes: 6 * MiB,
  /** The same for all browser sockets of a session; beyond it the one that is furthest behind is closed. An isolate has 128 MB for all its objects. */
  sessionUnreadBytes: 16 * MiB,
  /** What a viewer may be sent beyond its credit window: the one frame that takes it out of the live flow, and what an object forgets of its count when it hibernates. */
  creditSlackBytes: 128 * KiB,
  /** Clients whose input offsets an agent remembers per terminal instance (design.md section 4). */
  inputClientsPerTerminal: 16,
  /** A terminal title that a program may set, after control characters are dropped. */
  terminalTitleChars: 200,

  // Frames and messages
  /** Text (JSON) frame on the browser socket. */
  browserMessageBytes: 16 * KiB,
  /** Text (JSON) frame on a runner's control or data socket. */
  runnerMessageBytes: 256 * KiB,
  /** Frames of a browser: acks and marks at 100 MB/s come to 2,000 a second. */
  browserFramesPerSecond: 4_000,
  browserFramesBurst: 2_000,
  /** Browser sockets that a session takes: all of a learner's tabs several times at once. Each comes with a burst of its own, so they may not come often. */
  browserAdmissionsPerSecond: 4,
  browserAdmissionsBurst: 128,
  /** Frames of a runner host, each as often as it goes to a browser: twice what its daemon lets one agent say. */
  runnerFramesPerSecond: 20_000,
  runnerFramesBurst: 40_000,
  /** Frames of a runner host to its pool, over all its connections: the most sessions, and three answers for each at once. */
  controlFramesPerSecond: 200,
  controlFramesBurst: 4_000,
  /** A hello counts as so many: the pool compares every session in it with its leases. */
  helloFrames: 100,
  /** What makes an agent work (open, resize, close, probe) beside plain input and acks; a window dragged on a fast display sends 120 sizes a second. */
  browserOrdersPerSecond: 128,
  browserOrdersBurst: 512,
  /** An open counts as so many orders: each replays up to a window. */
  openOrders: 4,
  /** How often a host may say that the agent came or went: all of a session's tabs open up to eight terminals anew each time, and must have the orders for it. */
  agentChangesPerSecond: 4,
  agentChangesBurst: 16,
  /** A binary probe frame, its first byte included. */
  probeFrameBytes: 64,
  /** One frame between daemon and agent: the largest terminal frame or the starter bundle. */
  agentFrameBytes: 8 * MiB,
  /** Offsets are u48 on the wire; 256 TiB outlasts any terminal. */
  offsetMax: 2 ** 48 - 1,

  // Connections
  /** Browser sockets per user: tabs and devices; one more is refused, none is dropped. */
  browserSocketsPerUser: 32,
  /** Connection numbers are u16 and 0 means all live viewers. */
  connectionNumberMax: 65_535,
  /** A runner leg pings this often ... */
  runnerPingEveryMs: 5 * SECOND,
  /** ... and is dead when nothing came back for this long. */
  runnerSilenceMs: 12 * SECOND,
  /** A browser pings this often; longer than the runner's since background tabs are throttled. */
  browserPingEveryMs: 10 * SECOND,
  browserSilenceMs: 15 * SECOND,
  /** Reconnect back-off: doubles from the first to the second with full jitter. */
  reconnectFirstMs: 100,
  reconnectMaxMs: 5 * SECOND,

  // Sessions
  /** requirements.md A6: unless the edge's settings say otherwise. */
  sessionTotalMs: 240 * MINUTE,
  sessionIdleMs: 60 * MINUTE,
  /** No extension goes beyond this age. */
  sessionMostMs: 480 * MINUTE,
  /** An extension gives this much from now on ... */
  extendByMs: 60 * MINUTE,
  /** ... and is given once in this time. */
  extendEveryMs: 30 * MINUTE,
  /** A session is warned twice before it ends. */
  firstWarningMs: 10 * MINUTE,
  lastWarningMs: 1 * MINUTE,
  /** Activity is noted to this precision: seldom enough that it is no write per key. */
  activityNoteEveryMs: MINUTE,
  /** Notices (limits that were hit) that a host may send a session: a sentence each, for a person. */
  noticesPerSecond: 1,
  noticesBurst: 16,
  /** A container that has not dialled in by then has failed; cold start takes a second. */
  startTimeoutMs: 60 * SECOND,
  /** The starter must be laid by then. */
  layTimeoutMs: 30 * SECOND,
  /** A session without its data socket this long has lost its host. Recovery on another host needs checkpoints; until those exist a longer wait loses less. */
  hostGraceMs: 10 * MINUTE,
  /** An alarm that fires this much after its time says that the edge was away: nobody could dial in, so a deadline waits one full window more. */
  alarmLateMs: 5 * SECOND,
  /** How often an idle session looks whether its host still answers; it looks at each browser frame too, so this may be rare and lets the object hibernate between. */
  hostWatchEveryMs: 3 * MINUTE,
  /** A browser socket silent this long is a ghost; a throttled background tab still pings each minute. */
  browserGhostMs: 3 * MINUTE,
  /** An unacknowledged effect is tried again after this, doubling up to the second. */
  effectRetryFirstMs: 500,
  effectRetryMaxMs: 30 * SECOND,
  /** Longest `Prefer: wait=N` (design.md section 3). */
  preferWaitMaxS: 60,
  /** Idempotency keys a user's object remembers, and for how long. */
  idempotencyKeys: 128,
  idempotencyKeepMs: 24 * 60 * MINUTE,
  idempotencyKeyChars: 128,

  // History
  /** Rows that a user's object keeps for a database that is away: over 1,000 sessions. Beyond it no new session is opened, so that no row is ever dropped; what the open one still brings is kept. */
  outboxRows: 4_000,
  /** A row waits this long for others, so that a session's start and its being ready are one request, made when the start is over. */
  outboxGatherMs: 1 * SECOND,
  /** One request to the database. */
  outboxBatchRows: 50,
  outboxBatchBytes: 64 * KiB,
  /** Requests in a row before the object lets others have the database. */
  outboxRequestsPerDelivery: 16,
  /** A request that took longer is given up, and made again later. */
  outboxDeliveryMs: 5 * SECOND,
  /** A database that is away is asked again after the first, doubling up to the second, each up to a quarter shorter: at most 16 times an hour for each object. */
  outboxRetryFirstMs: 2 * SECOND,
  outboxRetryMaxMs: 5 * MINUTE,
  /** A row that the database refused this often for itself is parked until an operator has it tried again. */
  outboxRefusalsMax: 5,
  /** An object with parked rows says so again this often: the pool's list of them is an index that may be lost. */
  outboxReportEveryMs: 24 * 60 * MINUTE,
  /** Users with parked rows that an operator is shown, or has tried again, at once. */
  outboxUsersShown: 100,
  /** How long a reader of the history waits for each of two questions to the database. */
  historyAnswerMs: 3 * SECOND,
  historyPageSessions: 100,
  historyPageUsualSessions: 20,

  // HTTP
  /** JSON request body. */
  requestBodyBytes: 64 * KiB,
  /** Sign-in cookie lifetime. */
  signInMs: 7 * 24 * 60 * MINUTE,
  loginChars: 39,
  displayNameChars: 80,

  // Runner hosts
  /** Sessions a host may announce room for; a guard against a mistyped capacity. */
  sessionsPerHost: 1_000,
  hostNameChars: 63,
  /** A join token is good this long and once. */
  joinTokenMs: 60 * MINUTE,
  hostsPerPool: 1_000,

  // Challenges
  /** The catalogue's list is asked of the database at most this often, ... */
  catalogueFreshMs: 2 * SECOND,
  /** ... waits this long for it, and is then answered from what is known. */
  catalogueAnswerMs: 1_500,
  starterFiles: 2_000,
  starterFileBytes: 1 * MiB,
  starterBundleBytes: 4 * MiB,
  pathBytes: 4_096,
  taskBytes: 256 * KiB,
  slugChars: 64,
} as const;
