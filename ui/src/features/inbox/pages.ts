// The rows of an open list that are at hand: a few pages, the least recently used one makes room.
import type { AlertId, Row } from '$lib/ipc/generated';

export const PAGE = 100;
const MOST_PAGES = 24;

export class Pages {
  readonly #pages = new Map<number, Row[]>();

  row(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  has(page: number): boolean {
    return this.#pages.has(page);
  }

  put(page: number, rows: Row[]): void {
    this.#pages.delete(page);
    this.#pages.set(page, rows);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= MOST_PAGES) break;
      this.#pages.delete(oldest);
    }
  }

  /** Marks pages as just used. */
  touch(pages: readonly number[]): void {
    for (const page of pages) {
      const rows = this.#pages.get(page);
      if (rows) this.put(page, rows);
    }
  }

  /** Changes a row wherever it is at hand; tells whether it was. */
  patch(id: AlertId, change: Partial<Row>): boolean {
    for (const rows of this.#pages.values()) {
      const at = rows.findIndex((row) => row.id === id);
      const row = rows[at];
      if (row) {
        rows[at] = { ...row, ...change };
        return true;
      }
    }
    return false;
  }

  /** Every row at hand. */
  all(): Row[] {
    return [...this.#pages.values()].flat();
  }

  indexOf(id: AlertId): number {
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex((row) => row.id === id);
      if (at >= 0) return page * PAGE + at;
    }
    return -1;
  }
}

/** The pages that hold a range of rows. */
export function pagesOf(first: number, length: number): number[] {
  if (length <= 0) return [];
  const from = Math.floor(first / PAGE);
  const to = Math.floor((first + length - 1) / PAGE);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
