// The inbox's state: one open list (a count and some pages), the selected alert and its detail. It never
// holds the whole database and knows nothing of elements: where the list should scroll to is `place`.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { Act, AlertId, Detail, Fault, ListOpened, Row, Sort, State, TagCount, Target, ViewRow } from '$lib/ipc/generated';
import { debounce, throttle } from '$lib/later';
import { t } from '$lib/text';
import { faultText } from '$lib/text/faults';
import { queryWords } from '$lib/text/marks';
import { testid } from '$lib/testids';
import { clock } from '$lib/time/clock.svelte';
import type { Snackbar } from '$lib/ui/snackbar.svelte';
import { label } from './label';
import { PAGE, Pages, pagesOf } from './pages';
import { MOST_IDS, Selection } from './selection.svelte';
import { applied, mayLeave, said } from './triage';
import { baseQuery, staysIn } from './views';

const SEARCH_PAUSE_MS = 80;
const DETAIL_PAUSE_MS = 80;
const FRESH_PAUSE_MS = 400;
const READ_AFTER_MS = 800;
const MOST_REQUESTS = 3;
/** As many rows as one request brings. */
const MOST_ROWS = 500;

export interface InboxHost {
  backend: Backend;
  snackbar: Snackbar;
  /** Something changed that the window's frame shows too. */
  changed: () => void;
  /** Whether the detail stands beside the list. */
  isWide: () => boolean;
  /** Whether some source is being collected for the first time. */
  isFirstCollection: () => boolean;
  /** The views that there are. */
  views: () => readonly ViewRow[];
}

/** Which alerts an act or an export is for. */
export interface Subject {
  target: Target;
  count: number;
  /** What the one alert is called; null for many. */
  label: string | null;
}

/** A question that is put to the user before an act. */
export interface Asking {
  kind: 'snooze' | 'reason' | 'tag' | 'export';
  subject: Subject;
}

/** Where the list should scroll to. A new object each time. */
export type Place =
  | { kind: 'top' }
  | { kind: 'show'; index: number }
  | { kind: 'keep'; from: number; countBefore: number; to: number };

type Where = { kind: 'top' } | { kind: 'keep' } | { kind: 'show'; id: AlertId };

export class Inbox {
  view = $state('new');
  query = $state('');
  /** The query of the list that is shown; `query` is ahead of it while the user types. */
  shownQuery = $state('');
  /** The view of the list that is shown; `view` is ahead of it until the new list is there. */
  shownView = $state<string | null>(null);
  /** The order that the user chose; without one the view's, or by text where words are sought. */
  sort = $state<Sort | null>(null);
  list = $state.raw<{ id: number; count: number; sort: Sort; ranked: number | null } | null>(null);
  fault = $state.raw<Fault | null>(null);
  /** A query that cannot be read; the list keeps what the last good one found. */
  queryFault = $state.raw<{ query: string; fault: Fault } | null>(null);
  readonly selection = new Selection();
  asking = $state.raw<Asking | null>(null);
  /** Counts up when a note is to be written. */
  noteAsked = $state(0);
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
  /** The alert that is to be noted as looked at, if nobody has yet, once its detail says so. */
  #lookDue: AlertId | null = null;
  #noted: AlertId | null = null;
  #isAnswering = false;

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

  /** What the list that is shown is called, in words: its view, its query, or both. */
  get shownName(): string {
    const view = this.shownView ?? this.view;
    if (this.shownQuery === '') return t.viewName(view);
    return view === 'all' ? this.shownQuery : `${t.viewName(view)}: ${this.shownQuery}`;
  }

  /** Whether the rows that are shown are of another view or query than is asked for: then no act may hit them.
   *  A query that cannot be read is said to be so, and its list is the last good one's: its rows can be dealt with. */
  get isBehind(): boolean {
    return !this.list || this.shownView !== this.view || (this.shownQuery !== this.query && this.queryFault?.query !== this.query);
  }

