// The fake backend's watches and mutes: terms, products and regular expressions, where they are found, and what
// they would match. It keeps the shapes of the real engine, not its rules.
import { CallError } from '../backend';
import type { Commands, Detail, Fault, Mute, MuteRow, PreviewHit, ProductSuggestion, Scope, Watch, WatchedProduct, WatchKind, WatchMatch, WatchPreview } from '../generated';
import type { FakeBackend } from './backend';
import type { Stored } from './data';

const DAYS = 30;
const DAY_MS = 86_400_000;
/** How many alerts a preview looks at before it answers. */
const MOST = 4_000;

export const EVERYWHERE: Scope = { kinds: [], sources: [], fields: [] };
export const term = (name: string, more: Partial<Watch> = {}): Watch => ({ term: name, kind: 'term', product: null, aliases: [], exceptions: [], scope: EVERYWHERE, enabled: true, ...more });
export const mute = (name: string, more: Partial<Mute> = {}): Mute => ({ term: name, kind: 'term', product: null, aliases: [], exceptions: [], scope: EVERYWHERE, enabled: true, until: null, ...more });

export const WATCHES: Watch[] = [
  term('nginx'),
  term('apache http server', { aliases: ['httpd'], exceptions: ['apache license'] }),
  term('openssl', { kind: 'product', product: { vendor: 'openssl', product: 'openssl', versions: ['2.4.1', '>=3.0 <3.0.7'] } }),
  term('ransomware'),
  term('kubernetes', { aliases: ['k8s'] }),
];
export const MUTES: Mute[] = [
  mute('wordpress', { scope: { kinds: ['vulnerability'], sources: [], fields: [] } }),
  mute('phishing kit', { until: '2026-12-24T00:00:00Z' }),
];

/** What a watch and a mute have in common. */
type Sought = { term: string; kind: WatchKind; product: WatchedProduct | null; aliases: string[]; exceptions: string[]; scope: Scope };

const patterns = new Map<string, RegExp>();

function patternOf(kind: WatchKind, text: string): RegExp {
  const key = `${kind} ${text}`;
  const known = patterns.get(key);
  if (known) return known;
  const source = kind === 'regex' ? text : `(?<![\\p{L}\\p{N}])${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}])`;
  const made = new RegExp(source, 'giu');
  patterns.set(key, made);
  return made;
}

/** What is wrong with a regular expression, if anything. */
export function regexFault(sought: Sought): Fault | null {
  if (sought.kind !== 'regex') return null;
  try {
    patternOf('regex', sought.term);
    return null;
  } catch {
    const open = [...sought.term].findIndex((c) => c === '(' || c === '[');
    const start = open < 0 ? 0 : open;
    return { code: 'regex_invalid', params: { at: String(start), reason: 'unclosed group' }, message: `The regular expression cannot be read at character ${start + 1}: unclosed group.` };
  }
}

export const hasEnded = (one: Mute, now: number): boolean => one.until !== null && Date.parse(one.until) <= now;

const scalars = (text: string): number => [...text].length;

/** Places of a watch or a mute in an alert, as the backend would find them. */
export function findSought(sought: Sought, detail: Pick<Detail, 'text' | 'facts'> & { row: { title: string; kind: string; source: string } }): WatchMatch[] {
  const { kinds, sources, fields } = sought.scope;
  if (kinds.length > 0 && !kinds.includes(detail.row.kind)) return [];
  if (sources.length > 0 && !sources.includes(detail.row.source)) return [];
  const products = detail.facts.products.map((p) => `${p.vendor} ${p.product}`.replaceAll('_', ' ')).join('\n');
  const matches: WatchMatch[] = [];
  const own = sought.kind === 'product' && sought.product ? sought.product.product.replaceAll('_', ' ') : sought.term;
  for (const one of [own, ...sought.aliases]) {
    if (one === '') continue;
    const pattern = patternOf(sought.kind, one);
    for (const [field, text] of [['title', detail.row.title], ['text', detail.text], ['products', products]] as const) {
      if (fields.length > 0 && !fields.includes(field)) continue;
      for (const found of text.matchAll(pattern)) {
        if (found[0] === '' || sought.exceptions.some((exception) => text.toLowerCase().includes(exception.toLowerCase()))) continue;
        const start = scalars(text.slice(0, found.index));
        const version = field === 'products' ? (sought.product?.versions[0] ?? null) : null;
        matches.push({ watch: sought.term, term: one, field, start, end: start + scalars(found[0]), version });
      }
    }
  }
  return matches;
}

