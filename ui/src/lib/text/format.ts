// Numbers and dates as the reader's locale writes them, within the catalogue's language.
const DEFAULT = 'en-GB';

/** The reader's own flavour of the language, or the default one. */
export function pickLocale(wanted: readonly string[], language = 'en'): string {
  return wanted.find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? DEFAULT;
}

export const locale = pickLocale(typeof navigator === 'undefined' ? [] : (navigator.languages ?? []));

const whole = new Intl.NumberFormat(locale);
const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const rules = new Intl.PluralRules(locale);
const and = new Intl.ListFormat(locale, { type: 'conjunction' });
const local = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
const utc = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const shortDay = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const longDay = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const clockTime = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

const weekdayTime = new Intl.DateTimeFormat(locale, { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const dayTime = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

export const number = (n: number): string => whole.format(n);
/** A number that is counted up to a thousand: nobody walks through a million messages for a label. */
export const upTo999 = (n: number): string => (n > 999 ? '999+' : number(n));
export const percent = (part: number): string => percents.format(part);
/** A probability: it is never said to be nothing, or all, when it is not quite. */
export const likely = (part: number): string => (part > 0 && part < 0.005 ? `<${percent(0.01)}` : percent(part));
export const score = (n: number): string => oneDigit.format(n);
/** A file's size: "431.9 MB". */
export function bytes(n: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const at = n < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
  return new Intl.NumberFormat(locale, { style: 'unit', unit: units[at] ?? 'byte', unitDisplay: 'short', maximumFractionDigits: at < 2 ? 0 : 1 }).format(n / 1000 ** at);
}

export const list = (words: readonly string[]): string => and.format(words);

/** The form that a number asks for; the forms hold the number themselves where they show it. */
export function plural(n: number, forms: { one: string; other: string }): string {
  return rules.select(n) === 'one' ? forms.one : forms.other;
}

/** A calendar day that a source states in UTC: "11 Dec 2026". */
export const utcDay = (iso: string): string => formatted(day, iso);

/** The day of a moment, where the reader is: "24 Dec 2026". */
export const localDay = (iso: string): string => formatted(longDay, iso);

/** A moment for a tooltip: local time and UTC. */
export const exactTime = (iso: string): string => `${formatted(local, iso)} · ${formatted(utc, iso)} UTC`;

/** A moment in a history: the time today, the day this year, else the whole date. */
export function historyTime(iso: string, now: number): string {
  const then = new Date(iso);
  const today = new Date(now);
  if (then.toDateString() === today.toDateString()) return formatted(clockTime, iso);
  return formatted(then.getFullYear() === today.getFullYear() ? shortDay : longDay, iso);
}

/** A moment that is to come: the time today, the weekday within a week, else the day. */
export function untilTime(iso: string, now: number): string {
  const at = Date.parse(iso);
  if (new Date(at).toDateString() === new Date(now).toDateString()) return formatted(clockTime, iso);
  return formatted(at > now && at - now < 6 * 86_400_000 ? weekdayTime : dayTime, iso);
}

function formatted(how: Intl.DateTimeFormat, iso: string): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? iso : how.format(at);
}
