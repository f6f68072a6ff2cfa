// Root of a session against its limits: moving them, leaving them, and taking all that they leave, while a neighbour goes on.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { containerLimits } from "../../runner-host/container/container-limits.ts";
import { waitUntil } from "../support/wait-until.ts";
import { AttackGround, PYTHON } from "./attack-ground.ts";
import { cgroupFile, cgroupFolders, findProcesses, readCgroup } from "./machine-facts.ts";

const MiB = 1024 * 1024;

let ground: AttackGround;

beforeAll(async () => {
  ground = await AttackGround.open();
});

/** Whatever a test has looked at itself: the machine, the attacker's limits and the neighbour are as they were. */
afterEach(() => ground.expectUnharmed());
afterAll(() => ground?.close());

const sh = (script: string) => ground.attacker.sh(script);
const python = (script: string) => ground.attacker.python(script);

async function readOwn(...names: string[]): Promise<number> {
  return Number(readCgroup(await ground.attacker.firstProcess(), ...names));
}

const memoryUsed = () => readOwn("memory.usage_in_bytes", "memory.current");
const processes = () => readOwn("pids.current");

describe("a session's cgroups", () => {
  it("take no limit from inside, through any file of any controller", async () => {
    const written = await sh(`
find /sys/fs/cgroup -type f -perm /222 | while read -r file; do for value in max -1 9000000000 "a *:* rwm" 1000000 FROZEN 1; do echo "$value" 2> /dev/null > "$file" && echo "WROTE $value to $file"; done; done 2> /dev/null
true`);
    expect(written).toBe("");
  });

  it("have no sibling and no child that a process could be moved to", async () => {
    await sh("sleep 60.0221 > /dev/null 2>&1 & true");
    const own = cgroupFolders(await ground.attacker.firstProcess());
    await sh(`
pid=$(pgrep -f [s]leep.60.0221)
for folder in /sys/fs/cgroup /sys/fs/cgroup/*; do mkdir $folder/child; for file in $folder/child/cgroup.procs $folder/cgroup.procs $folder/../cgroup.procs $folder/../tasks $folder/tasks; do echo $pid > $file; done; done
unshare --cgroup --mount bash -c "mkdir -p /tmp/c; for kind in memory cpu pids devices freezer; do mount -t cgroup -o \\$kind c /tmp/c && { echo $pid > /tmp/c/../cgroup.procs; mkdir /tmp/c/child; echo $pid > /tmp/c/child/cgroup.procs; umount /tmp/c; }; done"
true`);
    const [pid = 0] = findProcesses("sleep 60.0221");
    expect(cgroupFolders(pid)).toEqual(own);
    for (const folder of own)
      expect(readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())).toEqual([]);
    await sh("pkill -f [s]leep.60.0221");
  });

  it("run no program of the attacker's when they empty (release_agent)", async () => {
    const mounted = await sh(`
cat > /tmp/agent <<'END'
#!/bin/sh
touch ${ground.treasury}/escaped
END
chmod +x /tmp/agent; mkdir -p /tmp/c
for flags in "" "--cgroup" "--user --map-root-user --cgroup"; do for kind in rdma misc hugetlb net_cls perf_event memory cpuset none,name=mine; do
  unshare --mount $flags bash -c "mount -t cgroup -o $kind c /tmp/c && { mkdir /tmp/c/x; echo 1 > /tmp/c/x/notify_on_release; echo /tmp/agent > /tmp/c/release_agent && echo SET; sh -c 'echo \\$\\$ > /tmp/c/x/cgroup.procs'; }"
done; done; find / -name release_agent -not -path '/proc/*' 2> /dev/null | while read -r file; do echo /tmp/agent > $file && echo SET; done; true`);
    expect(mounted).not.toContain("SET");
    expect(readdirSync(ground.treasury)).toEqual(["secret"]);
  });

  it("are not joined by the unified hierarchy, nor by those that the container was not given", async () => {
    expect(
      await sh(
        "mkdir -p /tmp/c; mount -t cgroup2 none /tmp/c && echo MOUNTED; for kind in memory cpu net_cls,net_prio perf_event; do mount -t cgroup -o $kind c /tmp/c && echo MOUNTED; done; true",
      ),
    ).not.toContain("MOUNTED");
  });

  it("reach no neighbour's freezer or kill switch", async () => {
    const pid = await ground.neighbour.firstProcess();
    const path = /:freezer:(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1] ?? "";
    await sh(
      `for file in freezer.state cgroup.freeze cgroup.kill cgroup.procs; do for root in /sys/fs/cgroup/freezer /sys/fs/cgroup; do for value in FROZEN 1; do echo $value > $root/${path}/$file; echo $value > $root/../${path.split("/").at(-1)}/$file; done; done; done; true`,
    );
    expect(await ground.neighbour.sh("echo moving")).toBe("moving");
  });
});

