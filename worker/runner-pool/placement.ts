// Chooses the runner host of a new session from a snapshot of the pool.

export type HostRoom = { host: string; capacity: number; leases: number; images: readonly string[] };

export type Placement = { outcome: "placed"; host: string } | { outcome: "no_runner_host"; message: string };

/** The connected host with the most free room that has all images; equal hosts by id, so that the choice is the same each time. */
export function choosePlacement(hosts: readonly HostRoom[], images: readonly string[]): Placement {
  if (hosts.length === 0) return refuse("No machine that runs labs is connected right now.");
  const fitting = hosts.filter((host) => images.every((image) => host.images.includes(image)));
  if (fitting.length === 0) return refuse("No connected machine has the images that this challenge needs.");
  const [best] = fitting
    .filter((host) => host.leases < host.capacity)
    .sort((a, b) => b.capacity - b.leases - (a.capacity - a.leases) || (a.host < b.host ? -1 : 1));
  return best === undefined
    ? refuse("All machines that run labs are full right now.")
    : { outcome: "placed", host: best.host };
}

function refuse(message: string): Placement {
  return { outcome: "no_runner_host", message };
}
