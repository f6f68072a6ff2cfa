// Root of a session against the kernel: its settings, logs, memory, devices, clock, modules, calls and other namespaces.

import { execFileSync } from "node:child_process";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AttackGround } from "./attack-ground.ts";
import { findProcesses, namespaceOf } from "./machine-facts.ts";

let ground: AttackGround;

beforeAll(async () => {
  ground = await AttackGround.open();
});

/** Whatever a test has looked at itself: the machine and the neighbour are as they were. */
afterEach(() => ground.expectUnharmed());
afterAll(() => ground?.close());

const sh = (script: string) => ground.attacker.sh(script);
const python = (script: string) => ground.attacker.python(script);

/** Prints one line for each system call that was not refused outright. */
function callAll(calls: string): Promise<string> {
  return python(`
for name, number, *arguments in [${calls}]:
    child = os.fork()
    if child == 0:
        result = call(number, *arguments)
        if result not in ("EPERM", "ENOSYS", "EACCES"): print(name, result, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
`);
}

describe("proc and sys", () => {
  it("let no setting of the kernel be written where they are mounted", async () => {
    const tried = `
tried = 0
for root in ("/proc/sys", "/proc/irq", "/sys/kernel", "/sys/module", "/sys/power"):
    for folder, _, names in os.walk(root):
        for path in (os.path.join(folder, name) for name in names):
            if not os.lstat(path).st_mode & 0o222: continue
            tried += 1
            try:
                with open(path, "r+b", buffering=0) as file: file.write(file.read(4096)); print(path)
            except OSError: pass
print(tried > 300)`;
    expect(await python(tried)).toBe("True");
  });

  it("let no program be named that the machine would run for a crash, a module or a device", async () => {
    const written = await sh(`
umount -l /proc/sys; mount -o remount,rw /proc/sys; mount -o remount,rw /sys; umount -l /sys/kernel
for file in kernel/core_pattern kernel/modprobe kernel/hotplug kernel/poweroff_cmd; do echo "|/tmp/mine" > /proc/sys/$file && echo WROTE; done
echo /tmp/mine > /sys/kernel/uevent_helper && echo WROTE
true`);
    expect(written).not.toContain("WROTE");
  });

  it("do not come back unmasked in namespaces of the attacker's own", async () => {
    const fresh = await sh(`
mkdir -p /tmp/fresh
look() { [ -e /tmp/fresh/sysrq-trigger ] && echo "$1 has sysrq"; { echo 9 > /tmp/fresh/sys/kernel/panic; } 2> /dev/null && echo "$1 WROTE"; true; }
export -f look
mount -t proc proc /tmp/fresh; look plain; umount /tmp/fresh
unshare --pid --fork --mount bash -c "mount -t proc proc /tmp/fresh; look pid"
unshare --user --map-root-user --pid --fork --mount bash -c "mount -t proc proc /tmp/fresh; look user"
unshare --net --mount bash -c "mount -t sysfs sys /tmp/fresh && echo sysfs"
unshare --user --map-root-user --net --mount bash -c "mount -t sysfs sys /tmp/fresh && echo sysfs"`);
    expect(fresh).not.toMatch(/has sysrq|WROTE|^sysfs/m);
    expect(fresh).toMatch(/permission denied/);
  });

  it("show nothing of the machine's memory, keys, timers or devices' tables", async () => {
    const shown = await sh(`
for file in /proc/kcore /proc/kmem /proc/keys /proc/timer_list /proc/sched_debug /proc/scsi/scsi /dev/mem /dev/kmem /dev/port /proc/acpi/wakeup; do
  [ -n "$(head -c 64 $file 2> /dev/null | tr -d '\\0')" ] && echo "$file"; umount -l $file; [ -n "$(head -c 64 $file 2> /dev/null | tr -d '\\0')" ] && echo "$file"
done 2> /dev/null; true`);
    // Root may take the mask off a folder of its own mounts; what is under it is the kernel's to refuse. Keys of others are never listed.
    expect(shown.split("\n").filter((line) => !/^$|\/proc\/(?:keys|timer_list)$/.test(line))).toEqual([]);
    expect(await sh("cat /proc/keys 2> /dev/null | grep -vc '_uid\\|_ses\\|_tid\\|_pid'; true")).toMatch(/^0$/);
  });

  it("take no magic key", async () => {
    expect(await sh("for key in s u b c; do echo $key > /proc/sysrq-trigger && echo TAKEN; done; true")).not.toContain(
      "TAKEN",
    );
  });

  it.each([
    "debugfs",
    "tracefs",
    "securityfs",
    "bpf",
    "configfs",
    "pstore",
    "efivarfs",
    "hugetlbfs",
    "devtmpfs",
    "selinuxfs",
  ])("are not joined by %s", async (type) => {
    const mounted = await sh(
      `mkdir -p /tmp/m; mount -t ${type} x /tmp/m && grep -c ' /tmp/m ' /proc/mounts; ls -A /tmp/m; umount /tmp/m 2> /dev/null; true`,
    );
    expect(mounted).toMatch(/denied|unknown filesystem|special device|wrong fs type/);
    expect(mounted).not.toMatch(/^1$/m);
  });

  it("take rules for programs of other machines for the attacker's own lab alone, if at all (binfmt_misc)", async () => {
    const program =
      "printf 'BERTHATTACK' > /tmp/program; chmod +x /tmp/program; /tmp/program 2>&1; rm /tmp/program; true";
    await sh(
      "mkdir -p /tmp/m; mount -t binfmt_misc b /tmp/m; echo ':attack:M::BERTHATTACK::/bin/echo:' > /tmp/m/register",
    );
    expect(await sh(program)).toMatch(/^\/tmp\/program$|BERTHATTACK: command not found|Exec format/);
    expect(await ground.neighbour.sh(program)).not.toMatch(/^\/tmp\/program$/);
    expect(() => execFileSync("grep", ["-r", "BERTHATTACK", "/proc/sys/fs/binfmt_misc"])).toThrow();
    await sh("echo -1 > /tmp/m/status; umount /tmp/m; true");
  });
});