  /** Whether what is shown is, as a whole, what is asked for. */
  get isWhole(): boolean {
    return !this.isBehind && this.shownQuery === this.query;
  }

  get viewRow(): ViewRow | undefined {
    return this.host.views().find((view) => view.id === this.view);
  }

  /** Shows a view; a query that cannot be read is not taken along. */
  show(view: string, query = this.queryFault?.query === this.query ? this.shownQuery : this.query): Promise<void> {
    this.#search.cancel();
    if (view !== this.view) this.sort = null;
    this.view = view;
    this.query = query;
    this.queryFault = null;
    this.selection.clear();
    this.detailOpen = false;
    return this.#open({ kind: 'top' });
  }

  setQuery(query: string): void {
    if (query === this.query) return;
    this.query = query;
    this.detailOpen = false;
    if (this.sort === 'text_match' && !this.hasWords) this.sort = null;
    this.#search();
  }

  /** Searches at once, without waiting for a pause. */
  searchNow(): void {
    if (this.query === this.shownQuery) return;
    this.#search.cancel();
    void this.#open({ kind: 'top' });
  }

  /** Whether the query seeks words, so that matches can be ranked by them. */
  get hasWords(): boolean {
    return queryWords(this.query).length > 0;
  }

  setSort(sort: Sort): Promise<void> {
    this.sort = sort;
    return this.#open({ kind: 'top' });
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

  async #open(where: Where, isAgain = false): Promise<void> {
    const turn = ++this.#opening;
    const { view, sort } = this;
    // What is typed may be wrong by now; the rows that are shown are opened again with what found them.
    const query = where.kind === 'top' || this.queryFault?.query !== this.query ? this.query : this.shownQuery;
    // Without a selection it is the first row in sight that keeps its place.
    const from = this.selected >= 0 ? this.selected : this.#sight.first;
    const keptId = where.kind === 'show' ? where.id : where.kind === 'keep' ? (this.#pages.row(from)?.id ?? this.selectedId) : null;
    try {
      const opened = await this.host.backend.call('list_open', { view, query, ...(sort === null ? {} : { sort }), ...(keptId === null ? {} : { anchor: keptId }) });
      const at = where.kind === 'top' ? 0 : Math.min(opened.anchor_index ?? from, opened.count - 1);
      // The old rows stay until the new ones are at hand: nothing flickers.
      const pages = await this.#firstPages(opened, Math.max(0, at));
      if (turn === this.#opening) this.#adopt(opened, view, query, pages, where, from, at);
    } catch (error) {
      if (turn !== this.#opening) return;
      const fault = faultOf(error);
      // Alerts went between opening and reading: the list that is there now is opened, but not for ever.
      if (fault.code === 'list_closed' && !isAgain) await this.#open(where, true);
      else this.#refused(query, fault);
    }
  }

  /** Opens a list again that the backend closed, at the same alert: others may be gone, also selected ones. */
  #reopen(): Promise<void> {
    this.selection.clear();
    return this.#open({ kind: 'keep' });
  }

  #refused(query: string, fault: Fault): void {
    if (fault.code === 'query_invalid') this.queryFault = { query, fault };
    else if (fault.code === 'view_unknown' && this.view !== 'all') void this.show('all', '');
    else this.fault = fault;
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

  #adopt(opened: ListOpened, view: string, query: string, pages: Pages, where: Where, from: number, at: number): void {
    const countBefore = this.count;
    const hadSelection = this.selected >= 0;
    this.#pages = pages;
    this.#asked.clear();
    this.#version += 1;
    this.list = { id: opened.list, count: opened.count, sort: opened.sort, ranked: opened.ranked };
    if (view !== this.shownView || query !== this.shownQuery || where.kind === 'top') this.selection.clear();
    else this.selection.listChanged();
    this.shownView = view;
    this.shownQuery = query;
    this.fault = null;
    if (query === this.query) this.queryFault = null;
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
      if (fault.code === 'list_closed') void this.#reopen();
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
      if (this.list?.id === list.id && faultOf(error).code === 'list_closed') await this.#reopen();
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
    if (id !== this.#lookDue) this.#lookDue = null;
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
      // "New since you looked" stays true while one looks, though the backend has noted the look by now.
      this.detail = this.detail?.row.id === id ? { ...detail, looked: this.detail.looked } : detail;
      this.detailFault = null;
      this.#noteLook();
    } catch (error) {
      if (this.selectedId === id) this.detailFault = faultOf(error);
    }
  }

  // --- several at once ---

  toggleSelected(index = this.selected): void {
    const row = this.isBehind ? undefined : this.rowAt(index);
    if (row) this.selection.toggle(row.id);
  }

  /** Moves and selects on the way; back over what is selected it lets go again. */
  extend(by: number): void {
    const left = this.selectedRow;
    this.move(by);
    const reached = this.selectedRow;
    if (left && reached && left.id !== reached.id && this.selection.has(left.id) && this.selection.has(reached.id)) this.selection.remove(left.id);
    else this.#add([left, reached].flatMap((row) => row?.id ?? []));
  }

  /** Selects all rows from the current one to another. */
  async selectTo(index: number): Promise<void> {
    const list = this.list;
    if (!list) return;
    const [first, last] = this.selected < 0 ? [index, index] : [Math.min(this.selected, index), Math.max(this.selected, index)];
    const ids: AlertId[] = [];
    for (let offset = first; offset <= last && ids.length <= MOST_IDS; offset += MOST_ROWS) {
      const limit = Math.min(MOST_ROWS, last - offset + 1);
      const atHand = Array.from({ length: limit }, (_, i) => this.#pages.row(offset + i)).flatMap((row) => row ?? []);
      try {
        const rows = atHand.length === limit ? atHand : await this.host.backend.call('list_rows', { list: list.id, offset, limit });
        ids.push(...rows.map((row) => row.id));
      } catch (error) {
        const fault = faultOf(error);
        if (this.list?.id === list.id && fault.code === 'list_closed') await this.#reopen();
        else this.host.snackbar.show({ tone: 'fault', text: faultText(fault) });
        return;
      }
    }
    if (this.list?.id !== list.id) return;
    this.select(index);
    this.#add(ids);
  }

  selectAll(): void {
    if (this.isWhole && this.list && this.list.count > 0) this.selection.all(this.list.id, this.list.count);
  }

  #add(ids: readonly AlertId[]): void {
    this.#touched = true;
    if (this.isBehind) return;
    if (!this.selection.add(ids)) this.host.snackbar.show({ text: t.selection.tooMany(MOST_IDS) });
  }

  /** What an act is for: the selected alerts, else the current one. */
  subject(): Subject | null {
    if (this.isBehind) return null;
    const target = this.selection.target();
    if (target?.kind === 'list' && !this.isWhole) return null;
    if (target) return { target, count: this.selection.count, label: null };
    const row = this.selectedRow;
    return row ? { target: { kind: 'ids', ids: [row.id] }, count: 1, label: label(row) } : null;
  }

  ask(kind: Asking['kind'], subject = this.subject()): void {
    if (subject) this.asking = { kind, subject };
  }

  /** Does what a dialog asked about. The dialog goes when that worked; else the sentence of what is wrong. */
  async answer(act: Act): Promise<string | null> {
    const { asking } = this;
    if (!asking || this.#isAnswering) return null;
    this.#isAnswering = true;
    let problem: string | null = null;
    const isDone = await this.act(act, asking.subject, (text) => (problem = text));
    this.#isAnswering = false;
    // It may be closed by now, and another one open.
    if (isDone && this.asking === asking) this.asking = null;
    return problem;
  }

  /** Asks where the whole list is to be exported to. */
  askExport(): void {
    if (this.isWhole && this.list && this.list.count > 0) this.asking = { kind: 'export', subject: { target: { kind: 'list', list: this.list.id, except: [] }, count: this.list.count, label: null } };
  }

  tags(): Promise<TagCount[]> {
    return this.host.backend.call('tags_list', {});
  }

  /** Says how an export ended that nobody waited for. */
  tellExport(text: string, isFault: boolean): void {
    this.host.snackbar.show({ text, tone: isFault ? 'fault' : 'plain' });
  }

  askNote(): void {
    if (this.selected < 0) return;
    this.open();
    this.noteAsked += 1;
  }

  // --- read marks ---

  #markRead(after: number): void {
    clearTimeout(this.#readTimer);
    const row = this.selectedRow;
    if (!row) return;
    this.#readTimer = setTimeout(() => {
      if (row.unread || row.changed_since) {
        void this.#setRead(row, true);
        return;
      }
      this.#lookDue = row.id;
      this.#noteLook();
    }, after);
  }

