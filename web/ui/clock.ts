// Times and days as the reader's language writes them; `at` is in epoch milliseconds.

const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const fullDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

export function nameTime(at: number): string {
  return timeOfDay.format(at);
}

/** With its year where that is not the one of `now`. */
export function nameDay(at: number, now: number): string {
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? dayOfYear.format(at) : fullDay.format(at);
}
