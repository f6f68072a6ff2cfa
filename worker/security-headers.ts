// The security headers of every answer that is not an upgrade, the same for page, API and problems.

const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  // The terminal's emulator writes its colours and sizes into style elements.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export function securityHeaders(url: URL): Record<string, string> {
  return {
    "Content-Security-Policy": contentSecurityPolicy,
    "X-Content-Type-Options": "nosniff",
    // A policy that hides the origin from Berth itself would make browsers send `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy":
      "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-read=(self), clipboard-write=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    ...(url.protocol === "https:" ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
  };
}