/** The container of `pid` holds as many processes as it may and no more, while a neighbour makes its own. */
async function expectFull(pid: number): Promise<void> {
  const count = () => Number(readCgroup(pid, "pids.current"));
  await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(containerLimits.pids - 20);
  expect(await ground.neighbour.sh("for i in $(seq 50); do sleep 0.1 & done; wait; echo forked")).toBe("forked");
  expect(count()).toBeLessThanOrEqual(containerLimits.pids);
}

describe("processes and processor", () => {
  it("end for a program that forks at the limit, and the session works again when it is killed", async () => {
    const forked = await python(`
made = 0
try:
    while made < ${containerLimits.pids + 50}:
        if os.fork() == 0: os.closerange(0, 3); signal.pause()
        made += 1
except OSError as error: print("full-of-forks", errno.errorcode[error.errno])`);
    expect(forked).toBe("full-of-forks EAGAIN");
    expect(await processes()).toBeGreaterThan(containerLimits.pids - 60);
    expect(await processes()).toBeLessThanOrEqual(containerLimits.pids);
    for (const pid of findProcesses("full-of-forks")) process.kill(pid, "SIGKILL");
    await expect.poll(processes, { timeout: 10_000 }).toBeLessThan(100);
    expect(await sh("echo $(echo alive)")).toBe("alive");
  });

  it("end for a bomb that nobody inside can stop, and its session can still be ended", async () => {
    await ground.withLab(async (lab) => {
      await lab.sh(
        "cat > /tmp/bomb.sh <<'END'\nwhile true; do bash /tmp/bomb.sh & sleep 0.01; done\nEND\nsetsid bash /tmp/bomb.sh > /dev/null 2>&1 < /dev/null &",
      );
      await expectFull(await lab.firstProcess());
    });
  });

  it("end for forks in nested containers at the same limit, and a session that is full of them can still be ended", async () => {
    await ground.withLab(async (lab) => {
      await lab.sh(`docker run -d --pids-limit -1 ${PYTHON} python3 -c "import os, time
while True:
    try:
        if os.fork() == 0: os.setsid()
    except OSError: time.sleep(0.05)"`);
      await expectFull(await lab.firstProcess());
    });
  });

  it("give a session no more than its share of the processor, by however many programs", async () => {
    const pid = await ground.attacker.firstProcess();
    const spent = () => {
      const stat = readCgroup(pid, "cpuacct.usage", "cpu.stat");
      return /^\d+$/.test(stat) ? Number(stat) / 1e9 : Number(/^usage_usec (\d+)/.exec(stat)?.[1]) / 1e6;
    };
    const [spentBefore, startedAtMs] = [spent(), performance.now()];
    await sh("for i in 1 2 3 4 5 6; do timeout 3 sha256sum /dev/zero & done; wait; true");
    const elapsedS = (performance.now() - startedAtMs) / 1000;
    expect(spent() - spentBefore).toBeGreaterThan(0.3);
    expect(spent() - spentBefore).toBeLessThan(elapsedS * containerLimits.cpus * 1.2 + 0.2);
  });
});

/** Each takes far more than the limit, in its own mount namespace so that nothing of it stays. */
const hoards: [string, string][] = [
  ["3 GB at once", "python3 -c 'bytearray(3 * 10**9)'"],
  [
    "3 GB in six programs",
    "for i in $(seq 6); do python3 -c 'import time; held = bytearray(5 * 10**8); time.sleep(1)' & done; wait",
  ],
  [
    "files in memory (tmpfs)",
    "unshare -m bash -c 'mount -t tmpfs -o size=8g t /mnt && head -c 3G /dev/zero > /mnt/hoard'",
  ],
  [
    "files in memory without a size (ramfs)",
    "unshare -m bash -c 'mount -t ramfs t /mnt && head -c 3G /dev/zero > /mnt/hoard'",
  ],
  [
    "anonymous files",
    "python3 -c 'import os\nf = os.memfd_create(\"x\")\nfor _ in range(3000): os.write(f, bytes(2**20))'",
  ],
  [
    "shared memory segments",
    "python3 -c 'import ctypes\nk = ctypes.CDLL(None)\nk.shmat.restype = ctypes.c_void_p\nfor _ in range(300): ctypes.memset(k.shmat(k.shmget(0, 10**7, 0o1600), 0, 0), 1, 10**7)'; ipcrm --all",
  ],
  [
    "pipes filled to the brim",
    "python3 -c 'import os, fcntl, resource\nresource.setrlimit(7, (resource.getrlimit(7)[1],) * 2)\nfor _ in range(9000):\n    r, w = os.pipe(); fcntl.fcntl(w, 1031, 131072); os.set_blocking(w, False); os.write(w, bytes(131072))'",
  ],
  [
    "sockets filled to the brim",
    "python3 -c 'import os, socket, resource\nheld = []\nresource.setrlimit(7, (resource.getrlimit(7)[1],) * 2)\nfor _ in range(9000):\n    a, b = socket.socketpair(); held.append((a, b)); a.setblocking(False)\n    try:\n        while True: a.send(bytes(60000))\n    except BlockingIOError: pass'",
  ],
];

