// The checks that a container's root stays inside it, and that its nested Docker works there.

import { type Check, must } from "./check.ts";

/** Addresses that no lab may reach beside this machine's own: cloud metadata, and one that belongs to nobody. */
const OUTSIDE = ["169.254.169.254", "192.0.2.1"];

const TRY_ADDRESSES = `
import socket, sys
for address in sys.argv[2:]:
    try:
        socket.create_connection((address, int(sys.argv[1])), 1).close()
        print(address)
    except OSError: pass
`;

export const wallChecks: readonly Check[] = [
  {
    name: "user namespace",
    need: "sessions",
    async prove(container) {
      const [inside, outside] = (await container.readUserMap()).trim().split(/\s+/).map(Number);
      must(inside === 0 && outside !== undefined && outside > 0, "Root in a container is root of this machine.");
      return `Root in a container is user ${outside} here.`;
    },
  },
  {
    name: "network",
    need: "sessions",
    async prove(container) {
      const addresses = [...container.hostAddresses, ...OUTSIDE];
      const { exitCode, output } = await container.run(
        `python3 -c '${TRY_ADDRESSES}' ${container.port} ${addresses.join(" ")}`,
      );
      must(exitCode === 0, `The addresses could not be tried: ${output.trim()}.`);
      must(output.trim() === "", `A container reached ${output.trim().split("\n").join(", ")}.`);
      return `None of ${addresses.length} addresses was reached, ${container.hostAddresses.length} of them this machine's own.`;
    },
  },
  {
    name: "devices and kernel",
    need: "sessions",
    async prove(container) {
      for (const [what, script] of REFUSALS) {
        const { exitCode } = await container.run(`sudo sh -c '${script}'`);
        must(exitCode !== 0, `Root in a container could ${what}.`);
      }
      return `${REFUSALS.length} things were refused to a container's root.`;
    },
  },
  {
    name: "Docker in a container",
    need: "images",
    async prove(container) {
      const [image] = container.images;
      must(image !== undefined, "There is no lab image to build on.");
      const dockerfile = `FROM ${image}\\nRUN echo built > /proof\\nCMD ["cat", "/proof"]\\n`;
      const { exitCode, output } = await container.run(
        `mkdir -p /tmp/self-test && cd /tmp/self-test && printf '${dockerfile}' > Dockerfile && docker build -q -t self-test . && docker run --rm self-test`,
      );
      must(
        exitCode === 0 && output.trimEnd().endsWith("built"),
        `An image could not be built and run: ${output.trim()}`,
      );
      return `An image was built on ${image} and run.`;
    },
  },
];

/** [what, how]: each must fail. */
const REFUSALS: readonly (readonly [string, string])[] = [
  ["make a device", "mknod /tmp/self-test-device b 7 0"],
  ["mount a cgroup file system", "mount -t cgroup -o memory none /mnt || mount -t cgroup2 none /mnt"],
  ["read the kernel's log", "dmesg"],
  ["set the clock", "date -s 2000-01-01"],
  ["change the kernel's settings", "echo 1 > /proc/sys/kernel/panic"],
  ["raise its own limits", "ulimit -n 2000000"],
  ["start a privileged container", "docker run --rm --privileged $(docker images -q | head -1) true"],
];
