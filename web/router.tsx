// The addresses of the page and what each shows; the challenge page, with all of the terminal, and the history are loaded on demand.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";
import { CataloguePage } from "./catalogue/catalogue-page.tsx";
import { DoctorDoor } from "./doctor/doctor-door.tsx";
import { SignInPage } from "./sign-in/sign-in-page.tsx";
import { SignedIn } from "./sign-in/signed-in.tsx";
import { Crash } from "./ui/crash.tsx";
import { ScreenReaderNews } from "./ui/news.tsx";
import { NotFoundPage } from "./ui/not-found-page.tsx";

const rootRoute = createRootRoute({
  component: () => (
    <ScreenReaderNews>
      <Outlet />
      <DoctorDoor />
    </ScreenReaderNews>
  ),
  notFoundComponent: NotFoundPage,
  errorComponent: Crash,
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { returnTo?: string } =>
    typeof search["returnTo"] === "string" ? { returnTo: search["returnTo"] } : {},
  component: SignInPage,
});

const signedInRoute = createRoute({ getParentRoute: () => rootRoute, id: "signed-in", component: SignedIn });

const catalogueRoute = createRoute({ getParentRoute: () => signedInRoute, path: "/", component: CataloguePage });

const challengeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/challenges/$slug",
  component: lazyRouteComponent(() => import("./challenge/challenge-page.tsx"), "ChallengePage"),
});

const historyRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/history",
  component: lazyRouteComponent(() => import("./history/history-page.tsx"), "HistoryPage"),
});

const routeTree = rootRoute.addChildren([
  signInRoute,
  signedInRoute.addChildren([catalogueRoute, challengeRoute, historyRoute]),
]);

export function createPageRouter() {
  return createRouter({ routeTree, defaultPreload: "intent", scrollRestoration: true });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPageRouter>;
  }
}
