// The inbox's state: one open list (a count and some pages), the selected alert and its detail. It never
// holds the whole database and knows nothing of elements: where the list should scroll to is `place`.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { AlertId, Detail, Fault, ListOpened, Row, State, View } from '$lib/ipc/generated';
import { debounce, throttle } from '$lib/later';
import { t } from '$lib/text';
import { faultText } from '$lib/text/faults';
import { testid } from '$lib/testids';
import type { Snackbar } from '$lib/ui/snackbar.svelte';
import { label } from './label';
import { PAGE, Pages, pagesOf } from './pages';
import { staysIn } from './views';

const SEARCH_PAUSE_MS = 80;
const DETAIL_PAUSE_MS = 80;
const FRESH_PAUSE_MS = 400;
const READ_AFTER_MS = 800;
const MOST_REQUESTS = 3;

export interface InboxHost {
  backend: Backend;
  snackbar: Snackbar;
  /** Something changed that the window's frame shows too. */
  changed: () => void;
  /** Whether the detail stands beside the list. */
  isWide: () => boolean;
  /** Whether some source is being collected for the first time. */
  isFirstCollection: () => boolean;
}

/** Where the list should scroll to. A new object each time. */
export type Place =
  | { kind: 'top' }
  | { kind: 'show'; index: number }
  | { kind: 'keep'; from: number; countBefore: number; to: number };

type Where = { kind: 'top' } | { kind: 'keep' } | { kind: 'show'; id: AlertId };

export class Inbox {
  view = $state<View>('new');
  query = $state('');
  /** The query of the list that is shown; `query` is ahead of it while the user types. */
  shownQuery = $state('');
  list = $state.raw<{ id: number; count: number } | null>(null);
  fault = $state.raw<Fault | null>(null);
  fresh = $state(0);
  place = $state.raw<Place | null>(null);
  selected = $state(-1);
  selectedId = $state<AlertId | null>(null);
  detail = $state.raw<Detail | null>(null);
  detailFault = $state.raw<Fault | null>(null);
  /** Below 900 px: whether the detail covers the list. */
  detailOpen = $state(false);

  #pages = new Pages();
  #version = $state(0);
  #opening = 0;
  #asked = new Set<number>();
  #sight = { first: 0, length: 0 };
  /** Whether the user took a place in this list; only then must it not move by itself. */
  #touched = false;
  #pendingActs = 0;
  #mustReopen = false;
  #readTimer: ReturnType<typeof setTimeout> | undefined;

  readonly #search = debounce(() => void this.#open({ kind: 'top' }), SEARCH_PAUSE_MS);
  readonly #loadDetailSoon = throttle(() => void this.#loadDetail(), DETAIL_PAUSE_MS);
  readonly #catchUpSoon = throttle(() => void this.#catchUp(), FRESH_PAUSE_MS);

  constructor(private readonly host: InboxHost) {}

  get count(): number {
    return this.list?.count ?? 0;
  }

  get selectedRow(): Row | undefined {
    return this.selected < 0 ? undefined : this.rowAt(this.selected);
  }

  /** A row, or `undefined` while it is not loaded. */
  rowAt(index: number): Row | undefined {
    void this.#version;
    return this.#pages.row(index);
  }

  // --- which list ---

  show(view: View, query = this.query): Promise<void> {
    this.#search.cancel();
    this.view = view;
    this.query = query;
    this.detailOpen = false;
    return this.#open({ kind: 'top' });
  }

  setQuery(query: string): void {
    if (query === this.query) return;
    this.query = query;
    this.detailOpen = false;
    this.#search();
  }

  /** Opens the list anew, with what came since, at the top. */
  toTop(): Promise<void> {
    return this.fresh > 0 || !this.list ? this.#open({ kind: 'top' }) : Promise.resolve(this.#selectFirst());
  }

  retry(): Promise<void> {
    return this.#open(this.list ? { kind: 'keep' } : { kind: 'top' });
  }

  /** Shows an alert wherever it is: in this list, else in All. */
  async reveal(id: AlertId): Promise<void> {
    this.detailOpen = true;
    await this.#open({ kind: 'show', id });
    if (this.selectedId !== id) {
      this.view = 'all';
      this.query = '';
      await this.#open({ kind: 'show', id });
    }
    this.detailOpen = this.selectedId === id;
    this.#touched = true;
    if (this.selectedId === id) this.#markRead(0);
  }

