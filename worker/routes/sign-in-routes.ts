// Who is signed in, and how that ends; how it begins is in ../auth.

import { signInClaimsSchema } from "#wire/tokens.ts";
import { clearSignInCookie } from "../auth/sign-in-cookie.ts";
import { defineRoute } from "./route.ts";

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
    summary: "Ends the sign-in of this browser",
    access: "anyone",
    answers: { 204: { description: "Signed out" } },
    answer: async ({ url }) => ({ status: 204, headers: { "Set-Cookie": clearSignInCookie(url) } }),
  }),
];