  /** What came with the first collection is not unread, but changes are told only from when it was looked at. */
  #noteLook(): void {
    const { detail } = this;
    if (!detail || detail.row.id !== this.#lookDue) return;
    this.#lookDue = null;
    // Noted from here already: the detail still says how it was before.
    if (detail.looked !== null || detail.row.id === this.#noted) return;
    void this.#setRead(this.#rowOf(detail.row), true);
  }

  /** A row as the list has it. */
  #rowOf(row: Row): Row {
    return this.selectedRow?.id === row.id ? this.selectedRow : row;
  }

  async toggleRead(): Promise<void> {
    clearTimeout(this.#readTimer);
    this.#lookDue = null;
    const row = this.isBehind ? undefined : this.selectedRow;
    if (!this.selection.isEmpty) await this.act({ kind: 'set_read', read: row ? row.unread : true });
    else if (row) await this.#setRead(row, row.unread);
  }

  async #setRead(row: Row, read: boolean): Promise<void> {
    const act: Act = { kind: 'set_read', read };
    if (read) this.#noted = row.id;
    this.#patch(row.id, applied(row, act));
    try {
      await this.host.backend.call('triage_act', { target: { kind: 'ids', ids: [row.id] }, act });
      this.host.changed();
    } catch (error) {
      if (this.#noted === row.id) this.#noted = null;
      this.#patch(row.id, { unread: row.unread, changed_since: row.changed_since });
      this.host.snackbar.show({ tone: 'fault', text: t.triage.readFailed(faultText(faultOf(error))) });
    }
  }

  // --- triage ---

  async setState(state: State): Promise<void> {
    if (this.selection.isEmpty && this.selectedRow?.state === state) return;
    await this.act({ kind: 'set_state', state, reason: null, until: null });
  }

  /** Says that alerts matter, or not; of one alert the same again takes it back. */
  async say(relevant: boolean, subject = this.subject()): Promise<void> {
    const said = subject?.label == null ? null : this.#saidOf(subject.target);
    await this.act({ kind: 'feedback', relevant: said === relevant ? null : relevant }, subject);
  }

  #saidOf(target: Target): boolean | null {
    const [id] = target.kind === 'ids' ? target.ids : [];
    const row = this.detail?.row.id === id ? this.detail?.row : this.#pages.all().find((one) => one.id === id);
    return row?.feedback ?? null;
  }

