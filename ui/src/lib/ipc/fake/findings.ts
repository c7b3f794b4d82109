// What the fake backend's analysis finds in its fictional texts: names, indicators, techniques, a category, and
// whether an alert matters. The same for the same text; no real actor, malware or address is described.
import type { Category, Detail, Entity, EntityKind, Explained, Explanation, Field, Indicator, IndicatorKind, Mute, Relevance, Span, VersionSpan, Watch, WeightedTerm } from '../generated';
import { findSought, hasEnded } from './watching';

/** The fake backend's now, as in data.ts, which imports this. */
const NOW = Date.parse('2026-11-22T09:41:00Z');

const NAMES: [string, EntityKind, string][] = [
  ['Apache HTTP Server', 'product', 'apache/http_server'], ['OpenSSL', 'product', 'openssl/openssl'], ['Kubernetes', 'product', 'kubernetes/kubernetes'], ['nginx', 'product', 'nginx/nginx'],
  ['Brightgate VPN Gateway', 'product', 'brightgate/vpn_gateway'], ['Northwind Mail Relay', 'product', 'northwind/mail_relay'], ['Grafana', 'product', 'grafana/grafana'],
  ['Velvet Otter', 'actor', 'Velvet Otter'], ['UNC-0000', 'actor', 'Velvet Otter'], ['PaperLantern', 'malware', 'PaperLantern'], ['GreyTide', 'ransomware', 'GreyTide'],
  ['Gratewire', 'tool', 'Gratewire'], ['Landesamt für Informationssicherheitsbeauftragtenangelegenheiten', 'organisation', 'Landesamt für Informationssicherheitsbeauftragtenangelegenheiten'],
  ['T1566.001', 'technique', 'T1566.001'], ['CVE-2026-29990', 'cve', 'CVE-2026-29990'], ['CWE-79', 'cwe', 'CWE-79'],
];
const BY_NAME = new Map(NAMES.map(([name, kind, id]) => [name.toLowerCase(), { kind, id }]));
const ANY_NAME = new RegExp(NAMES.map(([name]) => name.replaceAll('.', '\\.')).join('|'), 'gi');
const RANGE = /(?:versions? )?(\d+\.\d+(?:\.\d+)?) (?:to|through) (\d+\.\d+(?:\.\d+)?)|before (\d+\.\d+(?:\.\d+)?)/g;
const MOST_LOOKED_AT = /\b(?:without an account|crafted|forged|injection|authentication bypass|hard-coded|deeply nested|campaign|rotate keys|unpatched|plants|restrict access|attacker|Administrators|update|people who looked)\b/gi;

const INDICATORS: [IndicatorKind, RegExp][] = [
  ['url', /hxxps?:\/\/[^\s,;]+/g], ['email', /[\w.]+\[@\][\w.[\]-]+\w/g], ['cidr', /\d+(?:\.|\[\.\])\d+(?:\.|\[\.\])\d+(?:\.|\[\.\])\d+\/\d+/g],
  ['ipv4', /(?<![\d./])\d+(?:\.|\[\.\])\d+(?:\.|\[\.\])\d+(?:\.|\[\.\])\d+(?![\d/])/g], ['sha256', /\b[0-9a-f]{64}\b/g], ['md5', /\b[0-9a-f]{32}\b/g],
  ['registry_key', /HKLM\\[\w\\]+/g], ['file_path', /C:\\[\w\\.]+/g], ['domain', /(?<![\w.@\]/-])(?:[\w-]+\[\.\])+\w+/g],
];

export const scalars = (text: string): number => [...text].length;
const refanged = (text: string): string => text.replaceAll('[.]', '.').replaceAll('[@]', '@').replace(/^hxxp/, 'http');

const texts = (detail: Pick<Detail, 'text'> & { row: { title: string } }): [Field, string][] => [['title', detail.row.title], ['text', detail.text]];
const spanIn = (field: Field, text: string, found: RegExpExecArray): Span => {
  const start = scalars(text.slice(0, found.index));
  return { field, start, end: start + scalars(found[0]) };
};

export function entitiesOf(detail: Detail): Entity[] {
  const found: Entity[] = [];
  for (const [field, text] of texts(detail)) {
    for (const hit of text.matchAll(ANY_NAME)) {
      const known = BY_NAME.get(hit[0].toLowerCase());
      if (known) found.push({ ...spanIn(field, text, hit), kind: known.kind, name: hit[0], id: known.id, by: 'gazetteer', range: null });
    }
    for (const hit of text.matchAll(RANGE)) {
      const range: VersionSpan = hit[3] ? { from: null, from_included: false, to: hit[3], to_included: false } : { from: hit[1] ?? null, from_included: true, to: hit[2] ?? null, to_included: true };
      found.push({ ...spanIn(field, text, hit), kind: 'version', name: hit[0], id: null, by: 'pattern', range });
    }
  }
  return found;
}

