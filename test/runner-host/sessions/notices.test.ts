// Notices are said once in a while each, and wait for somebody to hear them.

import { beforeEach, expect, it } from "vitest";
import { type Notice, noticeSchema } from "#wire/session.ts";
import { Notices } from "../../../runner-host/sessions/notices.ts";

let heard: Notice[];
let isHearing: boolean;
let notices: Notices;
beforeEach(() => {
  heard = [];
  isHearing = true;
  notices = new Notices((notice) => {
    if (isHearing) heard.push(noticeSchema.parse(notice));
    return isHearing;
  });
});

const codes = () => heard.map(({ code }) => code);

it("a notice is a code and a sentence, said again only after its time", () => {
  notices.post("memory_full", 0);
  notices.post("memory_full", 59_000);
  notices.post("disk_low", 59_000);
  notices.post("memory_full", 60_000);
  expect(codes()).toEqual(["memory_full", "disk_low", "memory_full"]);
  for (const { message } of heard) expect(message).toMatch(/^[A-Z].*\.$/);
});

it("a busy processor is no news for minutes", () => {
  for (let minute = 0; minute < 5; minute++) notices.post("processor_busy", minute * 60_000);
  expect(codes()).toEqual(["processor_busy"]);
});

it("what happened while nobody heard is told once somebody does, each once", () => {
  isHearing = false;
  notices.post("memory_full", 0);
  notices.post("container_restarted", 1);
  notices.post("container_restarted", 2);
  notices.flush();
  expect(codes()).toEqual([]);
  isHearing = true;
  notices.flush();
  notices.flush();
  expect(codes()).toEqual(["memory_full", "container_restarted"]);
});
