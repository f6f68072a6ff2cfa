// Root of a session against what it is shown: read-only folders, its own disk, mounts that would reach the machine, and files left for whoever looks at them from outside.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AttackGround, PYTHON } from "./attack-ground.ts";

let ground: AttackGround;

beforeAll(async () => {
  ground = await AttackGround.open();
});

/** Whatever a test has looked at itself: the machine's mounts, folders and the neighbour are as they were. */
afterEach(() => ground.expectUnharmed());
afterAll(() => ground?.close());

const sh = (script: string) => ground.attacker.sh(script);
const onDisk = (...path: string[]) => join(ground.machine.engine.layout.disks, ground.attacker.session, ...path);

describe("a folder that is shown read-only", () => {
  it.each(["/opt/berth/agent", "/run/berth", "$(ls -d /opt/berth/lab-images/*)"])(
    "stays so for root: %s",
    async (folder) => {
      const written = await sh(`
F=${folder}; mkdir -p /tmp/m
for how in "-o remount,rw" "-o remount,bind,rw" "-o rw,remount,bind,suid,dev"; do mount $how $F && echo REMOUNTED; done
unshare -m bash -c "mount --bind $F /tmp/m && { mount -o remount,bind,rw /tmp/m; touch /tmp/m/x && echo WROTE; }"
unshare -Urm bash -c "mount --rbind $F /tmp/m && { mount -o remount,bind,rw /tmp/m; touch /tmp/m/x && echo WROTE; }"
touch $F/x && echo WROTE; rm -rf $F/*; chmod 777 $F && echo CHANGED; chown 0 $F && echo CHANGED; mv -T $F /tmp/moved
mount --move $F /tmp/m && { touch /tmp/m/x && echo WROTE; mount --move /tmp/m $F; }; true`);
      expect(written.match(/REMOUNTED|WROTE|CHANGED/g) ?? []).toEqual([]);
      expect(written).toMatch(/Read-only file system/);
    },
  );

  it("hides nothing writable below it when it is taken away", async () => {
    const below = await sh(
      `unshare -m bash -c 'for folder in /opt/berth/agent /run/berth /opt/berth/lab-images/*; do umount -l $folder; ls -A $folder; touch $folder/x && grep -c $folder /proc/mounts; done'; rm -f /opt/berth/agent/x /run/berth/x`,
    );
    expect(below).not.toContain("agent.sock");
    expect(readdirSync(ground.machine.engine.layout.agent)).not.toContain("x");
  });

  it("is covered for the attacker alone by an overlay or a folder of their own", async () => {
    const seen =
      await sh(`unshare -m bash -c 'mkdir -p /tmp/o/u /tmp/o/w /tmp/m; mount -t overlay o -o lowerdir=/opt/berth/agent,upperdir=/tmp/o/u,workdir=/tmp/o/w,userxattr /opt/berth/agent && echo mine > /opt/berth/agent/agent.js && cat /opt/berth/agent/agent.js
mount --bind /tmp/o/u /run/berth; touch /run/berth/planted; ls /run/berth' | tail -2; rm -rf /tmp/o`);
    expect(seen).toContain("planted");
    expect(
      await ground.neighbour.sh("cat /opt/berth/agent/agent.js | head -c 4; ls /run/berth/planted 2>&1"),
    ).not.toMatch(/^mine|^\/run\/berth\/planted/m);
  });
});

describe("a mount", () => {
  it("made in the container is seen by nobody outside, however it is shared", async () => {
    await sh(
      `mount --make-rshared /; mkdir -p /workspace/shared /tmp/m; mount --bind /workspace/shared /workspace/shared; mount --make-shared /workspace/shared; mount -t tmpfs t /workspace/shared; touch /workspace/shared/inside; mount --make-rprivate /; true`,
    );
    expect(readdirSync(onDisk("workspace/shared"))).toEqual([]);
    await sh("umount /workspace/shared /workspace/shared; rm -rf /workspace/shared");
  });

  it.each([
    ["NFS", "-t nfs 127.0.0.1:/"],
    ["FUSE", "-t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 x"],
    ["a block device over FUSE", "-t fuseblk -o fd=3,rootmode=40000,user_id=0,group_id=0 /dev/vda"],
    ["an image of XFS", "-t xfs -o loop /tmp/image"],
    ["an image of btrfs", "-t btrfs /tmp/image"],
    ["an image of squashfs", "-t squashfs /tmp/image"],
    ["an image of erofs", "-t erofs /tmp/image"],
    ["9p", "-t 9p -o trans=fd,rfdno=3,wfdno=3 x"],
    ["an automounter", "-t autofs -o fd=3,pgrp=1,minproto=5,maxproto=5,indirect x"],
  ])("of %s is refused", async (_, options) => {
    expect(
      await sh(
        `mkdir -p /tmp/m; truncate -s 8M /tmp/image; exec 3<> /tmp/pipe$$; mount ${options} /tmp/m && echo MOUNTED; rm -f /tmp/pipe$$; grep ' /tmp/m ' /proc/mounts; true`,
      ),
    ).not.toMatch(/MOUNTED|\/tmp\/m /);
  });

  it("of an overlay over the container's own folders gives nothing of the machine's", async () => {
    const seen = await sh(
      `unshare -m bash -c 'mkdir -p /workspace/o/u /workspace/o/w /tmp/m; ln -s ${ground.treasury} /workspace/o/u/link; mount -t overlay o -o lowerdir=/etc,upperdir=/workspace/o/u,workdir=/workspace/o/w,userxattr /tmp/m; ls /tmp/m/link/'; python3 -c 'import os; os.setxattr("/workspace/o/u", "trusted.overlay.redirect", b"${ground.treasury}"); print("SET")'; rm -rf /workspace/o`,
    );
    expect(seen).not.toMatch(/secret|SET/);
  });

  it("table cannot be opened by handle: the files of the machine stay out of reach (open_by_handle_at)", async () => {
    const opened = await ground.attacker.python(`
for folder in (b"/", b"/workspace", b"/opt/berth/agent", b"/etc/hosts"):
    at = os.open(folder, os.O_RDONLY)
    for inode in (2, 128, 64, 256):
        handle = ctypes.create_string_buffer(struct.pack("IiQ", 8, 1, inode), 128)
        result = call(304, at, handle, 0)
        if isinstance(result, int): print("OPENED", folder)`);
    expect(opened).toBe("");
  });
});

