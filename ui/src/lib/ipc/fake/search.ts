// The fake backend's search: words, a few fields, and faults for what cannot be read. It keeps the shapes of
// the real language, not its rules.
import type { Completion, CompletionItem, Fault, Finding, Piece, Row, Sort, TagCount } from '../generated';
import type { Stored } from './data';

const FIELDS: [string, string][] = [
  ['severity', 'high, medium, low or none'], ['kind', 'vulnerability, article or guidance'], ['source', 'who brought it'], ['state', 'new, reviewing … or open, closed'],
  ['product', 'an affected product'], ['vendor', 'whose product'], ['cve', 'this CVE, or what names it'], ['cwe', 'a weakness'], ['category', 'the kind of threat'],
  ['tag', 'your tags'], ['watch', 'a watch that matched'], ['cvss', '0 to 10'], ['epss', '0 to 1, or a per cent'], ['kev', 'yes or no'], ['exploited', 'yes or no'],
  ['unscored', 'yes or no'], ['unread', 'yes or no'], ['relevant', 'yes or no'], ['estimated', 'yes or no'], ['ransomware', 'yes or no'], ['published', 'a day, or <7d'], ['updated', 'a day, or <7d'], ['title', 'words in the title'], ['text', 'words in the text'], ['added', 'a day, or <7d'],
  ['id', 'its own id'], ['owasp', 'an OWASP category'], ['entity', 'anything named'], ['actor', 'a threat actor'], ['malware', 'a malware family'], ['relevance', '0 to 1'], ['muted', 'yes or no'], ['mute', 'a mute that silences it'],
];
const VALUES: Record<string, string[]> = {
  severity: ['high', 'medium', 'low', 'none'], kind: ['vulnerability', 'article', 'guidance'], state: ['open', 'closed', 'new', 'reviewing', 'action_needed', 'done', 'not_applicable', 'accepted_risk', 'snoozed'],
  source: ['nvd', 'thehackernews', 'owasp'], kev: ['yes', 'no'], exploited: ['yes', 'no'], unscored: ['yes', 'no'], unread: ['yes', 'no'],
  product: ['nginx', 'openssl', 'kubernetes', 'http_server', 'linux_kernel'], vendor: ['apache', 'mozilla', 'redis', 'gitlab'], published: ['<24h', '<7d', 'today', 'yesterday'],
};

/** What is wrong with a query, if anything. */
export function queryFault(query: string): Fault | null {
  const characters = [...query];
  const at = (start: number, end: number, reason: string, message: string): Fault => ({
    code: 'query_invalid', params: { start: String(start), end: String(end), reason, expected: '' }, message,
  });
  const open: number[] = [];
  for (const [i, c] of characters.entries()) {
    if (c === '(') open.push(i);
    if (c === ')' && open.pop() === undefined) return at(i, i + 1, 'unopened', 'This parenthesis closes nothing.');
  }
  const first = open[0];
  if (first !== undefined) return at(first, first + 1, 'unclosed', 'This parenthesis is not closed.');
  for (const found of query.matchAll(/(?:^|\s)-?([a-z_]+)(?=[:<>=])/gi)) {
    const name = (found[1] ?? '').toLowerCase();
    if (FIELDS.some(([field]) => field === name)) continue;
    const start = [...query.slice(0, found.index + found[0].length)].length - [...name].length;
    return at(start, start + name.length, 'field_unknown', `There is no field “${name}”.`);
  }
  return null;
}

interface Term { field: string | null; op: string; value: string; not: boolean }