type Names = 'product_suggest' | 'watches_list' | 'mutes_list' | 'watch_preview' | 'mute_preview';
type Handlers = { [K in Names]: (request: Commands[K]['request']) => Commands[K]['response'] };

export class FakeWatching {
  constructor(private readonly backend: FakeBackend) {}

  #recent(stored: Stored): boolean {
    return Date.parse(stored.detail.row.published) > this.backend.now - DAYS * DAY_MS;
  }

  #hits(sought: Sought): Stored[] {
    return this.backend.alerts.filter(({ detail }) => findSought(sought, detail).length > 0);
  }

  #counts(sought: Sought): { alerts: number; recent: number } {
    const hits = this.#hits(sought);
    return { alerts: hits.length, recent: hits.filter((stored) => this.#recent(stored)).length };
  }

  #preview(sought: Sought, before: Sought | undefined): WatchPreview {
    checkRegex(sought);
    const recent = this.backend.alerts.filter((stored) => this.#recent(stored));
    const looked = recent.slice(0, MOST);
    const base = { days: DAYS, of: recent.length, is_complete: looked.length === recent.length };
    const hits = looked.filter(({ detail }) => findSought(sought, detail).length > 0);
    const had = before ? looked.filter(({ detail }) => findSought(before, detail).length > 0) : [];
    const has = new Set(hits);
    const examples = hits.slice(0, 10).map(({ detail }): PreviewHit => {
      const { id, uid, title, published, severity } = detail.row;
      return { id, uid, title, published, severity, matches: findSought(sought, detail) };
    });
    return { ...base, count: hits.length, would_lose: had.filter((one) => !has.has(one)).length, examples };
  }

  #products(text: string): ProductSuggestion[] {
    const words = text.toLowerCase().replaceAll('_', ' ').split(/\s+/).filter((word) => word !== '');
    const found = new Map<string, ProductSuggestion>();
    for (const { detail } of this.backend.alerts) {
      for (const { vendor, product } of detail.facts.products) {
        const all = `${vendor} ${product}`.replaceAll('_', ' ').split(' ');
        if (!words.every((word) => all.some((one) => one.startsWith(word)))) continue;
        const one = found.get(`${vendor} ${product}`) ?? { vendor, product, alerts: 0 };
        one.alerts += 1;
        found.set(`${vendor} ${product}`, one);
      }
    }
    return [...found.values()].sort((a, b) => b.alerts - a.alerts).slice(0, 12);
  }

  readonly handlers: Handlers = {
    product_suggest: ({ text }) => this.#products(text),
    watches_list: () => this.backend.settings.watches.map(({ from_environment, ...watch }) => ({ watch, from_environment, ...this.#counts(watch) })),
    mutes_list: () => this.backend.settings.mutes.map((one): MuteRow => ({ mute: one, has_ended: hasEnded(one, this.backend.now), ...this.#counts(one) })),
    watch_preview: ({ watch, instead_of }) => this.#preview(watch, this.backend.settings.watches.find((one) => one.term === instead_of)),
    mute_preview: ({ mute: one, instead_of }) => this.#preview(one, this.backend.settings.mutes.find((other) => other.term === instead_of)),
  };
}

export function checkRegex(sought: Sought): void {
  const fault = regexFault(sought);
  if (fault) throw new CallError(fault);
}
