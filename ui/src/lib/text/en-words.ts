// What the catalogue's parts have in common: quotes and counted words, in English.
import { number, plural, upTo999 } from './format';

export const quote = (text: string): string => `“${text}”`;
export const count = (n: number, one: string, other: string): string => `${number(n)} ${plural(n, { one, other })}`;
/** Messages, which are counted up to a thousand. */
export const messages = (n: number, one = 'message', other = 'messages'): string => `${upTo999(n)} ${plural(n, { one, other })}`;
export const alerts = (n: number): string => count(n, 'alert', 'alerts');
