const MONTHS = 13;
const NAME = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** The days from one to another, both of them in it, in UTC: days are counted there. */
export interface Span {
  from: string;
  to: string;
}

const date = (time: number) => new Date(time).toISOString().slice(0, 10);

/** The month of a time, as the API writes it: `2026-01`. */
export function monthOf(now: Date): string {
  return now.toISOString().slice(0, 7);
}

/** Months that a reader looks back on, the present one first. */
export function recentMonths(now: Date): string[] {
  return Array.from({ length: MONTHS }, (_, back) => monthOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1))));
}

/** The present month up to today. */
export function monthToDate(now: Date): Span {
  return { from: `${monthOf(now)}-01`, to: date(now.getTime()) };
}

/** All days of a month. */
export function spanOf(month: string): Span {
  const first = new Date(month);
  return { from: `${month}-01`, to: date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)) };
}

/** What people call a month; what is none stays as it is. */
export function monthName(month: string): string {
  const first = new Date(month);
  return Number.isNaN(first.getTime()) ? month : NAME.format(first);
}