const termsOf = (query: string): Term[] =>
  [...query.matchAll(/(-)?(?:([a-z_]+)([:<>=]+))?("[^"]*"|[^\s()]+)/gi)]
    .map((found) => ({ not: found[1] === '-', field: found[2]?.toLowerCase() ?? null, op: found[3] ?? '', value: (found[4] ?? '').replaceAll('"', '').toLowerCase() }))
    .filter((term) => term.field !== null || !['and', 'or', 'not'].includes(term.value));

export const wordsOf = (query: string): string[] => termsOf(query).filter((term) => term.field === null && !term.not).map((term) => term.value.replace(/\*$/, ''));

export function finds(query: string): (stored: Stored) => boolean {
  const either = query.split(/\bOR\b/).map(termsOf);
  return ({ detail }) => either.some((terms) => terms.every((term) => holds(term, detail.row, `${detail.row.uid} ${detail.row.title} ${detail.text}`.toLowerCase(), detail.facts.products.map((p) => `${p.vendor} ${p.product}`).join(' '), detail.finding) !== term.not));
}

function holds({ field, op, value }: Term, row: Row, text: string, products: string, finding: Finding): boolean {
  const yes = !['no', 'false'].includes(value);
  const closed = ['done', 'not_applicable', 'accepted_risk'].includes(row.state);
  switch (field) {
    case null: return text.includes(value.replace(/\*$/, ''));
    case 'severity': return value.split(',').includes(row.severity ?? 'none');
    case 'kind': return row.kind === value;
    case 'source': return row.source === value;
    case 'state': return value === 'open' ? !closed : value === 'closed' ? closed : row.state === value;
    case 'tag': return row.tags.some((tag) => tag.toLowerCase() === value);
    case 'product': case 'vendor': return products.includes(value.replaceAll(' ', '_'));
    case 'kev': case 'exploited': return row.exploited === yes;
    case 'unscored': return (row.score === null) === yes;
    case 'unread': return row.unread === yes;
    case 'relevant': return row.is_relevant === yes;
    case 'estimated': return row.estimated === yes;
    case 'muted': return (finding.relevance.reason === 'mute') === yes;
    case 'mute': return finding.relevance.muted_by.some((match) => match.watch.toLowerCase() === value);
    case 'category': return row.category === value;
    case 'entity': return finding.entities.some(({ name, id }) => name.toLowerCase() === value || id?.toLowerCase() === value);
    case 'actor': case 'malware': return finding.entities.some(({ kind, name, id }) => (kind === field || (field === 'malware' && kind === 'ransomware')) && (name.toLowerCase() === value || id?.toLowerCase() === value));
    case 'watch': return value === '*' ? row.matched.length > 0 : row.matched.includes(value);
    case 'epss': {
      const part = value.endsWith('%') ? Number.parseFloat(value) / 100 : Number.parseFloat(value);
      return row.epss !== null && (op.startsWith('<') ? row.epss < part : row.epss >= part);
    }
    case 'cvss': return row.score !== null && (op.startsWith('<') ? row.score.score < Number(value) : row.score.score >= Number(value));
    default: return true;
  }
}

const LEVELS = { low: 1, medium: 2, high: 3 };

export function sorted(rows: Stored[], sort: Sort): Stored[] {
  const by: Record<Sort, ((row: Row) => number) | null> = {
    newest: null, severity: (row) => (row.severity ? LEVELS[row.severity] : 0), score: (row) => row.score?.score ?? -1, epss: (row) => row.epss ?? -1,
    relevance: (row) => row.matched.length, text_match: null,
  };
  const key = by[sort];
  return key ? [...rows].sort((a, b) => key(b.detail.row) - key(a.detail.row) || b.detail.row.id - a.detail.row.id) : rows;
}

/** A row as a list with these words shows it. */
export function shown({ detail }: Stored, words: readonly string[]): Row {
  if (words.length === 0) return detail.row;
  const title = detail.row.title.toLowerCase();
  const marks = words.flatMap((word): [number, number][] => {
    const at = title.indexOf(word);
    if (at < 0) return [];
    const start = [...detail.row.title.slice(0, at)].length;
    return [[start, start + [...word].length]];
  });
  return { ...detail.row, title_marks: marks.sort((a, b) => a[0] - b[0]), snippet: snippetOf(detail.text, words) };
}

function snippetOf(text: string, words: readonly string[]): Piece[] | null {
  const low = text.toLowerCase();
  const [hit] = words.map((word) => ({ word, at: low.indexOf(word) })).filter(({ at }) => at >= 0);
  if (!hit) return null;
  const from = Math.max(0, text.lastIndexOf(' ', Math.max(0, hit.at - 24)));
  return [
    { text: `${from > 0 ? '…' : ''}${text.slice(from, hit.at).replaceAll('\n', ' ')}`, hit: false },
    { text: text.slice(hit.at, hit.at + hit.word.length), hit: true },
    { text: `${text.slice(hit.at + hit.word.length, hit.at + 110).replaceAll('\n', ' ')}…`, hit: false },
  ];
}

export function complete(text: string, cursor: number, tags: readonly TagCount[], countOf: (query: string) => number): Completion {
  const characters = [...text];
  let start = cursor;
  while (start > 0 && !/[\s()]/.test(characters[start - 1] ?? '')) start -= 1;
  const word = characters.slice(start, cursor).join('').toLowerCase().replace(/^-/, '');
  if (start < cursor && characters[start] === '-') start += 1;
  const end = cursor;
  const value = /^([a-z_]+)([:<>=]+)(.*)$/.exec(word);
  if (value) {
    const [, field = '', op = '', begun = ''] = value;
    const all = field === 'tag' ? tags.map(({ tag }) => tag) : (VALUES[field] ?? []);
    const from = start + field.length + op.length;
    const items = all.filter((one) => one.startsWith(begun) && one !== begun).map((one): CompletionItem => ({ insert: `${one} `, label: one, kind: 'value', count: countOf(`${field}${op}${one}`), about: null }));
    return { start: from, end, items };
  }
  const items: CompletionItem[] = FIELDS.filter(([name]) => name.startsWith(word) && (word !== '' || text === '')).map(([name, about]) => ({ insert: `${name}:`, label: `${name}:`, kind: 'field', count: null, about }));
  if (text !== '' && word !== '') items.push(...['AND', 'OR', 'NOT'].filter((one) => one.toLowerCase().startsWith(word) && start > 0).map((one): CompletionItem => ({ insert: `${one} `, label: one, kind: 'operator', count: null, about: null })));
  return { start, end, items: items.slice(0, 12) };
}
