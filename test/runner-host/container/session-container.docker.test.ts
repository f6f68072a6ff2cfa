// What a learner can do in a session container and what is refused to them, tried from inside on real Docker.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "#wire/ids.ts";
import { containerLimits } from "../../../runner-host/container/container-limits.ts";
import type { ContainerEngine } from "../../../runner-host/engine/container-engine.ts";
import { type EngineMachine, startMachine } from "../engine/machine.ts";
import { StandInDaemon } from "../engine/stand-in-daemon.ts";

const PYTHON = "berth/python:3.11";

const SERVER = `
import http.server
class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from the lab")
http.server.HTTPServer(("", 8000), Hello).serve_forever()
`;

let machine: EngineMachine;
let engine: ContainerEngine;
let learner: StandInDaemon;
const session = newId("s");

beforeAll(async () => {
  machine = await startMachine();
  engine = await machine.open();
  learner = await StandInDaemon.listen(await engine.openSocketDirectory(session));
  await engine.ensureContainer({ session, epoch: 1, images: [PYTHON] });
});

afterAll(async () => {
  await learner.close();
  await engine.close();
  await machine.close();
});

/** Runs as root of the container and expects to be refused. */
async function expectRefusal(command: string, because: RegExp): Promise<void> {
  const { exitCode, stdout, stderr } = await learner.run(`sudo sh -c '${command}'`);
  expect({ command, said: `${stdout}${stderr}`, failed: exitCode !== 0 }).toMatchObject({
    failed: true,
    said: expect.stringMatching(because),
  });
}

