// Tells the other tabs of this browser that the reader has signed out, so that none of them goes on in the reader's lab.

const CHANNEL = "berth.signed-out";

export function tellSignOut(): void {
  const channel = new BroadcastChannel(CHANNEL);
  // The rule takes it for a window's postMessage, which has a target.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  channel.postMessage("signed_out");
  channel.close();
}

export function watchSignOut(told: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = told;
  return () => channel.close();
}
