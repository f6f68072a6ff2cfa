// The upgrade of a browser: sign-in, Origin and protocol are checked here, the session by the user's object.

import { BROWSER_SUBPROTOCOL } from "#wire/version.ts";
import { fingerprintSignIn, readSignIn } from "../auth/sign-in-cookie.ts";
import { type Bindings, readSettings, userSessionOf } from "../env.ts";
import { isOwnOrigin } from "../origin.ts";
import { forwardUpgrade, offeredSubprotocols, refuseUpgrade, upgradeHeaders } from "./upgrade.ts";

export async function connectBrowser(request: Request, bindings: Bindings, session: string): Promise<Response> {
  if (!isOwnOrigin(request)) return refuseUpgrade(request, "origin_refused");
  if (!offeredSubprotocols(request).includes(BROWSER_SUBPROTOCOL)) return refuseUpgrade(request, "reload_required");
  const signIn = await readSignIn(request, readSettings(bindings).signer, Date.now());
  if (signIn === null) return refuseUpgrade(request, "sign_in_required");
  return forwardUpgrade(request, userSessionOf(bindings, signIn.user), "/browser", {
    [upgradeHeaders.session]: session,
    [upgradeHeaders.signIn]: await fingerprintSignIn(request),
  });
}
