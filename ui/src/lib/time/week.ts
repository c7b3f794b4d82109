// Times of day, days of the week and time zones, as settings have them.
import type { Weekday } from '$lib/ipc/generated';

export const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** The zones that this engine knows; none where it does not say. */
export const ZONES: readonly string[] = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A time of day as settings write it: `8:00` is `08:00`; null where it is none. */
export function parseTime(text: string): string | null {
  const [, hour, minute] = /^\s*(\d{1,2})[:.](\d{2})\s*$/.exec(text) ?? [];
  if (hour === undefined || minute === undefined || Number(hour) > 23 || Number(minute) > 59) return null;
  return `${hour.padStart(2, '0')}:${minute}`;
}

/** Several of them in order, each once; null where one is wrong or there is none. */
export function parseTimes(text: string): string[] | null {
  const times = text.split(/[,;\s]+/).filter((part) => part !== '').map(parseTime);
  return times.length === 0 || times.includes(null) ? null : [...new Set(times as string[])].sort();
}