describe("the kernel's log", () => {
  const marker = `attack-${process.pid}`;

  it("is not read", async () => {
    expect(await callAll('("read all", 103, 3, buffer, 256), ("size", 103, 10, 0, 0), ("unread", 103, 9, 0, 0)')).toBe(
      "",
    );
    expect(await sh("dmesg; cat /dev/kmsg /proc/kmsg; true")).not.toMatch(/Linux version|\\[ +\\d+\\.\\d+\\]/);
  });

  it("is not written, cleared or silenced", async () => {
    const before = execFileSync("dmesg", { encoding: "utf8" }).split("\n").length;
    await sh(
      `mknod /tmp/kmsg c 1 11; echo ${marker} > /tmp/kmsg; echo ${marker} > /dev/kmsg; dmesg --clear; dmesg --console-off; true`,
    );
    const log = execFileSync("dmesg", { encoding: "utf8" });
    expect(log).not.toContain(marker);
    expect(log.split("\n").length).toBeGreaterThanOrEqual(before);
  });
});

describe("devices", () => {
  it.each([
    ["a disk", "b 254 0"],
    ["a loop device", "b 7 0"],
    ["the loop devices' control", "c 10 237"],
    ["memory", "c 1 1"],
    ["ports", "c 1 4"],
    ["the kernel's log", "c 1 11"],
    ["FUSE", "c 10 229"],
    ["a tunnel", "c 10 200"],
    ["a virtual machine's monitor", "c 10 232"],
    ["the first console", "c 4 0"],
  ])("cannot be made: %s, on any of the session's file systems", async (_, numbers) => {
    const made = await sh(`
for folder in /tmp /dev /workspace /run /dev/shm /var/lib/docker; do mknod $folder/node ${numbers} 2> /dev/null && head -c 1 $folder/node > /dev/null && echo OPENED $folder; rm -f $folder/node; done
mkdir -p /tmp/m && mount -t tmpfs -o dev t /tmp/m && { mknod /tmp/m/node ${numbers} && head -c 1 /tmp/m/node && echo OPENED tmpfs; umount /tmp/m; } 2> /dev/null; true`);
    expect(made).not.toContain("OPENED");
  });

  it("are not reached through ones that are there: no loop device is attached, no disk mounted", async () => {
    const image = "truncate -s 8M /tmp/image && mkfs.ext4 -q /tmp/image";
    const mounted = await sh(`${image}; losetup -f /tmp/image && echo ATTACHED; mkdir -p /tmp/m
for source in /tmp/image /dev/loop0 /dev/vda /dev/sda1; do mount -t ext4 $source /tmp/m && echo MOUNTED $source; mount -o loop $source /tmp/m && echo MOUNTED; done; true`);
    expect(mounted).not.toMatch(/ATTACHED|MOUNTED/);
  });

  it("made by the machine on the session's disk would open for nobody in it", async () => {
    const node = join(ground.machine.engine.layout.disks, ground.attacker.session, "workspace/planted");
    execFileSync("mknod", ["-m", "666", node, "c", "1", "1"]);
    expect(lstatSync(node).isCharacterDevice()).toBe(true);
    expect(await sh("head -c 1 /workspace/planted | wc -c; rm -f /workspace/planted")).toMatch(/not permitted|denied/i);
  });
});

