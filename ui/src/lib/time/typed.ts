// Days and times as people type them, in the local zone.

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
