// The moments that a snooze offers, in the local zone, from the backend's now.
export type SnoozeChoice = 'later' | 'tomorrow' | 'monday' | 'week';

const HOUR_MS = 3_600_000;
const MORNING = 9;

/** Each moment once, soonest first. */
export function snoozeChoices(now: number): { choice: SnoozeChoice; at: Date }[] {
  const today = new Date(now);
  const morning = (days: number): Date => new Date(today.getFullYear(), today.getMonth(), today.getDate() + days, MORNING);
  const toMonday = (8 - today.getDay()) % 7 || 7;
  const all: { choice: SnoozeChoice; at: Date }[] = [
    { choice: 'later', at: new Date(now + 3 * HOUR_MS) },
    { choice: 'tomorrow', at: morning(1) },
    { choice: 'monday', at: morning(toMonday) },
    { choice: 'week', at: morning(7) },
  ];
  return all.filter(({ at }, i) => all.findIndex((other) => other.at.getTime() === at.getTime()) === i).sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** A day and a time as people type them, in the local zone; null where they are none. */
export function parseLocal(day: string, time: string): Date | null {
  const [, year, month, date] = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})\s*$/.exec(day)?.map(Number) ?? [];
  const [, hour, minute] = /^\s*(\d{1,2}):(\d{2})\s*$/.exec(time)?.map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined || hour === undefined || minute === undefined) return null;
  if (hour > 23 || minute > 59) return null;
  const at = new Date(year, month - 1, date, hour, minute);
  return at.getMonth() === month - 1 && at.getDate() === date ? at : null;
}

/** A local day as it is typed: 2026-12-24. */
export function typedDay(at: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
