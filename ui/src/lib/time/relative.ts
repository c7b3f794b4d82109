// How long ago, or how long until, as the largest whole unit that a person would say.
export type Unit = 'minute' | 'hour' | 'day' | 'month' | 'year';
export interface Span {
  unit: Unit;
  /** Whole units, not negative. 0 minutes means "just now". */
  count: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function span(ms: number): Span {
  const length = Math.abs(ms);
  if (length < HOUR) return { unit: 'minute', count: Math.floor(length / MINUTE) };
  if (length < DAY) return { unit: 'hour', count: Math.floor(length / HOUR) };
  const days = Math.floor(length / DAY);
  if (days < 60) return { unit: 'day', count: days };
  if (days < 730) return { unit: 'month', count: Math.floor(days / 30.44) };
  return { unit: 'year', count: Math.floor(days / 365.25) };
}

/** Whole days from now until the end of a UTC day; negative once it has passed. */
export function daysLeft(day: string, now: number): number {
  const then = Date.parse(day);
  return Math.floor(then / DAY) - Math.floor(now / DAY);
}
