// Root of a session with Docker: its options reach no further than the session, and lab images are the same for everybody whatever one does to them.

import { execFileSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LABELS } from "../../runner-host/container/container-spec.ts";
import { labLayersFile } from "../../runner-host/image/lab-set.ts";
import { AttackGround, PYTHON } from "./attack-ground.ts";
import { findProcesses, namespaceOf, readCgroup } from "./machine-facts.ts";

const MiB = 1024 * 1024;

let ground: AttackGround;

beforeAll(async () => {
  ground = await AttackGround.open();
});

/** Whatever a test has looked at itself: the machine and the neighbour, its images too, are as they were. */
afterEach(() => ground.expectUnharmed());
afterAll(() => ground?.close());

const sh = (script: string) => ground.attacker.sh(script);

/** Runs a nested container with `options` and this shell text in it. */
const run = (options: string, script: string) =>
  sh(`timeout 30 docker run --rm ${options} ${PYTHON} sh -c ${JSON.stringify(script).replaceAll("$", "\\$")}; true`);

describe("a nested container", () => {
  it("does not start with every privilege, capability or device", async () => {
    expect(await run("--privileged", "echo RUNS")).toMatch(/not permitted/);
    expect(await run("--cap-add ALL", "echo RUNS")).toMatch(/not permitted/);
    for (const device of ["/dev/mem", "/dev/loop0", "/dev/kvm", "/dev/fuse", "/dev/vda", "/dev/kmsg"])
      expect(await run(`--device ${device}`, "echo RUNS")).not.toContain("RUNS");
  });

  it("keeps the session's filter of system calls when it is told to have none", async () => {
    const call =
      "python3 -c 'import ctypes; k = ctypes.CDLL(None, use_errno=True); print([k.syscall(n, 0, 0, 0, 0, 0) for n in (321, 298, 323, 425, 304, 246)])'";
    expect(
      await run("--cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined", call),
    ).toBe("[-1, -1, -1, -1, -1, -1]");
  });

  it.each(["pid", "ipc", "uts", "userns"])("with the host's %s namespace has the session's", async (kind) => {
    const file = kind === "userns" ? "user" : kind;
    const [seen] = (await run(`--${kind}=host`, `readlink /proc/self/ns/${file}`)).split("\n");
    expect(seen).toBe(namespaceOf(await ground.attacker.firstProcess(), file));
    expect(seen).not.toBe(namespaceOf("self", file));
  });

  it("with the host's network has the lab's, where nothing listens that is not the lab's own", async () => {
    expect(await run("--net=host", "readlink /proc/self/ns/net; cat /proc/net/route | wc -l")).toMatch(
      new RegExp(`^net:\\[\\d+\\]`),
    );
    expect((await run("--net=host", "readlink /proc/self/ns/net")).trim()).toBe(
      namespaceOf(await ground.attacker.firstProcess(), "net"),
    );
  });

  it("with the host's root folder has the session's: nothing of the machine is read, nothing written", async () => {
    const seen = await run(
      "-v /:/host --pid=host",
      `cat /host/etc/hostname; ls -d /host${ground.treasury}; touch /host/escaped; ls /host/proc/1/root${ground.treasury}; chroot /host ls ${ground.treasury}`,
    );
    expect(seen).toMatch(/^lab/);
    expect(seen).not.toMatch(/^secret$/m);
    expect(await sh("ls /escaped && rm /escaped")).toBe("/escaped");
  });

  it("cannot write through a volume what the session sees read-only, nor mount a disk as one", async () => {
    expect(await run("-v /run/berth:/x -v /opt/berth/agent:/y", "touch /x/a /y/a; chmod 777 /y")).toMatch(/Read-only/);
    const made = await sh(`
docker volume create --opt type=ext4 --opt device=/dev/vda disk; docker volume create --opt type=none --opt o=bind,rw --opt device=/run/berth socket; docker volume create --opt type=nfs --opt o=addr=127.0.0.1 --opt device=:/ net
docker run --rm -v disk:/v ${PYTHON} echo RUNS; docker run --rm -v net:/v ${PYTHON} echo RUNS; docker run --rm -v socket:/v ${PYTHON} sh -c 'touch /v/a && echo RUNS'; docker volume rm disk socket net`);
    expect(made).not.toContain("RUNS");
  });

  it("spreads no mount to the machine, whatever propagation its volume asks for", async () => {
    await sh("mount --make-rshared /");
    for (const mode of ["rshared", "shared", "rslave"])
      await run(
        `-v /workspace:/w:${mode} -v /:/host:${mode} --cap-add SYS_ADMIN --security-opt seccomp=unconfined`,
        "mkdir -p /w/inner; mount -t tmpfs t /w/inner && touch /w/inner/x; mount --bind /etc /host/mnt",
      );
    await sh("umount -l /workspace/inner; umount -l /mnt; mount --make-rprivate /; true");
  });

  it("has no more than the session: no larger limits, no better place when memory runs short, no parent of its own", async () => {
    expect(await run("--ulimit nofile=10000000 --ulimit core=-1", "ulimit -n")).toMatch(/not permitted/);
    expect(await run("--oom-score-adj -1000", "cat /proc/self/oom_score_adj")).toMatch(/^[5-9]\d\d/);
    await sh(
      `docker run -d --name large --memory 100g --cpus 2 --pids-limit -1 --cgroup-parent / ${PYTHON} sleep 60.0331`,
    );
    const [pid = 0] = findProcesses("sleep 60.0331").filter(
      (found) => namespaceOf(found, "pid") !== namespaceOf("self", "pid"),
    );
    expect(readCgroup(pid, "memory.limit_in_bytes", "memory.max")).toBe(
      readCgroup(await ground.attacker.firstProcess(), "memory.limit_in_bytes", "memory.max"),
    );
    await sh("docker rm -f large");
  });

  it("sets kernel settings for itself alone, and those of the machine not at all", async () => {
    expect(await run("--sysctl kernel.shmmax=4096", "cat /proc/sys/kernel/shmmax")).toBe("4096");
    expect(
      await run(
        "--security-opt systempaths=unconfined --cap-add SYS_ADMIN",
        "for f in core_pattern modprobe panic; do echo x > /proc/sys/kernel/$f && echo WROTE; done; echo b > /proc/sysrq-trigger && echo WROTE",
      ),
    ).not.toContain("WROTE");
    expect(await run("--sysctl kernel.panic=1", "true")).toMatch(
      /not allowed|not in a separate|not permitted|invalid/i,
    );
  });

  it("reaches with the Docker socket the session's Docker alone: neither the engine's nor the machine's", async () => {
    const { layout } = ground.machine.engine;
    const containers = (await ground.docker.listContainers(LABELS.session))
      .map(({ containerId }) => containerId)
      .sort();
    const listed =
      await sh(`docker run --rm -d -v /var/run/docker.sock:/var/run/docker.sock -v /run:/r ${PYTHON} sleep 5 > /dev/null; docker ps --no-trunc --format '{{.ID}} {{.Names}}'; docker info --format '{{.Name}} {{.DockerRootDir}}'
for socket in ${layout.engineSocket} /run/containerd/containerd.sock ${layout.run}/exec/containerd/containerd.sock; do curl -s -m 2 --unix-socket $socket http://x/containers/json && echo REACHED; done; find / -xdev -type s -not -path '/proc/*' 2> /dev/null; true`);
    for (const containerId of containers) expect(listed).not.toContain(containerId);
    expect(listed).toContain("lab /var/lib/docker");
    expect(listed).not.toContain("REACHED");
    expect((await ground.docker.listContainers(LABELS.session)).map(({ containerId }) => containerId).sort()).toEqual(
      containers,
    );
  });
});