describe("memory", () => {
  it.each(hoards)("beyond the limit is not had, and the session is there again afterwards: %s", async (_, hoard) => {
    await ground.withLab(async (lab) => {
      const pid = await lab.firstProcess();
      const line = `echo ${Buffer.from(hoard).toString("base64")} | base64 -d > /tmp/hoard.sh; timeout -s KILL 10 bash /tmp/hoard.sh`;
      // By its path: a process that ends is counted with the machine's own.
      const usage = cgroupFile(pid, "memory.usage_in_bytes", "memory.current");
      // What fills memory without being a program's takes every program along, the agent and the first one too: then nobody answers.
      lab.sh(line).catch(() => undefined);
      await expect.poll(() => findProcesses("/tmp/hoard.sh"), { timeout: 10_000 }).not.toEqual([]);
      const used: number[] = [];
      const look = (): boolean => {
        if (!existsSync(usage)) return true;
        used.push(Number(readFileSync(usage, "utf8")));
        return findProcesses("/tmp/hoard.sh").length === 0;
      };
      // Full of files without a program, a container reads its own programs again and again; then it is for its owner to start it anew.
      await waitUntil(look, 12_000, "the end of the attack").catch(() => undefined);
      expect(Math.max(...used)).toBeGreaterThan(64 * MiB);
      expect(Math.max(...used)).toBeLessThanOrEqual(containerLimits.memoryBytes);
      await ground.engine.stopContainer(lab.session);
      await ground.engine.ensureContainer({ session: lab.session, epoch: 1, images: [PYTHON] });
      await expect.poll(() => lab.sh("echo alive").catch(() => "no answer"), { timeout: 30_000 }).toBe("alive");
    });
  });

  it("is not taken from the machine in pages that are counted elsewhere: huge, locked, secret", async () => {
    const taken = await python(`
import mmap
try: mmap.mmap(-1, 2 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000); print("HUGE")
except OSError: pass
secret = call(447, 0)
if isinstance(secret, int):
    os.ftruncate(secret, 1 << 30)
    try: mmap.mmap(secret, 1 << 30); print("SECRET")
    except OSError: pass
print(kernel.mlock(ctypes.create_string_buffer(64 << 20), 64 << 20) == 0 and "LOCKED" or "")`);
    expect(taken).toBe("");
  });
});

describe("descriptors and the kernel's tables", () => {
  it.each([
    ["open files", "fill(lambda _: os.open('/dev/null', os.O_RDONLY), 60000)"],
    ["epoll watches", "(lambda e: fill(lambda _: e.register(os.eventfd(0)), 20000))(__import__('select').epoll())"],
    ["timers", "fill(lambda _: call(283, 1, 0), 20000)"],
    [
      "file locks",
      "(lambda f: fill(lambda n: __import__('fcntl').lockf(f, 2, 1, n * 2), 5000))(os.open('/tmp/locks', os.O_RDWR | os.O_CREAT))",
    ],
    ["semaphores", "fill(lambda _: 0 if kernel.semget(0, 250, 0o1600) != -1 else 1 / 0, 30000)"],
    [
      "mounts",
      "(kernel.unshare(0x20000), fill(lambda _: 0 if kernel.mount(b'/tmp', b'/mnt', None, 4096, None) == 0 else 1 / 0, 5000))[1]",
    ],
    [
      "network namespaces",
      "fill(lambda _: 0 if kernel.unshare(0x40000000) == 0 and os.open('/proc/self/ns/net', 0) else 1 / 0, 400)",
    ],
  ])("are bounded by the attacker's own memory or count, and a neighbour has its own: %s", async (_, expression) => {
    const count = await python(`
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
def fill(take, most):
    for count in range(most):
        try: take(count)
        except (OSError, ArithmeticError): return count
    return most
print(${expression})`);
    expect(Number(count)).toBeGreaterThan(100);
    expect(await memoryUsed()).toBeLessThanOrEqual(containerLimits.memoryBytes);
    expect(
      await ground.neighbour.python(
        "import select\nselect.epoll().register(os.eventfd(0)); kernel.unshare(0x40000000); print(kernel.semget(0, 1, 0o1600) >= 0, os.open('/dev/null', 0) > 0)",
      ),
    ).toBe("True True");
    await sh("ipcrm --all");
  });

  it("have no more network namespaces for one session than it was given", async () => {
    const made = await python(
      "made = 0\nheld = []\nwhile made < 1000 and kernel.unshare(0x40000000) == 0: made += 1; held.append(os.open('/proc/self/ns/net', 0))\nprint(made)",
    );
    expect(Number(made)).toBeLessThanOrEqual(256);
  });
});