describe("clock, power and modules", () => {
  it("keep the machine's time: no way to set, slew or shift it for others", async () => {
    expect(
      await callAll(`("settimeofday", 164, struct.pack("qq", 1000, 0), 0), ("clock_settime", 227, 0, struct.pack("qq", 1000, 0)),
        ("adjtimex", 159, ctypes.create_string_buffer(struct.pack("Iqq", 2, 0, 1 << 20), 208)), ("clock_adjtime", 305, 0, ctypes.create_string_buffer(struct.pack("I", 0x2000), 208))`),
    ).toBe("");
    await sh("date -s 2020-01-01; unshare --time --boottime 100000 --monotonic 100000 true; hwclock --systohc; true");
  });

  it("run on: no reboot, no other kernel, no module, no swap, no accounting", async () => {
    expect(
      await callAll(`("reboot", 169, 0xfee1dead, 672274793, 0x1234567, 0), ("ctrl-alt-del", 169, 0xfee1dead, 672274793, 0x89abcdef, 0), ("kexec_load", 246, 0, 0, 0, 0),
        ("kexec_file_load", 320, 0, 0, 0, 0, 0), ("init_module", 175, buffer, 256, b""), ("finit_module", 313, 0, b"", 0), ("delete_module", 176, b"overlay", 0),
        ("swapon", 167, b"/tmp/swap", 0), ("swapoff", 168, b"/dev/vdb"), ("acct", 163, b"/tmp/acct"), ("quotactl", 179, 0x800002, b"/dev/vda", 0, 0), ("vhangup", 153)`),
    ).toBe("");
  });

  it("load no module by the name of a socket, a file system or an interface", async () => {
    await sh(
      "for type in minix cramfs hfs ufs; do mount -t $type none /mnt; done; ip link add x type gtp; ip link add y type batadv; true",
    );
    await python("for family in range(3, 46):\n    try: socket.socket(family, 3)\n    except OSError: pass");
  });

  it("keep the machine's name, whatever the lab calls itself", async () => {
    expect(await sh("hostname mine; domainname mine; hostname; hostname lab")).toBe("mine");
    expect(await ground.neighbour.sh("hostname")).toBe("lab");
  });
});

describe("system calls", () => {
  it("with a record of escapes are refused, in a user namespace of the attacker's own too", async () => {
    const calls = `("bpf", 321, 0, buffer, 64), ("perf_event_open", 298, buffer, 0, -1, -1, 0), ("userfaultfd", 323, 1), ("io_uring_setup", 425, 1, buffer),
      ("io_uring_enter", 426, 0, 0, 0, 0, 0), ("io_uring_register", 427, 0, 0, 0, 0), ("vmsplice", 278, 1, buffer, 1, 0), ("fanotify_init", 300, 0x200, 0), ("lookup_dcookie", 212, 0, buffer, 1),
      ("keyctl", 250, 0, -3, 1), ("add_key", 248, b"user", b"a", b"b", 1, -3), ("request_key", 249, b"user", b"a", b"b", -3), ("open_by_handle_at", 304, -100, buffer, 0),
      ("iopl", 172, 3), ("ioperm", 173, 0, 10, 1), ("uselib", 134, b"/bin/sh"), ("nfsservctl", 180, 0, 0, 0), ("kcmp", 312, 1, 1, 0, 0, 0), ("move_pages", 279, 1, 1, buffer, 0, buffer, 0)`;
    expect(await callAll(calls)).toBe("");
    expect(
      await python(
        `call(272, 0x10000000)\nfor name, number, *arguments in [${calls}]:\n    result = call(number, *arguments)\n    if result not in ("EPERM", "ENOSYS", "EACCES"): print(name, result)`,
      ),
    ).toBe("");
  });

  it("make sockets of the families that Docker and the internet need, and no others", async () => {
    const made = await python(`
for family in range(1, 46):
    for kind in (1, 2, 3, 5):
        try: socket.socket(family, kind).close()
        except OSError: continue
        print(family, end=" "); break`);
    expect(made.split(" ")).toEqual(["1", "2", "10", "16", "17"]);
  });

  it("give no priority: not real time, not nicer, not first at the disk", async () => {
    expect(
      await callAll(
        `("sched_setscheduler", 144, 0, 1, struct.pack("i", 50)), ("setpriority", 141, 0, 0, -20), ("ioprio_set", 251, 1, 0, 1 << 13)`,
      ),
    ).toBe("");
  });

  it("raise no limit of the attacker's own processes", async () => {
    const raised = await sh(`
for limit in n:2000000 c:unlimited l:unlimited i:unlimited q:unlimited r:50; do ulimit -\${limit%:*} \${limit#*:} && echo RAISED; done
prlimit --pid 1 --nofile=2000000 && echo RAISED; true`);
    expect(raised).not.toContain("RAISED");
  });

  it("take no process out of the way of the kernel's hand when memory runs short", async () => {
    await sh(
      "for process in /proc/[0-9]*; do echo -1000 > $process/oom_score_adj; done 2> /dev/null; sleep 60.0125 > /dev/null 2>&1 & true",
    );
    const scores = findProcesses("sleep 60.0125").map((pid) =>
      Number(execFileSync("cat", [`/proc/${pid}/oom_score_adj`], { encoding: "utf8" })),
    );
    expect(scores.length).toBeGreaterThan(0);
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(500);
    await sh("pkill -f [s]leep.60.0125");
  });
});