export function indicatorsOf(detail: Detail): Indicator[] {
  const found: Indicator[] = [];
  for (const [field, text] of texts(detail)) {
    const taken: [number, number][] = [];
    for (const [kind, pattern] of INDICATORS) {
      for (const hit of text.matchAll(pattern)) {
        const end = hit.index + hit[0].length;
        if (taken.some(([from, to]) => hit.index < to && end > from)) continue;
        taken.push([hit.index, end]);
        found.push({ ...spanIn(field, text, hit), kind, value: refanged(hit[0]), is_defanged: refanged(hit[0]) !== hit[0], is_private: /^(?:10\.|192\.168\.)/.test(refanged(hit[0])) });
      }
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

const BY_CWE: Record<string, string> = { 'CWE-22': 'path_traversal_file', 'CWE-787': 'memory_corruption', 'CWE-79': 'xss' };

export function categoryOf(detail: Detail, n: number): Category | null {
  const [cwe] = detail.facts.cwes;
  const name = cwe === undefined ? undefined : BY_CWE[cwe];
  if (cwe !== undefined && name !== undefined && n % 3 !== 0) return { name, probability: null, by: { kind: 'cwe', cwe } };
  if (detail.row.kind === 'guidance' || n % 5 === 4) return null;
  const names = ['code_command_injection', 'denial_of_service', 'information_disclosure', 'authentication'];
  return { name: names[n % names.length] ?? 'xss', probability: 0.55 + (n % 40) / 100, by: { kind: 'model' } };
}

/** How sure a model is that an article matters; none for what it does not judge. */
export const scoreOf = (detail: Detail): number | null => (detail.row.kind === 'article' ? Math.round(((detail.row.id * 7919) % 97) + 2) / 100 : null);

/** Whether an alert matters, and why: a mute wins, then a watch, then the models for articles. */
export function judge(detail: Detail, watches: readonly Watch[], mutes: readonly Mute[], how: { threshold: number; isTaught: boolean }): Relevance {
  const matches = watches.filter(({ enabled }) => enabled).flatMap((watch) => findSought(watch, detail));
  const muted_by = mutes.filter((mute) => mute.enabled && !hasEnded(mute, NOW)).flatMap((mute) => findSought(mute, detail));
  const score = detail.finding.abstained === null ? scoreOf(detail) : null;
  const base = { matches, muted_by, score };
  if (muted_by.length > 0) return { ...base, is_relevant: false, reason: 'mute' };
  if (matches.length > 0) return { ...base, is_relevant: true, reason: 'watch' };
  if (detail.row.kind !== 'article') return { ...base, is_relevant: false, reason: 'no_watch' };
  if (score === null) return { ...base, is_relevant: false, reason: 'abstained' };
  return { ...base, is_relevant: watches.length > 0 && score >= how.threshold, reason: how.isTaught ? 'user_model' : 'base_model' };
}

/** Terms with weights, from what stands in the text. */
function terms(detail: Detail, turn: number): WeightedTerm[] {
  const by = new Map<string, Span[]>();
  for (const [field, text] of texts(detail)) {
    for (const hit of text.matchAll(MOST_LOOKED_AT)) {
      const key = hit[0].toLowerCase();
      by.set(key, [...(by.get(key) ?? []), spanIn(field, text, hit)]);
    }
  }
  return [...by].map(([term, spans], i): WeightedTerm => ({ term, weight: (i + turn) % 4 === 3 ? -0.31 - i / 20 : 1.4 / (i + 1), spans })).sort((a, b) => b.weight - a.weight);
}

export function explain(detail: Detail): Explanation {
  const { finding } = detail;
  const explained = (label: string, probability: number, by: Explained['by'], turn: number): Explained => ({ label, probability, by, terms: terms(detail, turn) });
  const { relevance, category, severity_basis: basis } = finding;
  return {
    relevance: relevance.score === null ? null : explained(relevance.score >= 0.5 ? 'relevant' : 'not_relevant', Math.max(relevance.score, 1 - relevance.score), relevance.reason === 'user_model' ? 'user_model' : 'base_model', 0),
    category: category?.by.kind === 'model' ? explained(category.name, category.probability ?? 0, 'base_model', 1) : null,
    severity: basis.kind === 'estimated' ? explained(finding.severity ?? 'medium', basis.probability, 'base_model', 2) : null,
    techniques: finding.techniques.map(({ id, probability }) => explained(id, probability, 'base_model', 3)),
  };
}
