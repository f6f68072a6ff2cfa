// The protocol versions that the edge, runner hosts, agents and browsers announce to each other.

/** Subprotocol of the browser socket; a browser that offers another one is told to reload. */
export const BROWSER_SUBPROTOCOL = "berth.v1";

/** Version in every runner `hello`; the edge refuses a host that speaks another one with `upgrade_required`. */
export const RUNNER_PROTOCOL_VERSION = 3;

/** Version in every agent `hello`; the daemon replaces an agent that speaks another one. */
export const AGENT_PROTOCOL_VERSION = 3;
