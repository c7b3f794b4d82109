// What an alert is called in a sentence and in the row's second line.
import type { Row } from '$lib/ipc/generated';

const LONGEST = 48;

/** The id that people know: a CVE id, `A05:2025` for an OWASP entry; an article has none. */
export function shortId(row: Pick<Row, 'kind' | 'uid'>): string | null {
  if (row.kind === 'vulnerability') return row.uid;
  if (row.kind === 'article') return null;
  const [, , edition, code] = row.uid.split(':');
  return edition && code ? `${code}:${edition}` : row.uid;
}

/** Its id, or its title cut at a word. */
export function label(row: Pick<Row, 'kind' | 'uid' | 'title'>): string {
  return shortId(row) ?? cut(row.title);
}

function cut(title: string): string {
  if (title.length <= LONGEST) return title;
  const end = title.lastIndexOf(' ', LONGEST);
  return `${title.slice(0, end > LONGEST / 2 ? end : LONGEST).trimEnd()}…`;
}
