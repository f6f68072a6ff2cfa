// What the kernel counts for all sessions together: while one holds all it can get, another has what it needs.

import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { newId } from "#wire/ids.ts";
import { containerLimits } from "../../../runner-host/container/container-limits.ts";
import type { ContainerEngine } from "../../../runner-host/engine/container-engine.ts";
import { findTooLow, hostLimits } from "../../../runner-host/engine/host-limits.ts";
import { type EngineMachine, startMachine } from "../engine/machine.ts";
import { StandInDaemon } from "../engine/stand-in-daemon.ts";

const PYTHON = "berth/python:3.11";
const KERNEL = `
import ctypes, fcntl, os, signal, sys
kernel = ctypes.CDLL(None, use_errno=True)
def fill(take, most):
    for count in range(most):
        try:
            if take(count) == -1: return count
        except OSError: return count
    return most
`;

let machine: EngineMachine;
let engine: ContainerEngine;
let greedy: StandInDaemon;
let other: StandInDaemon;
/** In the order of their starts: the greedy one, the other one. */
const sessions: string[] = [];

async function startSession(): Promise<StandInDaemon> {
  const session = newId("s");
  sessions.push(session);
  const daemon = await StandInDaemon.listen(await engine.openSocketDirectory(session));
  await engine.ensureContainer({ session, epoch: 1, images: [PYTHON] });
  return daemon;
}

beforeAll(async () => {
  machine = await startMachine();
  engine = await machine.open();
  [greedy, other] = await Promise.all([startSession(), startSession()]);
});

afterEach(async () => {
  await greedy.read("sudo pkill -KILL -f [h]old.py || true");
});

afterAll(async () => {
  await Promise.all([greedy?.close(), other?.close()]);
  await engine?.close();
  await machine?.close();
});

/** Prints what Python says of `expression`. */
function evaluate(daemon: StandInDaemon, expression: string, user: "root" | "learner" = "learner"): Promise<string> {
  const sudo = user === "root" ? "sudo" : "";
  return daemon.read(`${sudo} python3 - <<'EOF'\n${KERNEL}\nprint(${expression})\nEOF`);
}

/** Takes what `script` takes (it sets `held`) and keeps it until the test is over; returns how much that is. */
async function hold(script: string, user: "root" | "learner" = "learner"): Promise<number> {
  const sudo = user === "root" ? "sudo" : "";
  await greedy.read(`cat > /tmp/hold.py <<'EOF'\n${KERNEL}\n${script}\nprint(held, flush=True)\nsignal.pause()\nEOF`);
  const start = `rm -f /tmp/held && mkfifo /tmp/held && (${sudo} python3 /tmp/hold.py > /tmp/held 2>&1 < /dev/null &)`;
  return Number(await greedy.read(`${start} && timeout 50 head -1 /tmp/held`));
}

