// Where to go after signing in: a path of this site and nothing else.

export function readReturnAddress(returnTo: string | undefined): string {
  const base = "https://berth.invalid";
  if (returnTo === undefined || !returnTo.startsWith("/") || !URL.canParse(returnTo, base)) return "/";
  const { origin, pathname, search } = new URL(returnTo, base);
  return origin === base && pathname !== "/sign-in" ? pathname + search : "/";
}
