// The sources in the order of their screen: catalogues first, then feeds under their headings.
import type { SourceRow } from '$lib/ipc/generated';
import { t } from '$lib/text';

export interface Group {
  /** Its heading, also its key. */
  name: string;
  rows: SourceRow[];
}

const KINDS: readonly SourceRow['kind'][] = ['nvd', 'kev', 'epss', 'owasp'];
/** The catalogue's own headings, in its order. */
const KNOWN = ['News', 'Advisories', 'Research', 'Vendors', 'Distributions', 'Mailing lists'];

export function catalogues(rows: readonly SourceRow[]): SourceRow[] {
  return rows.filter(({ kind }) => kind !== 'feed').sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.id.localeCompare(b.id));
}

export function feedGroups(rows: readonly SourceRow[]): Group[] {
  const byName = new Map<string, Group>();
  for (const row of rows) {
    if (row.kind !== 'feed') continue;
    const wanted = row.group?.trim() ?? '';
    // Two headings that differ in letter case alone are one.
    const key = wanted.toLowerCase();
    const group = byName.get(key) ?? { name: wanted === '' ? t.sources.otherFeeds : wanted, rows: [] };
    byName.set(key, group);
    group.rows.push(row);
  }
  const place = ([key, { name }]: [string, Group]): number => {
    if (key === '') return Number.MAX_SAFE_INTEGER;
    const at = KNOWN.findIndex((one) => one.toLowerCase() === name.toLowerCase());
    return at < 0 ? KNOWN.length : at;
  };
  const sorted = [...byName].sort((a, b) => place(a) - place(b) || a[1].name.localeCompare(b[1].name));
  for (const [, { rows: own }] of sorted) own.sort((a, b) => a.name.localeCompare(b.name));
  return sorted.map(([, group]) => group);
}

/** The headings that feeds stand under now, then the catalogue's. */
export function groupNames(rows: readonly SourceRow[]): string[] {
  const own = rows.flatMap(({ group }) => (group ? [group] : []));
  return [...new Set([...own, ...KNOWN])].sort((a, b) => a.localeCompare(b));
}

export function fits(row: SourceRow, wanted: string): boolean {
  const text = wanted.trim().toLowerCase();
  return text === '' || [row.name, row.url, row.group ?? '', row.id].some((one) => one.toLowerCase().includes(text));
}