  async #open(where: Where): Promise<void> {
    const turn = ++this.#opening;
    const { view, query } = this;
    // Without a selection it is the first row in sight that keeps its place.
    const from = this.selected >= 0 ? this.selected : this.#sight.first;
    const keptId = where.kind === 'show' ? where.id : where.kind === 'keep' ? (this.#pages.row(from)?.id ?? null) : null;
    try {
      const opened = await this.host.backend.call('list_open', { view, query, ...(keptId === null ? {} : { anchor: keptId }) });
      const at = where.kind === 'top' ? 0 : Math.min(opened.anchor_index ?? from, opened.count - 1);
      // The old rows stay until the new ones are at hand: nothing flickers.
      const pages = await this.#firstPages(opened, Math.max(0, at));
      if (turn === this.#opening) this.#adopt(opened, pages, where, from, at);
    } catch (error) {
      if (turn === this.#opening) this.fault = faultOf(error);
    }
  }

  async #firstPages(opened: ListOpened, at: number): Promise<Pages> {
    const pages = new Pages();
    const span = Math.max(this.#sight.length, 40);
    const wanted = pagesOf(Math.max(0, at - span), Math.min(opened.count, at + span) - Math.max(0, at - span));
    const ask = (page: number) =>
      this.host.backend.call('list_rows', { list: opened.list, offset: page * PAGE, limit: PAGE }).then((rows) => pages.put(page, rows));
    await Promise.all(wanted.map(ask));
    return pages;
  }

  #adopt(opened: ListOpened, pages: Pages, where: Where, from: number, at: number): void {
    const countBefore = this.count;
    const hadSelection = this.selected >= 0;
    this.#pages = pages;
    this.#asked.clear();
    this.#version += 1;
    this.list = { id: opened.list, count: opened.count };
    this.shownQuery = this.query;
    this.fault = null;
    this.fresh = 0;
    if (where.kind === 'top') {
      this.#touched = false;
      this.place = { kind: 'top' };
      this.#point(this.host.isWide() && opened.count > 0 ? 0 : -1);
    } else {
      const isShown = where.kind === 'show';
      this.#point(opened.count > 0 && (isShown || hadSelection) ? at : -1);
      if (opened.count > 0) this.place = isShown ? { kind: 'show', index: at } : { kind: 'keep', from, countBefore, to: at };
    }
    if (this.selected < 0) this.detailOpen = false;
  }

  // --- rows ---

  /** Rows came into sight: their pages are fetched, the newest wish first. */
  inSight(first: number, length: number): void {
    this.#sight = { first, length };
    this.#pages.touch(pagesOf(first, length));
    this.#fetchInSight();
  }

  #fetchInSight(): void {
    const list = this.list;
    if (!list) return;
    const { first, length } = this.#sight;
    for (const page of pagesOf(first, Math.min(length, list.count - first))) {
      if (this.#pages.has(page) || this.#asked.has(page) || this.#asked.size >= MOST_REQUESTS) continue;
      this.#asked.add(page);
      void this.#fetch(list.id, page);
    }
  }

  async #fetch(list: number, page: number): Promise<void> {
    let isRead = false;
    try {
      const rows = await this.host.backend.call('list_rows', { list, offset: page * PAGE, limit: PAGE });
      if (this.list?.id !== list) return;
      isRead = true;
      this.#pages.put(page, rows);
      this.#version += 1;
      this.fault = null;
      if (this.selected >= 0 && this.selectedId === null) this.#point(this.selected);
    } catch (error) {
      if (this.list?.id !== list) return;
      const fault = faultOf(error);
      if (fault.code === 'list_closed') void this.#open({ kind: 'keep' });
      else this.fault = fault;
    } finally {
      if (this.list?.id === list) {
        this.#asked.delete(page);
        if (isRead) this.#fetchInSight();
      }
    }
  }

