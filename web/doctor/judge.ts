// Judges what the doctor measured: each measure becomes a line that says how it stands and what to do.

import { closeCodes, readClose } from "#wire/close-codes.ts";
import { nameHost } from "../session/progress.ts";
import type { Finding } from "./finding.ts";
import type { BinaryAnswer, HttpAnswer, SessionAnswer, SocketAnswer, Trips } from "./measure.ts";
import { describeSpread, readSpread } from "./measure.ts";

/** Beyond these a learner feels it: a page that hangs, a key that lags. */
const SLOW_MS = { http: 1_000, socket: 2_000, edge: 150, host: 200, container: 200 } as const;

const berthFirst = "Berth has to answer first.";
const startLab = "Open a challenge and start its lab, then check again to see the lines that need one.";
const ok = (value: string): Finding => ({ status: "ok", value });
const slow = (value: string, advice: string): Finding => ({ status: "slow", value, advice });
const failed = (value: string, advice: string): Finding => ({ status: "failed", value, advice });
const skipped = (value: string, advice: string): Finding => ({ status: "skipped", value, advice });

export function judgeHttp(answers: readonly HttpAnswer[], isOnline: boolean): Finding {
  const spread = readSpread(answers.map((answer) => (answer.name === "answered" ? answer.ms : null)));
  if (spread === null)
    return isOnline
      ? failed(
          "no answer",
          "Berth may be down, or a firewall or VPN keeps it away. Open another site; if that works, wait a minute, then tell your teacher.",
        )
      : failed("no network", "This browser says it is offline. Connect to a network, then check again.");
  const refused = answers.find((answer) => answer.name === "answered" && answer.status !== 200);
  if (refused?.name === "answered")
    return failed(
      `status ${refused.status}`,
      "Berth answers but is not well, or something between answers for it. Wait a minute, then tell your teacher.",
    );
  const value = describeSpread(spread);
  if (spread.came < spread.sent)
    return slow(value, "Some requests were lost: the network is unsteady. Try a cable or another Wi-Fi.");
  return spread.median > SLOW_MS.http
    ? slow(value, "Pages load late. Try another network, or come back in a while.")
    : ok(value);
}

export function judgeSignIn(answer: HttpAnswer, login: string | null): Finding {
  if (answer.name === "silent") return skipped("not known", berthFirst);
  if (answer.status === 401) return failed("signed out", "Sign in again, then come back to your challenge.");
  if (answer.status !== 200)
    return failed(`status ${answer.status}`, "Wait a minute and check again; if it stays so, tell your teacher.");
  return ok(
    `${login === null ? "yes" : `as ${login}`}, ${describeSpread({ median: answer.ms, least: 0, most: 0, came: 1, sent: 1 })}`,
  );
}

export function judgeSession(answer: SessionAnswer): Finding {
  switch (answer.name) {
    case "none":
      return skipped("not running", startLab);
    case "signed_out":
      return skipped("not known", "Sign in first.");
    case "unknown":
      return skipped("not known", berthFirst);
    case "session": {
      const { state, reachable, host, epoch } = answer.session;
      const place = host === null ? "no host yet" : `on ${nameHost(host)}`;
      const value = `${state}, ${place}, epoch ${epoch}`;
      if (state !== "ready") return slow(value, "It is being prepared: wait until it is ready, then check again.");
      if (!reachable)
        return failed(
          `${value}, not reachable`,
          "The machine with your container has lost its way to Berth. It dials again by itself; if it is still so in five minutes, tell your teacher. Your files stay.",
        );
      return ok(value);
    }
  }
}

/** `hasSession`: the socket was one of the lab's; without a lab a refusal for want of one shows that sockets open. */
export function judgeSocket(answer: SocketAnswer, hasSession: boolean): Finding {
  if (answer.name === "silent")
    return failed(
      "no answer",
      "A firewall, VPN or browser extension holds WebSockets back. Try another network, or ask for this site to be let through.",
    );
  const took = describeSpread({ median: answer.ms, least: 0, most: 0, came: 1, sent: 1 });
  if (answer.name === "open")
    return answer.ms > SLOW_MS.socket
      ? slow(took, "It opens late: expect a wait after each cut. Try another network.")
      : ok(took);
  const { name, then } = readClose(answer.code);
  if (name === "cut")
    return failed(
      `closed with ${answer.code}`,
      "Something between this browser and Berth ends WebSockets: a proxy, VPN, antivirus or school firewall. Try another network, or ask for this site to be let through.",
    );
  if (!hasSession && name === "session_not_found") return ok(`${took}, no lab to reach`);
  const advice = {
    retry: "Check again in a moment.",
    reopen: "This lab is over. Start it again from its challenge.",
    sign_in: "Sign in again, then check again.",
    reload: "Reload the page: Berth was updated.",
    stop:
      name === "too_many_connections"
        ? "Close some tabs of Berth, then check again."
        : "Reload the page; if it stays so, tell your teacher.",
  }[then];
  return failed(`closed with ${answer.code}: ${closeCodes[name].reason.toLowerCase()}`, advice);
}

export function judgeBinary(answers: readonly BinaryAnswer[]): Finding {
  const lost = answers.filter((answer) => answer === "lost").length;
  if (answers.includes("changed"))
    return failed("changed on the way", "A proxy rewrites what it carries. Try another network, or without the VPN.");
  if (lost === answers.length)
    return failed(
      "none came back",
      "A proxy lets text pass but not binary frames, so terminals stay empty. Try another network.",
    );
  if (lost > 0)
    return slow(`${lost} of ${answers.length} lost`, "Frames come late or not at all: the network is unsteady.");
  return ok(`${answers.length} of ${answers.length} came back whole`);
}

const tripAdvice = {
  edge: "Keys answer late on this network. Prefer a cable or nearer Wi-Fi, and pause downloads and video calls.",
  host: "Berth is near, but the machine with your container is far from it or busy. Tell your teacher its host.",
  container: "Your container is busy or far away. See in a terminal with “top” what uses it, and stop that.",
} as const;

const lostAdvice = {
  edge: "The socket is open but carries nothing. Try another network.",
  host: "The machine with your container does not answer. It dials again by itself; if it stays so, tell your teacher.",
  container:
    "The host answers and your container does not: it may be out of memory or starting again. Wait a minute; then end the session and start again.",
} as const;

/** `distance` is what explains a long way, if anything does. */
export function judgeTrips(at: "edge" | "host" | "container", trips: Trips, distance: string | null = null): Finding {
  const spread = readSpread(trips);
  if (spread === null) return failed("no answer", lostAdvice[at]);
  const value = describeSpread(spread);
  if (spread.came < spread.sent) return slow(value, "Some answers did not come in time: the way is unsteady.");
  if (distance !== null) return { status: "ok", value, advice: distance };
  return spread.median > SLOW_MS[at] ? slow(value, tripAdvice[at]) : ok(value);
}

/** Why nothing else was looked at: nobody answered, so nothing between can be blamed. */
export function skipBeyondBerth(): Finding {
  return skipped("not reached", berthFirst);
}

/** Why the container was not looked at: the way to it leads over a host that is silent. */
export function skipBeyondHost(): Finding {
  return skipped("not reached", "The runner host has to answer first.");
}

/** Why a part beyond the socket was not looked at. */
export function skipBeyondSocket(isOpen: boolean, session: SessionAnswer): Finding {
  if (session.name === "none") return skipped("needs a lab", startLab);
  if (!isOpen || session.name !== "session") return skipped("not reached", "The parts above have to work first.");
  return skipped("not ready", "The lab has to be ready and reachable first.");
}