describe("a file of the attacker's", () => {
  it("is nobody's on the machine that counts: setuid root is a stranger's, chown stays in the session's own range", async () => {
    await sh(
      "cp /bin/bash /workspace/shell; chmod 6777 /workspace/shell; chown 65535:65535 /workspace/shell; cp /bin/bash /workspace/rootshell; chmod 6777 /workspace/rootshell; chown 65536 /workspace/shell; chown 4294967294 /workspace/shell; true",
    );
    const { baseId } = ground.machine.engine;
    expect(statSync(onDisk("workspace/rootshell")).uid).toBe(baseId);
    expect(statSync(onDisk("workspace/shell")).uid).toBe(baseId + 65_535);
  });

  it("has capabilities only where its user namespace rules", async () => {
    expect(
      await sh(
        'cp /bin/ping /workspace/capable; setcap cap_sys_admin,cap_sys_rawio=ep /workspace/capable; python3 -c \'import os; os.setxattr("/workspace/capable", "security.capability", bytes([1, 0, 0, 2] + [255] * 16)); print("RAW")\'',
      ),
    ).toBeDefined();
    const read = `import os, struct, sys; value = os.getxattr(sys.argv[1], "security.capability"); print(value[3], struct.unpack("<I", value[20:24])[0] if len(value) == 24 else 0)`;
    // Version 3 of the attribute names the root that it is good for; the machine's own root is not that.
    expect(execFileSync("python3", ["-c", read, onDisk("workspace/capable")], { encoding: "utf8" }).trim()).toBe(
      `3 ${ground.machine.engine.baseId}`,
    );
  });

  it("does not become a program of the machine's: neither the engine's runtime nor the agent's interpreter can be written through a process", async () => {
    const runtime = statSync("/usr/sbin/runc", { throwIfNoEntry: false }) ?? statSync("/usr/bin/runc");
    const written = await sh(
      `for link in /proc/[0-9]*/exe /proc/[0-9]*/fd/*; do [ "$(readlink $link)" = /usr/bin/bash ] || { echo '#!/bin/true' 2> /dev/null > $link; }; done 2> /dev/null; true`,
    );
    expect(written).not.toContain("runc");
    const now = statSync("/usr/sbin/runc", { throwIfNoEntry: false }) ?? statSync("/usr/bin/runc");
    expect([now.mtimeMs, now.size, now.ino]).toEqual([runtime.mtimeMs, runtime.size, runtime.ino]);
  });

  it.each([
    "/opt/berth/agent /run/berth",
    "/workspace /home/learner /tmp",
    "/etc/hosts /etc/resolv.conf /var/lib/docker",
    "/run /opt /proc/1",
    "/etc",
  ])(
    "that is a link where the engine mounts or writes leads it nowhere outside, at the next start: %s",
    async (places) => {
      await ground.withLab(async (lab) => {
        await lab.sh(
          `for place in ${places}; do umount -R -l $place; umount -l $place; rm -rf $place || mv $place $place.old; ln -s ../../../../../../../../../..${ground.treasury} $place; done`,
        );
        await ground.engine.stopContainer(lab.session);
        const started = await ground.engine.ensureContainer({ session: lab.session, epoch: 2, images: [PYTHON] }).then(
          () => "started",
          () => "refused",
        );
        expect(started).toMatch(/started|refused/);
        expect(readdirSync(ground.treasury)).toEqual(["secret"]);
        expect(readFileSync(join(ground.treasury, "secret"), "utf8")).toBe("the machine's own");
        expect(statSync(ground.treasury).uid).toBe(0);
      });
    },
  );

  it("that is a link on the session's disk is deleted with it, not what it leads to", async () => {
    await ground.withLab(async (lab) => {
      await lab.sh(
        `for folder in /workspace /home/learner /tmp /var/lib/docker /usr/local; do ln -s ${ground.treasury} $folder/link; ln -s / $folder/root; done`,
      );
    });
    expect(readdirSync(ground.treasury)).toEqual(["secret"]);
  });
});