describe("lab images", () => {
  const layersFile = () => labLayersFile(ground.machine.images.directory, ground.machine.images.labSetName);
  const hashLayers = () => execFileSync("sha256sum", [layersFile()], { encoding: "utf8" });

  it("are there in a new session in milliseconds, on no disk of its own", async () => {
    await ground.withLab(async (lab) => {
      const fresh = ground.diskBytes(lab);
      await lab.sh("docker info");
      const withDocker = ground.diskBytes(lab);
      const tookMs = Number(
        await lab.daemon.read(
          "start=$(date +%s%N); docker images -q > /dev/null; echo $((($(date +%s%N) - start) / 1000000))",
        ),
      );
      const sizes = await lab.daemon.read(`docker image inspect ${PYTHON} --format '{{.Size}}'`);
      process.stdout.write(
        `lab image of ${Math.round(Number(sizes) / MiB)} MiB: listed in ${tookMs} ms, disk ${(fresh / MiB).toFixed(1)} MiB fresh, ${(withDocker / MiB).toFixed(1)} MiB with Docker up\n`,
      );
      expect(Number(sizes)).toBeGreaterThan(50 * MiB);
      expect(fresh).toBeLessThan(8 * MiB);
      expect(withDocker).toBeLessThan(12 * MiB);
      expect(await lab.daemon.read(`docker run --rm ${PYTHON} python -c 'print(40 + 2)'`)).toBe("42");
      expect(ground.diskBytes(lab)).toBeLessThan(16 * MiB);
    });
  });

  it("are built on at the cost of what the build adds", async () => {
    await ground.withLab(async (lab) => {
      await lab.sh("docker info");
      const before = ground.diskBytes(lab);
      await lab.daemon.read(
        `mkdir -p app && printf 'FROM ${PYTHON}\\nRUN head -c 1000000 /dev/urandom > /added\\n' > app/Dockerfile && docker build -q -t app app`,
      );
      execFileSync("sync", ["-f", ground.machine.engine.layout.diskFiles]);
      expect(ground.diskBytes(lab) - before).toBeLessThan(12 * MiB);
      expect(await lab.daemon.read("docker run --rm app stat -c %s /added")).toBe("1000000");
    });
  });

  it("are removed and named anew by one session without another's noticing", async () => {
    const before = hashLayers();
    await sh(
      `printf 'FROM ${PYTHON}\\nRUN rm -rf /usr/lib/python3* && echo mine > /usr/bin/python3\\n' > /tmp/Dockerfile; docker build -q -t ${PYTHON} -t python:3.11-slim - < /tmp/Dockerfile; docker rm -f $(docker ps -aq); docker rmi -f $(docker images -aq); docker system prune -af --volumes`,
    );
    expect(await sh("docker images -q | wc -l")).toBe("0");
    expect(await ground.neighbour.daemon.read(`docker run --rm ${PYTHON} python -c 'print(40 + 2)'`)).toBe("42");
    expect(
      await ground.neighbour.daemon.read("docker images --format '{{.Repository}}:{{.Tag}}' | sort | paste -sd' '"),
    ).toBe(`${PYTHON} python:3.11-slim`);
    await ground.withLab(async (lab) => {
      expect(await lab.daemon.read("docker run --rm python:3.11-slim python -c 'print(40 + 2)'")).toBe("42");
    });
    expect(hashLayers()).toBe(before);
  });

  it("are not changed through the files that Docker keeps of them: their layers lie on a read-only file system", async () => {
    const before = hashLayers();
    await ground.withLab(async (lab) => {
      const said = await lab.sh(`
layer=$(readlink -f $(docker image inspect ${PYTHON} --format '{{.GraphDriver.Data.UpperDir}}')); touch $layer/x && echo WROTE
for layer in /opt/berth/lab-images/*/*; do touch $layer/x && echo WROTE; echo mine > $layer/usr/bin/python3 && echo WROTE; rm -rf $layer/*; mount -o remount,rw $layer && echo WROTE; done
for link in /var/lib/docker/overlay2/*/diff; do touch $link/x && echo WROTE; done; true`);
      expect(said).toMatch(/Read-only file system/);
      expect(said).not.toContain("WROTE");
    });
    expect(hashLayers()).toBe(before);
  });

  it("of the attacker's own making take their place for the attacker alone", async () => {
    await ground.withLab(async (lab) => {
      await lab.sh(
        "mkdir -p /tmp/fake; for set in /opt/berth/lab-images/*; do mount --bind /tmp/fake $set; umount -l $set; umount -l $set; rm -rf $set; ln -s /tmp/fake $set; done; for layer in /var/lib/docker/overlay2/*; do rm -f $layer/diff; mkdir $layer/diff; done; true",
      );
      expect(await ground.neighbour.daemon.read(`docker run --rm ${PYTHON} python -c 'print(40 + 2)'`)).toBe("42");
    });
  });
});
