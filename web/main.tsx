// Starts the page: styles, the cache of what the edge said, the router.

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { config } from "zod";
import { createQueryClient } from "./api/queries.ts";
import { createPageRouter } from "./router.tsx";
import "./styles/tokens.css";
import "./styles/base.css";

// Zod compiles schemas with `new Function` where it may; the content security policy does not allow it, and asking is reported.
config({ jitless: true });

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no #root.");

createRoot(root).render(
  <QueryClientProvider client={createQueryClient()}>
    <RouterProvider router={createPageRouter()} />
  </QueryClientProvider>,
);