describe("a machine with sessions", () => {
  it("has its shared limits raised", () => {
    // Those of the machine's own user namespace need a capability that root of a virtual machine may lack; then a warning names them.
    const limits = hostLimits(totalmem()).filter(({ name }) => !name.startsWith("user."));
    const now = limits.map(({ name }): [string, number] => {
      return [name, Number(readFileSync(`/proc/sys/${name.replaceAll(".", "/")}`, "utf8"))];
    });
    expect(findTooLow(limits, new Map(now))).toEqual([]);
  });

  it("opens terminals in one while another holds more than a kernel has by default", async () => {
    expect(await hold("held = fill(lambda _: os.openpty()[0], 4500)")).toBe(4_500);
    expect(await other.read("script -qec 'echo $((40 + 2))' /dev/null")).toBe("42");
    expect(await other.read(`script -qec 'docker run --rm -t ${PYTHON} tty' /dev/null`)).toBe("/dev/pts/0");
  });

  it("names the session that has most of its terminals", async () => {
    expect(await engine.shared.findTerminalHog()).toBe(null);
    const held = await hold(`
want = int(open("/proc/sys/kernel/pty/max").read()) // 2 + 400
held = 0
for part in range(8):
    told, tell = os.pipe()
    if os.fork() == 0:
        os.write(tell, b"%d" % fill(lambda _: os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY), want // 8))
        signal.pause()
    held += int(os.read(told, 20))`);
    expect(held).toBeGreaterThan(4_000);
    const hog = await engine.shared.findTerminalHog();
    const greedyOnes = (await engine.listContainers()).filter(({ session }) => session === sessions[0]);
    expect(greedyOnes.map(({ containerId }) => containerId)).toEqual([hog]);
  });

  it("names the session that hides its terminals, and not the one that has looked at many files", async () => {
    const files =
      "for i in $(seq 200); do mkdir -p /workspace/n/$i; (cd /workspace/n/$i && seq 400 | xargs touch); done";
    await other.read(`${files}; find /workspace/n | wc -l`);
    const held = await hold(
      `
import resource, socket
want = int(open("/proc/sys/kernel/pty/max").read()) // 2 + 400
def hide(most):
    count, ends = 0, []
    while count < most:
        ends.append(socket.socketpair(socket.AF_UNIX))
        for _ in range(5):
            masters = [os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY) for _ in range(50)]
            socket.send_fds(ends[-1][0], [b"x"], masters)
            for master in masters: os.close(master)
            count += len(masters)
    return count, ends
held = 0
for part in range(4):
    told, tell = os.pipe()
    if os.fork() == 0:
        os.setuid(2000 + part)
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        count, ends = hide(want // 4)
        os.write(tell, b"%d" % count)
        signal.pause()
    held += int(os.read(told, 20))`,
      "root",
    );
    expect(held).toBeGreaterThan(4_000);
    const hog = await engine.shared.findTerminalHog();
    await other.read("rm -r /workspace/n");
    const greedyOnes = (await engine.listContainers()).filter(({ session }) => session === sessions[0]);
    expect(greedyOnes.map(({ containerId }) => containerId)).toEqual([hog]);
  });

  it("watches files in one while another's learner holds all the watchers they can get", async () => {
    expect(await hold("held = fill(lambda _: kernel.inotify_init(), 5000)")).toBe(512);
    expect(await evaluate(other, "fill(lambda _: kernel.inotify_init(), 5000)")).toBe("512");
  });

  it("watches files in one while another's root holds those of many users", async () => {
    const take = `
def take(count):
    if count % 100 == 0: os.seteuid(0); os.seteuid(2000 + count)
    return kernel.inotify_init()
held = fill(take, 1000)`;
    expect(await hold(take, "root")).toBe(1_000);
    expect(await evaluate(other, "fill(lambda _: kernel.inotify_init(), 100)")).toBe("100");
  });

  it("gives pipes of full size in one while another holds many", async () => {
    expect(await hold("held = fill(lambda _: os.pipe()[0], 4000)")).toBe(4_000);
    expect(await evaluate(other, "fcntl.fcntl(os.pipe()[0], 1032)")).toBe("65536");
  });

  it("gives asynchronous I/O in one while another holds more than a kernel has by default", async () => {
    const take = "lambda _: kernel.syscall(206, 20000, ctypes.byref(ctypes.c_ulong()))";
    expect(await hold(`held = fill(${take}, 8)`)).toBe(8);
    expect(await evaluate(other, `fill(${take}, 1)`)).toBe("1");
  });

  it("queues signals in one while another's learner holds all they can get", async () => {
    const queue = "kernel.sigqueue(os.getpid(), int(signal.SIGRTMIN), None)";
    const blocked = "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])";
    expect(await hold(`${blocked}\nheld = fill(lambda _: ${queue}, 100000)`)).toBeGreaterThan(
      containerLimits.pendingSignals - 100,
    );
    expect(await evaluate(other, `(${blocked}, ${queue})[1]`)).toBe("0");
  });

  it("opens message queues in one while another's learner holds all they can get", async () => {
    const open = `kernel.mq_open(b"/q%d" % count, os.O_CREAT | os.O_RDWR, 0o600, None)`;
    expect(await hold(`held = fill(lambda count: ${open}, 50)`)).toBe(4);
    expect(await evaluate(other, `fill(lambda count: ${open}, 50)`)).toBe("4");
  });

  it("refuses the kernel's keys to every session, and starts containers in and beside it without them", async () => {
    const calls = "[(kernel.syscall(number, 1, 0, 0, 0, 0), ctypes.get_errno()) for number in (248, 249, 250)]";
    expect(await evaluate(greedy, calls, "root")).toBe("[(-1, 38), (-1, 38), (-1, 38)]");
    expect(await greedy.read(`docker run --rm ${PYTHON} echo nested`)).toBe("nested");
    const further = await startSession();
    expect(await further.read("echo started")).toBe("started");
    await further.close();
  });

  it("keeps what root of a session may count from being raised by it", async () => {
    const limit = "/proc/sys/user/max_inotify_instances";
    const raised = await greedy.run(`sudo sh -c 'mount -o remount,rw /proc/sys; echo 9999 > ${limit}'`);
    expect(raised.stderr).toMatch(/Permission denied|Read-only file system/);
    await greedy.run(`sudo unshare --user --map-root-user sh -c 'echo 9999 > ${limit}'`);
    expect(await greedy.read(`cat ${limit}`)).toBe("512");
    expect(await evaluate(greedy, "fill(lambda _: kernel.inotify_init(), 5000)", "root")).toBe("512");
  });

  it("runs twenty nested containers at once in one session", async () => {
    const started = await other.run(`for i in $(seq 20); do docker run -d ${PYTHON} sleep 600 || exit 1; done`);
    expect(started).toMatchObject({ exitCode: 0 });
    expect(await other.read("docker ps -q | wc -l")).toBe("20");
  });
});