  /** Does an act: rows change at once, undo is offered, a failure puts them back and says why. Tells whether it worked. */
  async act(act: Act, subject = this.subject(), onrefused?: (text: string) => void): Promise<boolean> {
    if (!subject) return false;
    const { host } = this;
    const isOne = subject.label !== null;
    const from = this.selected;
    const who = subject.label ?? t.triage.alerts(subject.count);
    this.#touched = true;
    const before = this.#patchAll(subject.target, act);
    const movedTo = act.kind === 'set_state' && isOne ? this.#moveOn(from) : null;
    this.#pendingActs += 1;
    let isDone = false;
    try {
      const { undo, changed } = await host.backend.call('triage_act', { target: subject.target, act });
      isDone = true;
      host.snackbar.show({
        text: changed === 0 ? t.triage.none : said({ label: subject.label, count: changed }, act, clock.now),
        ...(undo === null ? {} : { action: { label: t.triage.undo, key: 'u', testid: testid.undo, run: () => void this.undo(undo) } }),
      });
      if (!isOne && act.kind === 'set_state') this.selection.clear();
      if (mayLeave(this.view, `${this.shownQuery} ${this.viewRow?.built_in === false ? baseQuery(this.viewRow) : ''}`, act)) this.#mustReopen = true;
      this.#loadDetailSoon();
    } catch (error) {
      const fault = faultOf(error);
      before.forEach((row) => this.#patch(row.id, row));
      if (movedTo !== null && this.selected === movedTo) this.select(from);
      const text = t.triage.failed(who, faultText(fault));
      host.snackbar.show({ tone: 'fault', text });
      onrefused?.(text);
      // What "the whole list" was, nobody knows any more: it is opened anew, to be selected again.
      if (fault.code === 'list_closed') {
        this.selection.clear();
        this.#mustReopen = true;
      }
    } finally {
      this.#pendingActs -= 1;
      host.changed();
    }
    if (this.#pendingActs === 0 && this.#mustReopen) {
      this.#mustReopen = false;
      await this.#open({ kind: 'keep' });
    }
    return isDone;
  }

  /** Adds, edits or removes a note of the alert in the detail; the sentence of what is wrong, or null. */
  async note(act: Extract<Act, { kind: 'add_note' | 'edit_note' | 'remove_note' }>): Promise<string | null> {
    const row = this.detail?.row;
    if (!row) return null;
    try {
      const { undo } = await this.host.backend.call('triage_act', { target: { kind: 'ids', ids: [row.id] }, act });
      if (act.kind === 'remove_note' && undo !== null) {
        const run = (): void => void this.undo(undo);
        this.host.snackbar.show({ text: said({ label: label(row), count: 1 }, act, clock.now), action: { label: t.triage.undo, key: 'u', testid: testid.undo, run } });
      }
    } catch (error) {
      return faultText(faultOf(error));
    }
    await this.#loadDetail();
    this.host.changed();
    return null;
  }

  /** Changes the rows at hand that a target names; returns them as they were. */
  #patchAll(target: Target, act: Act): Row[] {
    if (target.kind === 'query' || (target.kind === 'list' && target.list !== this.list?.id)) return [];
    const named = new Set(target.kind === 'ids' ? target.ids : target.except);
    const rows = this.#pages.all().filter((row) => named.has(row.id) === (target.kind === 'ids'));
    const other = this.detail?.row;
    if (other && target.kind === 'ids' && named.has(other.id) && !rows.some((row) => row.id === other.id)) rows.push(other);
    rows.forEach((row) => this.#patch(row.id, applied(row, act)));
    return rows;
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
      if (first === undefined || undone.act === null) {
        this.host.snackbar.show({ text: t.triage.nothingToUndo });
        return;
      }
      await this.#open({ kind: 'show', id: first });
      const row = this.selectedRow;
      this.host.snackbar.show({
        text: undone.changed !== 1 || row?.id !== first ? t.triage.undoneMany(undone.changed) : undone.act.kind === 'set_state' ? t.triage.undone(label(row), row.state) : t.triage.undoneAct(label(row)),
      });
      this.#loadDetailSoon();
      this.host.changed();
    } catch (error) {
      this.host.snackbar.show({ tone: 'fault', text: t.triage.undoFailed(faultText(faultOf(error))) });
    }
  }

  #patch(id: AlertId, change: Partial<Row>): void {
    if (this.#pages.patch(id, change)) this.#version += 1;
    if (this.detail?.row.id === id) this.detail = { ...this.detail, row: { ...this.detail.row, ...change }, ...(change.tags ? { tags: change.tags } : {}) };
  }
}
