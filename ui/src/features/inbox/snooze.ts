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
