// Who is signed in, and how that ends; how it begins is in ../auth.

import { signInClaimsSchema } from "#wire/tokens.ts";
import { clearSignInCookie, fingerprintSignIn, readSignIn } from "../auth/sign-in-cookie.ts";
import { type Bindings, type Settings, userSessionOf } from "../env.ts";
import { logFault } from "../log.ts";
import { defineRoute } from "./route.ts";

/** Other tabs of this browser leave too; what goes wrong here must not keep anybody signed in. */
async function closeSockets(request: Request, bindings: Bindings, { signer }: Settings): Promise<void> {
  const signIn = await readSignIn(request, signer, Date.now());
  if (signIn === null) return;
  try {
    await userSessionOf(bindings, signIn.user).signedOut(await fingerprintSignIn(request));
  } catch (error) {
    logFault("sign-out", error, { user: signIn.user });
  }
}

export const signInRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/me",
    operation: "readMe",
    summary: "Who is signed in",
    access: "learner",
    answers: { 200: { description: "The signed-in person", schema: signInClaimsSchema } },
    answer: async ({ caller }) => ({ status: 200, body: caller }),
  }),
  defineRoute({
    method: "POST",
    path: "/auth/sign-out",
    operation: "signOut",
    summary: "Ends the sign-in of this browser, and the sockets that it opened",
    access: "anyone",
    answers: { 204: { description: "Signed out" } },
    async answer({ request, url, bindings, settings }) {
      await closeSockets(request, bindings, settings);
      return { status: 204, headers: { "Set-Cookie": clearSignInCookie(url) } };
    },
  }),
];
