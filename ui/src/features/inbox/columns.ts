// The columns of the one-line list: how wide each is, and how many fit beside the title.
import type { Column } from '$lib/ipc/generated';

const WIDTHS: Record<Column, number> = {
  severity: 64, score: 104, epss: 76, category: 132, matched: 116, source: 104, published: 60, added: 60, changed: 60, state: 100, tags: 112,
};
const GAP = 8;
/** The bar, the sign, the title's least width, the id, and the row's padding. */
const FIXED = 3 + 14 + 170 + 112 + 12 + 4 * GAP;

/** Those that fit into a width, from the first on. */
export function fitting(columns: readonly Column[], width: number): Column[] {
  let left = width - FIXED;
  const shown: Column[] = [];
  for (const column of columns) {
    left -= WIDTHS[column] + GAP;
    if (left < 0) break;
    shown.push(column);
  }
  return shown;
}

/** The grid's columns for a row: bar, sign, title, id, then the chosen ones. */
export const gridOf = (columns: readonly Column[]): string => `3px 14px minmax(0, 1fr) 112px ${columns.map((column) => `${WIDTHS[column]}px`).join(' ')}`;

/** The list with a column switched, in the fixed order of all columns. */
export function switched(columns: readonly Column[], column: Column, all: readonly Column[]): Column[] {
  const has = columns.includes(column);
  return all.filter((one) => (one === column ? !has : columns.includes(one)));
}