describe("a session container", () => {
  it("is an ordinary machine to the learner: own user, docker group, sudo without password, a home and a workspace", async () => {
    expect(await learner.read("id -un; id -u; pwd; echo $HOME; hostname")).toBe(
      "learner\n1000\n/workspace\n/home/learner\nlab",
    );
    expect(await learner.read("id -nG")).toContain("docker");
    expect(await learner.read("sudo id -u")).toBe("0");
    await learner.read("sudo touch /usr/local/bin/anything && touch ~/file /workspace/file /tmp/file");
  });

  it("has the full vim under both its names", async () => {
    expect(await learner.read("vim --version; vi --version")).toMatch(/\+syntax[\s\S]*\+syntax/);
  });

  it("lists the preloaded image in a fresh Docker at once", async () => {
    const images = await learner.read("docker images --format '{{.Repository}}:{{.Tag}}'");
    expect(images.split("\n").sort()).toEqual([PYTHON, "python:3.11-slim"]);
  });

  it("builds on the preloaded image, runs the result with a published port and reaches it", async () => {
    const dockerfile = `FROM ${PYTHON}\nWORKDIR /app\nCOPY server.py .\nRUN python --version > version\nCMD ["python", "server.py"]\n`;
    await learner.read(
      `mkdir -p app && cd app && cat > Dockerfile <<'EOF'\n${dockerfile}EOF\ncat > server.py <<'EOF'${SERVER}EOF`,
    );
    const built = await learner.run("cd app && docker build --progress=plain -t app .");
    expect(built).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("exporting to image") });
    await learner.read("docker run -d --name web -p 8000:8000 app");
    expect(await learner.read("curl -s --retry 20 --retry-delay 1 --retry-all-errors localhost:8000")).toBe(
      "hello from the lab",
    );
    expect(await learner.read("docker exec web cat version")).toContain("Python 3.11");
  });

  it("counts only what a build added as its layers", async () => {
    const sizes = await learner.read("docker image inspect app python:3.11-slim --format '{{.Size}}'");
    const [app = 0, base = 0] = sizes.split("\n").map(Number);
    expect(app).toBeGreaterThan(base);
    expect(app - base).toBeLessThan(1024 * 1024);
  });

  it("lets the learner's containers find each other by name", async () => {
    await learner.read("docker network create lab && docker network connect lab web");
    const seen = await learner.read(
      `docker run --rm --network lab ${PYTHON} python -c 'import urllib.request as r; print(r.urlopen("http://web:8000").read().decode())'`,
    );
    expect(seen).toBe("hello from the lab");
  });

  it("has no way to any network but its own", async () => {
    expect(
      await learner.read("ip -o link show | grep -v -E ' (lo|docker0|br-[0-9a-f]+|veth[0-9a-f]+@if[0-9]+):' | wc -l"),
    ).toBe("0");
    expect((await learner.run("curl -sS -m 3 http://192.0.2.1")).stderr).toContain("Couldn't connect");
    expect(await learner.read("ip route show default")).toBe("");
  });

  it("refuses its root to raise its own limits or leave them", async () => {
    const limitFile =
      "$(find /sys/fs/cgroup -maxdepth 2 -name memory.limit_in_bytes -o -maxdepth 1 -name memory.max | head -1)";
    await expectRefusal(`echo 9000000000 > ${limitFile}`, /denied|Read-only|nonexistent/i);
    await expectRefusal("mount -t cgroup -o memory none /mnt", /permission denied/);
    await expectRefusal("mount -t cgroup2 none /mnt", /permission denied/);
    await expectRefusal("ulimit -n 2000000", /not permitted/);
  });

  it("refuses its root sockets to the hypervisor, and gives those of a network", async () => {
    await expectRefusal('python3 -c "import socket; socket.socket(40, 1)"', /not permitted/);
    await learner.read("python3 -c 'import socket; [socket.socket(family, 2) for family in (1, 2, 10)]'");
  });

  it("refuses its root every device, and the kernel's own settings", async () => {
    await expectRefusal("mknod /tmp/disk b 254 0", /not permitted/);
    await expectRefusal("dmesg", /not permitted/);
    await expectRefusal("echo 1 > /proc/sys/kernel/panic", /Read-only/);
    await expectRefusal("mount -t proc proc /mnt && echo 1 > /mnt/sys/kernel/panic", /denied|permission/i);
    await expectRefusal("date -s 2020-01-01", /not permitted/);
    await expectRefusal("mount /dev/loop0 /mnt", /permission denied|not a block device|does not exist/);
  });

  it("refuses nested containers with full privileges, and those see only the session", async () => {
    const privileged = await learner.run(`docker run --rm --privileged ${PYTHON} true`);
    expect(privileged).toMatchObject({ stderr: expect.stringContaining("operation not permitted") });
    expect(await learner.read(`docker run --rm -v /:/host ${PYTHON} cat /host/etc/hostname`)).toBe("lab");
  });

  it.each(["/opt/berth/agent", "/run/berth", "$(ls -d /opt/berth/lab-images/*)"])(
    "keeps %s read-only even from its root",
    async (folder) => {
      await expectRefusal(`mount -o remount,bind,rw ${folder}`, /permission denied/);
      await expectRefusal(`mount -o remount,rw ${folder}`, /permission denied/);
      await expectRefusal(`touch ${folder}/x`, /Read-only file system/);
    },
  );

  it("keeps the layers of lab images from being changed through the learner's Docker", async () => {
    const layer =
      "$(sudo readlink -f $(sudo docker image inspect berth/python:3.11 --format {{.GraphDriver.Data.UpperDir}}))";
    const { exitCode, stderr } = await learner.run(`sudo touch ${layer}/x`);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("Read-only file system"),
    });
  });

  it.each(["bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "kexec_load", "quotactl"])(
    "refuses the system call %s",
    async (name) => {
      const numbers: Record<string, number> = {
        bpf: 321,
        perf_event_open: 298,
        userfaultfd: 323,
        io_uring_setup: 425,
        kexec_load: 246,
        quotactl: 179,
      };
      const script = `import ctypes; l = ctypes.CDLL(None, use_errno=True); print(l.syscall(${numbers[name]}, 0, 0, 0, 0, 0), ctypes.get_errno())`;
      expect(await learner.read(`sudo python3 -c '${script}'`)).toMatch(/^-1 (1|38)$/);
    },
  );

  it("ends a fork bomb at the limit of processes and goes on working", async () => {
    const bomb = `for i in $(seq ${containerLimits.pids + 50}); do sleep 20 & done; wait`;
    expect((await learner.run(`timeout -s KILL 3 bash -c '${bomb}'; true`)).stderr).toMatch(
      /fork|Resource temporarily unavailable/,
    );
    await learner.run("pkill sleep");
    expect(await learner.read("echo alive")).toBe("alive");
  });

  it("kills what takes more memory than the limit, and nothing else", async () => {
    const agent = await learner.agentPid();
    const { exitCode } = await learner.run(`python3 -c 'bytearray(${2 * containerLimits.memoryBytes})'`);
    expect(exitCode).not.toBe(0);
    expect(await learner.agentPid()).toBe(agent);
  });

  it.each(["/workspace", "/home/learner", "/tmp", "/usr/local", "/var/lib/docker"])(
    "lets nobody write more than the quota in %s",
    async (folder) => {
      const filled = await learner.run(`sudo fallocate --length ${containerLimits.diskBytes} ${folder}/full`);
      expect(filled.stderr).toContain("No space left on device");
      expect((await learner.run("sudo dd if=/dev/zero of=/etc/more bs=1M count=2")).stderr).toContain(
        "No space left on device",
      );
      await learner.read(`sudo rm -f ${folder}/full /etc/more`);
    },
  );

  it("restarts an agent that died", async () => {
    const before = await learner.agentPid();
    learner.run(`kill -KILL ${before}`).catch(() => undefined);
    await expect.poll(() => learner.agentPid(), { timeout: 10_000 }).not.toBe(before);
  });

  it("starts a nested Docker again that died", async () => {
    await learner.read("sudo pkill -KILL -x dockerd");
    expect(await learner.read("timeout 30 docker images -q python:3.11-slim | wc -l")).toBe("1");
  });

  it("lets the learner delete the preloaded image for themselves only", async () => {
    await learner.read(
      "docker rm -f $(docker ps -aq); docker rmi -f app python:3.11-slim berth/python:3.11; docker system prune -af",
    );
    expect(await learner.read("docker images -q | wc -l")).toBe("0");
    const neighbour = newId("s");
    const other = await StandInDaemon.listen(await engine.openSocketDirectory(neighbour));
    await engine.ensureContainer({ session: neighbour, epoch: 1, images: [PYTHON] });
    expect(await other.read("docker run --rm python:3.11-slim python -c 'print(40 + 2)'")).toBe("42");
    await other.close();
    await engine.removeContainer(neighbour);
  });

  it("keeps workspace, home, installed files and Docker images over a stop and a start", async () => {
    const kept = newId("s");
    const owner = await StandInDaemon.listen(await engine.openSocketDirectory(kept));
    await engine.ensureContainer({ session: kept, epoch: 1, images: [PYTHON] });
    await owner.read(
      "echo 1 > /workspace/a; echo 2 > ~/b; echo 3 | sudo tee /usr/local/c; docker tag python:3.11-slim mine",
    );
    await engine.stopContainer(kept);
    await engine.ensureContainer({ session: kept, epoch: 1, images: [PYTHON] });
    expect(await owner.read("cat /workspace/a ~/b /usr/local/c; docker images -q mine | wc -l")).toBe("1\n2\n3\n1");
    await engine.ensureContainer({ session: kept, epoch: 2, images: [PYTHON] });
    expect(await owner.read("cat /workspace/a ~/b /usr/local/c; docker images -q mine | wc -l")).toBe("1\n2\n3\n1");
    await owner.close();
    await engine.removeContainer(kept);
  });
});
