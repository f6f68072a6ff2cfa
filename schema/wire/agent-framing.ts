// How frames of the agent socket begin; apart from its messages, so that the agent can have it without their schemas.

/** A frame is `[length u32 big-endian][kind u8][payload]`; length counts kind and payload and is at most limits.agentFrameBytes. */
export const AGENT_FRAME_JSON = 0;
/** Payload is a RunnerFrame (terminal-frame.ts): output towards the daemon, input towards the agent. */
export const AGENT_FRAME_TERMINAL = 1;
export const AGENT_FRAME_PREFIX_BYTES = 5;