  /** Reads the rows in sight again, in place. */
  async #refreshInSight(): Promise<void> {
    const list = this.list;
    if (!list || list.count === 0) return;
    const pages = pagesOf(this.#sight.first, Math.min(this.#sight.length, list.count - this.#sight.first));
    await Promise.all(pages.filter((page) => this.#pages.has(page)).map((page) => this.#fetch(list.id, page)));
  }

  // --- what happens outside ---

  /** Alerts were collected, changed or triaged, here or elsewhere. */
  heard(): void {
    this.#catchUpSoon();
  }

  async #catchUp(): Promise<void> {
    const list = this.list;
    if (!list) return this.#open({ kind: 'top' });
    if (this.#pendingActs > 0) return;
    const nothingToMove = list.count === 0 || (!this.#touched && this.host.isFirstCollection());
    if (nothingToMove) return this.#open({ kind: 'top' });
    try {
      const { count } = await this.host.backend.call('list_fresh', { list: list.id });
      if (this.list?.id !== list.id) return;
      this.fresh = count;
      await this.#refreshInSight();
      if (this.selectedId !== null) this.#loadDetailSoon();
    } catch (error) {
      if (this.list?.id === list.id && faultOf(error).code === 'list_closed') await this.#open({ kind: 'keep' });
    }
  }

  // --- selection ---

  touch(): void {
    this.#touched = true;
  }

  select(index: number): void {
    if (this.count === 0) return;
    this.#touched = true;
    const to = Math.max(0, Math.min(this.count - 1, index));
    this.#point(to);
    this.place = { kind: 'show', index: to };
    this.#markRead(READ_AFTER_MS);
  }

  move(by: number): void {
    this.select(this.selected < 0 ? 0 : this.selected + by);
  }

  open(index = this.selected): void {
    if (index < 0) index = 0;
    this.select(index);
    this.detailOpen = this.count > 0;
    this.#markRead(0);
  }

  back(): void {
    this.detailOpen = false;
  }

  #selectFirst(): void {
    this.place = { kind: 'top' };
    if (this.count > 0) this.select(0);
  }

  #point(index: number): void {
    this.selected = index;
    const id = index < 0 ? null : (this.#pages.row(index)?.id ?? null);
    clearTimeout(this.#readTimer);
    if (id === this.selectedId && id !== null && this.detail?.row.id === id) return;
    this.selectedId = id;
    if (id === null) {
      if (index < 0) this.detail = null;
    } else {
      this.#loadDetailSoon();
    }
  }

  reloadDetail(): void {
    this.#loadDetailSoon();
  }

  async #loadDetail(): Promise<void> {
    const id = this.selectedId;
    if (id === null) return;
    try {
      const detail = await this.host.backend.call('alert_get', { id });
      if (this.selectedId !== id) return;
      this.detail = detail;
      this.detailFault = null;
    } catch (error) {
      if (this.selectedId === id) this.detailFault = faultOf(error);
    }
  }

  // --- read marks ---

  #markRead(after: number): void {
    clearTimeout(this.#readTimer);
    const row = this.selectedRow;
    if (!row?.unread) return;
    this.#readTimer = setTimeout(() => void this.#setRead(row, true), after);
  }

  toggleRead(): Promise<void> {
    clearTimeout(this.#readTimer);
    const row = this.selectedRow;
    return row ? this.#setRead(row, row.unread) : Promise.resolve();
  }

  async #setRead(row: Row, read: boolean): Promise<void> {
    this.#patch(row.id, { unread: !read });
    try {
      await this.host.backend.call('alert_set_read', { ids: [row.id], read });
      this.host.changed();
    } catch (error) {
      this.#patch(row.id, { unread: row.unread });
      this.host.snackbar.show({ tone: 'fault', text: t.triage.readFailed(faultText(faultOf(error))) });
    }
  }

  // --- triage ---

  async setState(state: State): Promise<void> {
    const row = this.selectedRow;
    if (!row || row.state === state) return;
    const from = this.selected;
    this.#touched = true;
    this.#patch(row.id, { state, unread: false });
    const movedTo = this.#moveOn(from);
    this.#pendingActs += 1;
    try {
      const { undo } = await this.host.backend.call('alert_set_state', { ids: [row.id], state });
      this.host.snackbar.show({
        text: t.triage.done(label(row), state),
        ...(undo === null
          ? {}
          : { action: { label: t.triage.undo, key: 'u', testid: testid.undo, run: () => void this.undo(undo) } }),
      });
      if (!staysIn(this.view, state)) this.#mustReopen = true;
    } catch (error) {
      this.#patch(row.id, { state: row.state, unread: row.unread });
      if (this.selected === movedTo) this.select(from);
      this.host.snackbar.show({ tone: 'fault', text: t.triage.failed(label(row), faultText(faultOf(error))) });
    } finally {
      this.#pendingActs -= 1;
      this.host.changed();
    }
    if (this.#pendingActs === 0 && this.#mustReopen) {
      this.#mustReopen = false;
      await this.#open({ kind: 'keep' });
    }
  }

  /** Selects the row after one that was dealt with; at the end the nearest one before it that stays. */
  #moveOn(from: number): number {
    let to = from + 1;
    if (to >= this.count) {
      to = from;
      for (let i = from; i >= 0; i -= 1) {
        const row = this.#pages.row(i);
        if (row && staysIn(this.view, row.state)) {
          to = i;
          break;
        }
      }
    }
    this.select(to);
    return to;
  }

  /** Takes an act back: the named one, else the last one, also from before a restart. */
  async undo(id?: number): Promise<void> {
    this.host.snackbar.dismiss();
    try {
      const undone = await this.host.backend.call('triage_undo', id === undefined ? {} : { id });
      const [first] = undone.ids;
      if (first === undefined) {
        this.host.snackbar.show({ text: t.triage.nothingToUndo });
        return;
      }
      await this.#open({ kind: 'show', id: first });
      const row = this.selectedRow;
      this.host.snackbar.show({
        text: undone.ids.length === 1 && row?.id === first ? t.triage.undone(label(row), row.state) : t.triage.undoneMany(undone.ids.length),
      });
      this.#loadDetailSoon();
      this.host.changed();
    } catch (error) {
      this.host.snackbar.show({ tone: 'fault', text: t.triage.undoFailed(faultText(faultOf(error))) });
    }
  }

  #patch(id: AlertId, change: Partial<Row>): void {
    if (this.#pages.patch(id, change)) this.#version += 1;
    if (this.detail?.row.id === id) this.detail = { ...this.detail, row: { ...this.detail.row, ...change } };
  }
}