describe("namespaces and processes", () => {
  it("hold nothing but the session: no process of the machine or a neighbour is seen, joined or traced", async () => {
    const own = await ground.attacker.firstProcess();
    const seen = await sh(
      "readlink /proc/[0-9]*/ns/pid /proc/[0-9]*/ns/mnt /proc/[0-9]*/ns/net /proc/[0-9]*/ns/user | sort -u",
    );
    const others = ["pid", "mnt", "net", "user"].flatMap((kind) => [
      namespaceOf("self", kind),
      namespaceOf(ground.machine.engine.pid, kind),
    ]);
    const neighbour = await ground.neighbour.firstProcess();
    for (const other of [...others, ...["pid", "mnt", "net", "user"].map((kind) => namespaceOf(neighbour, kind))])
      expect(seen).not.toContain(other);
    expect(seen).toContain(namespaceOf(own, "mnt"));
  });

  it("are not left by the numbers of processes outside: no signal, trace, memory or descriptor reaches them", async () => {
    const outside = [ground.machine.engine.pid, process.pid, await ground.neighbour.firstProcess()];
    const reached = await python(`
for pid in ${JSON.stringify(outside)}:
    if os.path.exists("/proc/%d" % pid): continue
    for name, number, *arguments in [("kill", 62, pid, 9), ("pidfd_open", 434, pid, 0), ("ptrace", 101, 16, pid, 0, 0), ("tgkill", 234, pid, pid, 9), ("prlimit", 302, pid, 7, 0, buffer), ("sched_setaffinity", 203, pid, 8, buffer), ("migrate_pages", 256, pid, 8, buffer, buffer)]:
        print(name, call(number, *arguments))`);
    expect(reached.split("\n").filter((line) => !/ (?:ESRCH|EPERM)$/.test(line))).toEqual([]);
    expect(reached).toContain("kill ESRCH");
  });

  it("are as far as kill -1 reaches: the attacker's own programs end, and the session answers again", async () => {
    const agent = await ground.attacker.daemon.agentPid();
    const hellos = ground.attacker.daemon.hellos;
    ground.attacker.sh("kill -KILL -1").catch(() => undefined);
    await ground.attacker.daemon.heard(hellos + 1);
    expect(await ground.attacker.daemon.agentPid()).not.toBe(agent);
  });

  it("keep their first process from signals that it does not ask for", async () => {
    expect(
      await sh("for signal in KILL STOP SEGV HUP QUIT USR1 PIPE ALRM; do kill -$signal 1; done; echo answered"),
    ).toBe("answered");
  });

  it("are all that a chroot is left for: behind it lies the container's root again", async () => {
    const found = await python(`
os.makedirs("/tmp/jail", exist_ok=True); root = os.open("/", os.O_RDONLY)
os.chroot("/tmp/jail"); os.fchdir(root)
for _ in range(64): os.chdir("..")
os.chroot("."); print(os.path.exists("/opt/berth/init"), os.path.exists("${ground.treasury}"), os.path.exists("/proc/1/root${ground.treasury}"))`);
    expect(found).toBe("True False False");
  });

  it("of the attacker's own making bring no right over the session's: mounting disks, moving cgroups, making devices", async () => {
    const done = await sh(`
unshare --user --map-root-user --mount --net --pid --fork --cgroup bash -c '
  mknod /tmp/inner b 254 0 && echo DONE; mount -t cgroup -o memory c /mnt && echo 1 > /mnt/cgroup.procs && echo DONE
  mount -o remount,rw /opt/berth/agent && echo DONE; touch /opt/berth/agent/x && echo DONE; hostname outer; nsenter --user=/proc/1/ns/user true'
hostname; rm -f /tmp/inner`);
    expect(done).not.toContain("DONE");
    expect(done).toMatch(/lab$/);
  });
});
