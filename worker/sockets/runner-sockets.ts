// The upgrades of runner hosts: credential and ticket are verified here before any session's object is touched.

import { readHostCredential } from "../auth/host-credential.ts";
import { type Bindings, readSettings, runnerPoolOf, userSessionOf } from "../env.ts";
import { forwardUpgrade, refuseUpgrade, upgradeHeaders } from "./upgrade.ts";

const TICKET_HEADER = "Berth-Ticket";

export async function connectControl(request: Request, bindings: Bindings): Promise<Response> {
  const credential = await readHostCredential(request, bindings, readSettings(bindings).signer);
  if (credential === null) return refuseUpgrade(request, "credential_refused");
  return forwardUpgrade(request, runnerPoolOf(bindings, credential.pool), "/control", {
    [upgradeHeaders.host]: credential.host,
  });
}

export async function connectData(request: Request, bindings: Bindings): Promise<Response> {
  const { signer } = readSettings(bindings);
  const credential = await readHostCredential(request, bindings, signer);
  if (credential === null) return refuseUpgrade(request, "credential_refused");
  const ticket = await signer.verify("data-ticket", request.headers.get(TICKET_HEADER) ?? "");
  if (ticket === null || ticket.host !== credential.host) return refuseUpgrade(request, "ticket_refused");
  return forwardUpgrade(request, userSessionOf(bindings, ticket.user), "/data", {
    [upgradeHeaders.session]: ticket.session,
    [upgradeHeaders.epoch]: String(ticket.epoch),
    [upgradeHeaders.host]: ticket.host,
  });
}
