// The worker as it is, with one route more: POST /evict throws the signed-in user's object out of memory and closes its sockets, as a deploy does.

import { readSignIn } from "../../../../worker/auth/sign-in-cookie.ts";
import { type Bindings, readSettings, userSessionOf } from "../../../../worker/env.ts";
import worker, { Catalog, RunnerPool, UserSession as ProductionSession } from "../../../../worker/index.ts";

const EVICT_PATH = "/evict";

export { Catalog, RunnerPool };

export class UserSession extends ProductionSession {
  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === EVICT_PATH) this.ctx.abort("evicted by a test");
    return super.fetch(request);
  }
}

async function evict(request: Request, bindings: Bindings): Promise<Response> {
  const signIn = await readSignIn(request, readSettings(bindings).signer, Date.now());
  if (signIn === null) return new Response(null, { status: 401 });
  try {
    await userSessionOf(bindings, signIn.user).fetch(`http://object${EVICT_PATH}`);
  } catch {
    // An object that was thrown out answers nothing.
    return new Response(null, { status: 204 });
  }
  return new Response("It is still in memory.", { status: 500 });
}

export default {
  fetch(request: Request, bindings: Bindings, context: ExecutionContext): Response | Promise<Response> {
    const isEviction = request.method === "POST" && new URL(request.url).pathname === EVICT_PATH;
    return isEviction ? evict(request, bindings) : worker.fetch(request, bindings, context);
  },
};
