// Serves the page's files from Cloudflare's assets or a plain disk service alike: types, caching and the page fallback are decided here.

import { AppError } from "#wire/errors.ts";

const contentTypes: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  ico: "image/x-icon",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  map: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  wasm: "application/wasm",
  webmanifest: "application/manifest+json",
  woff: "font/woff",
  woff2: "font/woff2",
};

/** Names below /assets/ carry a hash of their content. */
const IMMUTABLE = "public, max-age=31536000, immutable";
const REVALIDATE = "no-cache";

/** A path whose last part has no extension is a page, and every page is index.html. */
export async function serveAsset(request: Request, assets: Pick<Fetcher, "fetch">): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    throw new AppError("method_not_allowed", "Files can only be read.", { allow: ["GET", "HEAD"] });
  }
  const { pathname } = new URL(request.url);
  const path = /\.[^/]*$/.test(pathname) ? pathname : "/index.html";
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  const contentType = contentTypes[extension];
  if (contentType === undefined) throw new AppError("not_found", "There is no such file.");
  const found = await assets.fetch(
    new Request(`https://assets${path}`, { method: request.method, headers: conditionsOf(request) }),
  );
  if (found.status !== 200 && found.status !== 304) throw new AppError("not_found", "There is no such file.");
  const headers = new Headers({
    "Content-Type": contentType,
    "Cache-Control": path.startsWith("/assets/") ? IMMUTABLE : REVALIDATE,
  });
  for (const name of ["ETag", "Last-Modified", "Content-Length"]) {
    const value = found.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(found.body, { status: found.status, headers });
}

function conditionsOf(request: Request): Headers {
  const headers = new Headers();
  for (const name of ["If-None-Match", "If-Modified-Since"]) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}
