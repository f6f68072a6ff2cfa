// Shows which notices stand in the page as more are told.

import { describe, expect, it } from "vitest";
import { type Notice, noticeSchema } from "#wire/session.ts";
import { nameNotice } from "../../../web/session/notice-sentences.ts";
import { addNotice, dropNotice } from "../../../web/session/notices.ts";

const notice = (code: Notice["code"], message = "So it is."): Notice => ({ code, message });
const tell = (...codes: Notice["code"][]) =>
  codes.reduce<Notice[]>((notices, code) => addNotice(notices, notice(code)), []).map(({ code }) => code);

describe("notices", () => {
  it("stand newest first, each code once", () => {
    expect(tell("memory_full", "disk_low", "memory_full")).toEqual(["memory_full", "disk_low"]);
    expect(addNotice([notice("disk_low", "old")], notice("disk_low", "new"))).toEqual([notice("disk_low", "new")]);
  });

  it("go when a new one makes them untrue", () => {
    expect(tell("disk_low", "disk_full")).toEqual(["disk_full"]);
    expect(tell("memory_full", "processes_full", "disk_low", "container_restarted")).toEqual([
      "container_restarted",
      "disk_low",
    ]);
    expect(tell("put_to_rest", "container_restarted")).toEqual(["container_restarted"]);
  });

  it("are bounded by their codes however many are told", () => {
    const codes = noticeSchema.shape.code.options;
    expect(tell(...codes, ...codes).length).toBeLessThanOrEqual(codes.length);
  });

  it("go when they are put away", () => {
    expect(dropNotice([notice("disk_low"), notice("memory_full")], "disk_low")).toEqual([notice("memory_full")]);
  });

  it.each(noticeSchema.shape.code.options)("of %s have a name of their own", (code) => {
    const others = noticeSchema.shape.code.options.filter((other) => other !== code);
    expect(others.map((other) => nameNotice(other).name)).not.toContain(nameNotice(code).name);
  });
});
