// The names and indicators of an alert as they are shown: grouped by kind, each once with its places, versions
// with the product that they are said of. Pure.
import type { Entity, EntityKind, Indicator, IndicatorKind, Span, VersionSpan } from '$lib/ipc/generated';
import { phrase } from '$lib/text/phrase';

export interface Named {
  kind: EntityKind;
  /** As it is written where it is first. */
  name: string;
  /** What it is known as, where that is another name. */
  id: string | null;
  spans: Span[];
  /** The versions that are said of a product. */
  ranges: VersionSpan[];
}

export interface Sighted {
  value: string;
  isPrivate: boolean;
  spans: Span[];
}

const KINDS: readonly EntityKind[] = ['actor', 'malware', 'ransomware', 'tool', 'vulnerability', 'product', 'version', 'vendor', 'organisation', 'technique', 'cve', 'cwe', 'ghsa'];
const INDICATOR_KINDS: readonly IndicatorKind[] = [
  'ipv4', 'ipv6', 'cidr', 'domain', 'url', 'email', 'sha256', 'sha512', 'sha1', 'md5', 'ssdeep', 'imphash', 'authentihash', 'file_path', 'registry_key', 'crypto_address', 'asn', 'mac', 'user_agent',
];
/** How far before its version a product may stand, in characters; after it, how far. */
const BEFORE = 120;
const AFTER = 40;

const spanOf = ({ field, start, end }: Span): Span => ({ field, start, end });

/** Names by kind, the most telling kinds first, and within one those that are named most. */
export function groupNames(entities: readonly Entity[]): { kind: EntityKind; names: Named[] }[] {
  const byKey = new Map<string, Named>();
  const named = new Map<Entity, Named>();
  for (const entity of entities) {
    const key = `${entity.kind} ${(entity.id ?? entity.name).toLowerCase()}`;
    let one = byKey.get(key);
    if (!one) {
      one = { kind: entity.kind, name: entity.name, id: null, spans: [], ranges: [] };
      byKey.set(key, one);
    }
    if (entity.id !== null && entity.id.toLowerCase() !== one.name.toLowerCase()) one.id = entity.id;
    one.spans.push(spanOf(entity));
    named.set(entity, one);
  }
  const products = entities.filter(({ kind }) => kind === 'product');
  for (const version of entities.filter(({ kind }) => kind === 'version')) {
    const product = productOf(version, products);
    const [own, its] = [named.get(version), product && named.get(product)];
    if (!own || !its) continue;
    addRange(its, version);
    // Where the product says it, it needs no line of its own.
    own.spans = own.spans.filter((span) => span.start !== version.start || span.field !== version.field);
  }
  const all = [...byKey.values()].filter((one) => one.spans.length > 0);
  return KINDS.map((kind) => ({ kind, names: all.filter((one) => one.kind === kind).sort((a, b) => b.spans.length - a.spans.length) })).filter(({ names }) => names.length > 0);
}

/** A version is said of the product before it, or else of the one right after it ("before 2.4 of nginx"). */
function productOf(version: Entity, products: readonly Entity[]): Entity | undefined {
  const same = products.filter(({ field }) => field === version.field);
  const before = same.filter(({ end }) => end <= version.start && version.start - end <= BEFORE);
  const after = same.filter(({ start }) => start >= version.end && start - version.end <= AFTER);
  return before.reduce<Entity | undefined>((nearest, one) => (!nearest || one.end > nearest.end ? one : nearest), undefined) ?? after[0];
}

function addRange(product: Named, { range, name }: Entity): void {
  const said = range ?? { from: name, from_included: true, to: name, to_included: true };
  if (!product.ranges.some((other) => JSON.stringify(other) === JSON.stringify(said))) product.ranges.push(said);
}

/** Indicators by kind, each value once. */
export function groupIndicators(indicators: readonly Indicator[]): { kind: IndicatorKind; values: Sighted[] }[] {
  const kinds = [...new Set([...INDICATOR_KINDS, ...indicators.map(({ kind }) => kind)])];
  return kinds
    .map((kind) => {
      const byValue = new Map<string, Sighted>();
      for (const indicator of indicators) {
        if (indicator.kind !== kind) continue;
        const one = byValue.get(indicator.value) ?? { value: indicator.value, isPrivate: indicator.is_private, spans: [] };
        one.spans.push(spanOf(indicator));
        byValue.set(indicator.value, one);
      }
      return { kind, values: [...byValue.values()] };
    })
    .filter(({ values }) => values.length > 0);
}

const FIELDS: Partial<Record<EntityKind, string>> = { actor: 'actor', malware: 'malware', ransomware: 'malware', cve: 'cve', cwe: 'cwe' };

/** The query that finds what else names it. Products and vendors are sought as words: texts name them, and fields do. */
export function queryOf({ kind, name, id }: Pick<Named, 'kind' | 'name' | 'id'>): string {
  if (kind === 'product' || kind === 'vendor' || kind === 'version') return phrase(name);
  return `${FIELDS[kind] ?? 'entity'}:${phrase(id ?? name)}`;
}
