// What every session container is given and denied, read off the request that makes it.

import { describe, expect, it } from "vitest";
import { containerLimits } from "../../../runner-host/container/container-limits.ts";
import { containerBody, containerName, type SessionSpec } from "../../../runner-host/container/container-spec.ts";
import { DISK_MOUNTS } from "../../../runner-host/container/disk-layout.ts";

const spec: SessionSpec = {
  session: "s_aaaaaaaaaaaaaaaaaaaaaaaaaa",
  epoch: 7,
  imageTag: "berth/session:1",
  cgroupParent: "/berth-1",
  seccompProfile: '{"defaultAction":"SCMP_ACT_ERRNO"}',
  openFilesMax: 1_000_000,
  disk: "/run/berth-1/disks/s",
  socketView: "/run/berth-1/socket-views/s",
  agent: "/run/berth-1/agent",
  labLayers: "/run/berth-1/lab-images/set",
  labLayersTarget: "/opt/berth/lab-images/set",
};

describe("containerBody", () => {
  const { HostConfig, ...body } = containerBody(spec);

  it("limits memory without swap, processor and processes, below the parent of all sessions", () => {
    expect(HostConfig).toMatchObject({
      Memory: 1.5 * 1024 ** 3,
      MemorySwap: 1.5 * 1024 ** 3,
      NanoCpus: 1e9,
      PidsLimit: 512,
      CgroupParent: "/berth-1",
    });
  });

  it("gives no network, no devices and no privileges beyond the listed capabilities", () => {
    expect(HostConfig).toMatchObject({ NetworkMode: "none", CapDrop: ["ALL"] });
    expect(HostConfig).not.toHaveProperty("Privileged");
    expect(HostConfig).not.toHaveProperty("Devices");
    const forbidden = [
      "ALL",
      "SYS_MODULE",
      "SYS_RAWIO",
      "SYS_BOOT",
      "SYS_TIME",
      "SYS_RESOURCE",
      "DAC_READ_SEARCH",
      "BPF",
      "PERFMON",
      "SYSLOG",
      "MAC_ADMIN",
    ];
    expect(HostConfig.CapAdd.filter((name) => forbidden.includes(name))).toEqual([]);
    expect(HostConfig.CapAdd).toEqual(expect.arrayContaining(["SYS_ADMIN", "NET_ADMIN", "MKNOD", "AUDIT_WRITE"]));
  });

  it("applies the given system call profile", () => {
    expect(HostConfig.SecurityOpt).toContain(`seccomp=${spec.seccompProfile}`);
  });

  it("mounts writable only what lies on the session's own disk", () => {
    const writable = HostConfig.Mounts.filter((mount) => !mount.ReadOnly);
    expect(writable.map((mount) => mount.Source)).toEqual(DISK_MOUNTS.map(([source]) => `${spec.disk}/${source}`));
    const readOnly = HostConfig.Mounts.filter((mount) => mount.ReadOnly).map((mount) => mount.Source);
    expect(readOnly).toEqual([spec.socketView, spec.agent, spec.labLayers]);
  });

  it("shares no mount back with the host", () => {
    expect(HostConfig.Mounts.every((mount) => mount.BindOptions.Propagation === "rprivate")).toBe(true);
  });

  it("names session and epoch in labels and nothing else that could be a secret", () => {
    expect(body.Labels).toEqual({ "berth.session": spec.session, "berth.epoch": "7" });
    expect(body.Env).toEqual(["BERTH_AGENT_SOCKET=/run/berth/agent.sock"]);
  });

  it("never asks for more open files than the engine may give", () => {
    const files = (openFilesMax: number) =>
      containerBody({ ...spec, openFilesMax }).HostConfig.Ulimits.find(({ Name }) => Name === "nofile");
    expect(files(20_000)).toEqual({ Name: "nofile", Soft: 20_000, Hard: 20_000 });
    expect(files(10_000_000)?.Hard).toBe(containerLimits.openFiles);
  });

  it("bounds every folder in memory and the log", () => {
    expect(HostConfig.Tmpfs["/run"]).toContain(`size=${containerLimits.runBytes}`);
    expect(HostConfig.LogConfig.Config).toMatchObject({
      "max-file": "1",
      "max-size": String(containerLimits.logBytes),
    });
  });
});

describe("containerName", () => {
  it("differs between epochs of a session", () => {
    expect(containerName(spec.session, 1)).not.toBe(containerName(spec.session, 2));
  });
});
