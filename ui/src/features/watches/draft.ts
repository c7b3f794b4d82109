// A watch or a mute while it is written: every field as it is typed, and the way from and to what is stored.
// Pure: the moment is passed in.
import type { Field, Kind, Mute, Scope, Watch, WatchedProduct, WatchKind } from '$lib/ipc/generated';
import { t } from '$lib/text';
import { parseLocal, typedDay } from '$lib/time/typed';
import { joinList, splitList } from '$lib/ui/lists';

export type Part = 'watches' | 'mutes';
export type End = 'never' | 'week' | 'month' | 'quarter' | 'day';
export const ENDS: readonly End[] = ['never', 'week', 'month', 'quarter', 'day'];
export const KINDS: readonly WatchKind[] = ['term', 'product', 'regex'];
export const SCOPE_KINDS: readonly Kind[] = ['vulnerability', 'article', 'guidance'];
export const SCOPE_FIELDS: readonly Field[] = ['title', 'text', 'products'];

export interface Draft {
  kind: WatchKind;
  /** The term, the expression, or what a product is called in texts. */
  term: string;
  vendor: string;
  product: string;
  versions: string;
  aliases: string;
  exceptions: string;
  kinds: readonly string[];
  fields: readonly Field[];
  sources: readonly string[];
  end: End;
  /** The last day of a mute, as it is typed. */
  day: string;
}

/** What watches and mutes share. */
export type Sought = Pick<Watch, 'term' | 'kind' | 'product' | 'aliases' | 'exceptions' | 'scope'>;

const DAY_MS = 86_400_000;
const DAYS: Record<Exclude<End, 'never' | 'day'>, number> = { week: 7, month: 30, quarter: 90 };

export const emptyDraft = (): Draft => ({
  kind: 'term', term: '', vendor: '', product: '', versions: '', aliases: '', exceptions: '', kinds: [], fields: [], sources: [], end: 'never', day: '',
});

/** How a product is called in texts where nobody says otherwise: `http_server` is "http server". */
export const calledAs = (product: string): string => product.replaceAll('_', ' ').trim();

export function draftOf(one: Sought & { until?: string | null }): Draft {
  return {
    kind: one.kind,
    term: one.term,
    vendor: one.product?.vendor ?? '',
    product: one.product?.product ?? '',
    versions: joinList(one.product?.versions ?? []),
    aliases: joinList(one.aliases),
    exceptions: joinList(one.exceptions),
    kinds: one.scope.kinds,
    fields: one.scope.fields,
    sources: one.scope.sources,
    end: one.until ? 'day' : 'never',
    day: one.until ? typedDay(new Date(one.until)) : '',
  };
}

function sought(draft: Draft): Sought {
  const isProduct = draft.kind === 'product';
  const product: WatchedProduct | null = isProduct
    ? { vendor: draft.vendor.trim() === '' ? null : draft.vendor.trim(), product: draft.product.trim(), versions: splitList(draft.versions) }
    : null;
  const scope: Scope = { kinds: [...draft.kinds], sources: [...draft.sources], fields: [...draft.fields] };
  const term = isProduct && draft.term.trim() === '' ? calledAs(draft.product) : draft.term.trim();
  return { term, kind: draft.kind, product, aliases: draft.kind === 'regex' ? [] : splitList(draft.aliases), exceptions: splitList(draft.exceptions), scope };
}

export const toWatch = (draft: Draft, enabled = true): Watch => ({ ...sought(draft), enabled });

/** The end of a mute: the end of its last day; null for none, undefined where the day cannot be read or is over. */
export function endOf(draft: Draft, now: number): string | null | undefined {
  if (draft.end === 'never') return null;
  if (draft.end !== 'day') return new Date(now + DAYS[draft.end] * DAY_MS).toISOString();
  const at = parseLocal(draft.day, '23:59');
  return at === null || at.getTime() <= now ? undefined : at.toISOString();
}

export const toMute = (draft: Draft, now: number, enabled = true): Mute => ({ ...toWatch(draft, enabled), until: endOf(draft, now) ?? null });

export const isMute = (one: Watch | Mute): one is Mute => 'until' in one;

/** Whether there is enough to look for. */
export function canLook(draft: Draft): boolean {
  if (draft.kind === 'regex') return draft.term.trim() !== '';
  return /[\p{L}\p{N}]/u.test(draft.kind === 'product' ? draft.product : draft.term);
}

/** What is wrong with a draft before it is sent; null for nothing. */
export function problemOf(draft: Draft, part: Part, taken: readonly string[], now: number): string | null {
  const words = t.watches;
  if (!canLook(draft)) return draft.kind === 'product' ? words.needsProduct : words.needsLetter;
  const { term } = sought(draft);
  const same = taken.find((one) => one.toLowerCase() === term.toLowerCase());
  if (same !== undefined) return part === 'watches' ? words.duplicate(same) : words.duplicateMute(same);
  if (part === 'mutes' && endOf(draft, now) === undefined) return words.endProblem;
  return null;
}

/** What is said of a watch or a mute beside its term. */
export function details(one: Sought, sourceName: (id: string) => string): string[] {
  const words = t.watches;
  const { kinds, fields, sources } = one.scope;
  return [
    one.product ? [one.product.vendor, one.product.product].filter((part) => part !== null).join(' : ') : '',
    one.product && one.product.versions.length > 0 ? words.versionsAs(one.product.versions) : '',
    one.aliases.length > 0 ? words.alsoAs(one.aliases) : '',
    one.exceptions.length > 0 ? words.exceptAs(one.exceptions) : '',
    kinds.length + fields.length + sources.length > 0 ? words.onlyIn(kinds as Kind[], fields, sources.map(sourceName)) : '',
  ].filter((part) => part !== '');
}

/** Whether a text that is looked for stands in it. */
export const fits = (one: Sought, text: string): boolean =>
  text === '' || [one.term, ...one.aliases, one.product?.vendor ?? '', one.product?.product ?? ''].some((part) => part.toLowerCase().includes(text.toLowerCase()));