describe("the disk", () => {
  const disk = () => join(ground.machine.engine.layout.diskFiles, `${ground.attacker.session}.ext4`);

  it.each(["/workspace", "/home/learner", "/tmp", "/usr/local", "/var/lib/docker", "/etc", "/root"])(
    "has no more than the quota in %s, and other places share it",
    async (folder) => {
      const filled = await sh(
        `fallocate --length ${containerLimits.diskBytes} ${folder}/full; dd if=/dev/zero of=/opt/more bs=1M count=2; rm -f ${folder}/full /opt/more`,
      );
      expect(filled.match(/No space left on device/g)).toHaveLength(2);
    },
  );

  it("grows on the machine by what is written, never by a sparse file's size, nor beyond the quota", async () => {
    const before = statSync(disk()).blocks * 512;
    expect(await sh("for i in $(seq 20); do truncate -s 1T /tmp/sparse$i; done; ls /tmp/sparse* | wc -l")).toBe("20");
    expect(statSync(disk()).blocks * 512 - before).toBeLessThan(16 * MiB);
    expect(await sh("cp --sparse=never /tmp/sparse1 /tmp/copy 2>&1 | tail -1; rm -f /tmp/sparse* /tmp/copy")).toContain(
      "No space left on device",
    );
    expect(statSync(disk()).size).toBe(containerLimits.diskBytes);
    expect(statSync(disk()).blocks * 512).toBeLessThanOrEqual(containerLimits.diskBytes);
    await expect
      .poll(() => execFileSync("sync", ["-f", disk()]) && statSync(disk()).blocks * 512, { timeout: 30_000 })
      .toBeLessThan(before + 256 * MiB);
  });

  it("runs out of files for the attacker alone, and has them again when they are deleted", async () => {
    const made = await python(`
os.makedirs("/tmp/many", exist_ok=True); made = 0
try:
    while True:
        if made % 1000 == 0: os.makedirs("/tmp/many/%d" % made)
        open("/tmp/many/%d/%d" % (made // 1000 * 1000, made), "w").close(); made += 1
except OSError as error: print(made, errno.errorcode[error.errno])
`);
    const [files, error] = made.split(" ");
    expect(error).toBe("ENOSPC");
    expect(Number(files)).toBeLessThan(containerLimits.diskInodes);
    expect(await ground.neighbour.sh("touch /workspace/one /tmp/one && rm /workspace/one /tmp/one && echo made")).toBe(
      "made",
    );
    expect(await sh("rm -rf /tmp/many; touch /workspace/one && echo made")).toBe("made");
  });

  it("is not grown through files that are deleted and held, nor through the nested Docker", async () => {
    const said = await sh(`
exec 9> /tmp/held; rm /tmp/held; fallocate --length ${containerLimits.diskBytes} /dev/fd/9; dd if=/dev/zero bs=1M count=4 of=/workspace/more; exec 9>&-
docker run --rm -v /grown ${PYTHON} sh -c 'dd if=/dev/zero of=/grown/x bs=1M count=2100; dd if=/dev/zero of=/y bs=1M count=10'; rm -f /workspace/more; docker volume prune -f > /dev/null`);
    expect(said.match(/No space left on device/g)?.length).toBeGreaterThanOrEqual(3);
    expect(statSync(disk()).blocks * 512).toBeLessThanOrEqual(containerLimits.diskBytes);
  });

  it("of the machine is not filled through the first process' output", async () => {
    await sh(
      "timeout 3 gdb -v; timeout 4 bash -c 'yes flood > /proc/1/fd/1; yes flood > /proc/1/fd/2; cat /dev/zero > /dev/console'; true",
    );
    const containerFolders = join(ground.machine.directory, "engine");
    const logs = execFileSync("find", [containerFolders, "-path", "*local-logs*", "-type", "f", "-printf", "%s\n"], {
      encoding: "utf8",
    });
    for (const size of logs.trim().split("\n"))
      expect(Number(size)).toBeLessThanOrEqual(containerLimits.logBytes + 64 * 1024);
  });

  it("of memory in /dev, /run and /dev/shm ends at their own sizes", async () => {
    const filled = await sh(
      "for folder in /dev /run /dev/shm; do dd if=/dev/zero of=$folder/hoard bs=1M count=80 2>&1 | grep -c 'No space left'; rm -f $folder/hoard; done",
    );
    expect(filled).toBe("1\n1\n1");
  });
});
