// Which alerts a bulk act is for: some, by their ids; or all of an open list but some. The second form holds no
// ids, whatever the list's length.
import type { AlertId, Target } from '$lib/ipc/generated';

/** As many as one act takes by id. */
export const MOST_IDS = 10_000;

export class Selection {
  #ids = $state.raw<ReadonlySet<AlertId>>(new Set());
  /** The list that is selected as a whole; then the ids are the exceptions. */
  #all = $state.raw<{ list: number; count: number } | null>(null);

  get count(): number {
    return this.#all ? this.#all.count - this.#ids.size : this.#ids.size;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** How many a whole list has, where one is selected; else null. */
  get total(): number | null {
    return this.#all?.count ?? null;
  }

  has(id: AlertId): boolean {
    return this.#all ? !this.#ids.has(id) : this.#ids.has(id);
  }

  toggle(id: AlertId): void {
    this.#set(id, !this.has(id));
  }

  /** Adds alerts; tells whether there was room for all of them. */
  add(ids: readonly AlertId[]): boolean {
    const next = new Set(this.#ids);
    for (const id of ids) {
      if (this.#all) next.delete(id);
      else if (next.size < MOST_IDS) next.add(id);
    }
    this.#ids = next;
    return this.#all !== null || ids.every((id) => next.has(id));
  }

  remove(id: AlertId): void {
    this.#set(id, false);
  }

  all(list: number, count: number): void {
    this.#all = { list, count };
    this.#ids = new Set();
  }

  clear(): void {
    this.#all = null;
    this.#ids = new Set();
  }

  /** Another list is shown: "all" meant the one before. */
  listChanged(): void {
    if (this.#all) this.clear();
  }

  target(): Target | null {
    if (this.isEmpty) return null;
    return this.#all ? { kind: 'list', list: this.#all.list, except: [...this.#ids] } : { kind: 'ids', ids: [...this.#ids] };
  }

  #set(id: AlertId, isSelected: boolean): void {
    const next = new Set(this.#ids);
    if (isSelected === (this.#all === null)) {
      if (next.size < MOST_IDS) next.add(id);
    } else {
      next.delete(id);
    }
    this.#ids = next;
    if (this.isEmpty) this.clear();
  }
}
