// The whole backend in memory, as the contract describes it: for component tests and for working on the
// interface without Rust. It keeps rules, not speed. Faults can be planted by command.
import { CallError, type Backend, type Command, type Request, type Response } from '../backend';
import type { Act, Column, Commands, Event, Fault, Mute, Row, Sort, Status, TagCount, Target, ViewRow, Watch } from '../generated';
import { FakeAnalysis } from './analysis';
import { FakeChannels } from './channels';
import { entryOf, makeAlert, NOW, randomFrom, type Stored } from './data';
import { FakeDelivering } from './delivering';
import { FakeFeeds } from './feeds';
import { DAMAGED, FakeKeeping } from './keeping';
import { complete, finds, queryFault, shown, sorted, wordsOf } from './search';
import { FakeSettings } from './settings';
import { FakeSources } from './sources';
import { FakeWatching, MUTES, WATCHES } from './watching';

export interface FakeOptions {
  alerts?: number;
  watches?: Watch[];
  mutes?: Mute[];
  /** How the models are: as shipped, one that cannot be read, or with a user's that has learnt. */
  model?: 'fine' | 'broken' | 'none' | 'taught' | 'held_back';
  isBroken?: boolean;
  isDamaged?: boolean;
  isFull?: boolean;
  /** Feeds besides the built-in ones. */
  feeds?: 'none' | 'some' | 'many';
  /** Messages in the outbox. */
  messages?: number;
}

type Handlers = { [K in Command]: (request: Commands[K]['request']) => Commands[K]['response'] | Promise<Commands[K]['response']> };
interface Done { id: number; act: Act; changes: { stored: Stored; before: Row }[]; undone: boolean }
interface Open { rows: Stored[]; view: string; query: string; words: string[] }

const BUILT_IN = ['new', 'all', 'high', 'exploited', 'unscored', 'watching', 'in_progress', 'snoozed', 'closed', 'muted'];
const QUERIES: Record<string, string> = { new: 'state:new relevant:yes', all: '', high: 'severity:high state:open', exploited: 'exploited:yes state:open', unscored: 'unscored:yes state:open', watching: 'watch:* state:open', in_progress: 'state:reviewing,action_needed', snoozed: 'state:snoozed', closed: 'state:closed', muted: '-state:closed muted:yes' };
const COLUMNS: Column[] = ['severity', 'score', 'published', 'state'];
/** Above this many matches only the newest are ranked by text. */
const RANKED = 2_000;
export class FakeBackend implements Backend {
  readonly alerts: Stored[] = [];
  readonly settings: FakeSettings;
  readonly sources: FakeSources;
  readonly feeds: FakeFeeds;
  /** The next call of a command fails with this. */
  readonly failNext = new Map<Command, Fault>();
  /** What the app says besides. */
  notices: Fault[] = [];
  readonly calls: { name: Command; request: unknown }[] = [];
  readonly opened: string[] = [];
  readonly channels: FakeChannels;
  readonly delivering: FakeDelivering;
  readonly keeping: FakeKeeping;
  readonly watching: FakeWatching;
  readonly analysis: FakeAnalysis;
  #now = NOW;
  #lists = new Map<number, Open>();
  #nextList = 1;
  #acts: Done[] = [];
  #nextNote = 900_000;
  #listeners = new Set<(event: Event) => void>();
  #random = randomFrom(7);
  #made = 0;

  constructor(private readonly options: FakeOptions = {}) {
    this.keeping = new FakeKeeping(this, options.isDamaged ?? false);
    this.settings = new FakeSettings(options.watches ?? WATCHES, options.mutes ?? (options.watches ? [] : MUTES), options.isBroken ?? false, () => this.sources, () => this.channels);
    this.channels = new FakeChannels(this);
    this.watching = new FakeWatching(this);
    this.analysis = new FakeAnalysis(this, options.model ?? 'fine');
    this.sources = new FakeSources(this, options.feeds ?? 'none');
    this.feeds = new FakeFeeds(this);
    const count = options.alerts ?? 5000;
    for (let n = 0, at = NOW - 12 * 60_000; n < count; n += 1, at -= 60_000 * (2 + Math.floor(this.#random() * 40))) {
      this.alerts.push(this.#make(n, at));
    }
    this.#made = count;
    this.delivering = new FakeDelivering(this, options.messages ?? 90);
  }

  call<K extends Command>(name: K, request: Request<K>): Promise<Response<K>> {
    this.calls.push({ name, request });
    const fault = this.failNext.get(name);
    if (fault) {
      this.failNext.delete(name);
      return Promise.reject(new CallError(fault));
    }
    try {
      if (this.keeping.isDamaged && !name.startsWith('recovery_')) throw new CallError(DAMAGED);
      const handlers: Handlers = { ...this.#handlers, ...this.keeping.handlers, ...this.feeds.handlers, ...this.watching.handlers, ...this.analysis.handlers, ...this.channels.handlers, ...this.delivering.handlers };
      const answer = (handlers[name] as (r: Request<K>) => Response<K> | Promise<Response<K>>)(request);
      // What crosses a border is a copy.
      if (answer instanceof Promise) return answer.then((value) => structuredClone(value));
      return Promise.resolve(structuredClone(answer));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  on(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onReconnect(): () => void {
    return () => {};
  }

  openUrl(url: string): Promise<void> {
    this.opened.push(url);
    return Promise.resolve();
  }

  tell(event: Event): void {
    this.#listeners.forEach((listener) => listener(event));
  }

  get now(): number {
    return this.#now;
  }

  /** Brings new alerts, as a later collection would. */
  collectNew(count: number): void {
    for (let i = 0; i < count; i += 1) {
      const stored = this.#make(this.#made, this.#now - (count - i) * 1000);
      stored.isFirst = false;
      stored.detail.row = { ...stored.detail.row, state: 'new', unread: true, uid: `CVE-2026-${30_000 + this.#made}` };
      this.#made += 1;
      this.alerts.unshift(stored);
    }
    this.tell({ kind: 'alerts_changed', added: count });
  }

  #make(n: number, at: number): Stored {
    const stored = makeAlert(n, at, this.#random);
    this.analysis.judge(stored);
    return stored;
  }

  judgeAgain(): void {
    this.alerts.forEach((stored) => this.analysis.judge(stored));
    this.tell({ kind: 'settings_changed' });
    this.tell({ kind: 'alerts_changed', added: 0 });
  }

  #status(): Status {
    const last = this.#acts.findLast((act) => !act.undone);
    return {
      version: '0.1.0', now: new Date(this.#now).toISOString(), host: 'browser', total: this.alerts.length,
      views: this.#views(),
      has_watches: this.settings.watchList.length > 0,
      collecting: this.sources.rows.filter((row) => row.running).map((row) => row.id),
      last_collected: this.alerts.length > 0 ? new Date(this.#now - 4 * 60_000).toISOString() : null,
      failing: this.sources.rows.filter((row) => row.health.fault).map((row) => row.id),
      undelivered: this.delivering.undelivered,
      undo: last ? { id: last.id, act: last.act, alerts: last.changes.length, label: last.changes[0]?.stored.detail.row.uid ?? '' } : null,
      work: this.keeping.work,
      notices: [...this.settings.faults, ...this.notices, ...(this.options.isFull ? [{ code: 'disk_full', params: { path: '/home/ana/.local/share/tocsin' }, message: 'The disk is full.' }] : [])],
    };
  }

  #views(): ViewRow[] {
    const counted = (id: string): { count: number; unread: number } => {
      const rows = this.#find(id, '');
      return { count: rows.length, unread: rows.filter(({ detail }) => detail.row.unread).length };
    };
    return [
      ...BUILT_IN.map((id): ViewRow => ({ id, name: null, query: QUERIES[id] ?? '', sort: 'newest', columns: COLUMNS, built_in: true, ...counted(id) })),
      ...this.settings.views.map((view): ViewRow => ({ id: `view:${view.name}`, ...view, built_in: false, ...counted(`view:${view.name}`) })),
    ];
  }

  #isIn(view: string, { row, finding }: Stored['detail']): boolean {
    const isClosed = row.state === 'done' || row.state === 'not_applicable' || row.state === 'accepted_risk';
    const isOpen = !isClosed && row.state !== 'snoozed';
    const matters = row.is_relevant || this.settings.watchList.length === 0;
    switch (view) {
      case 'new': return row.state === 'new' && row.is_relevant;
      case 'all': return true;
      case 'high': return isOpen && matters && row.severity === 'high';
      case 'exploited': return isOpen && matters && row.exploited;
      case 'unscored': return isOpen && matters && row.kind === 'vulnerability' && row.score === null;
      case 'watching': return isOpen && row.matched.length > 0;
      case 'in_progress': return row.state === 'reviewing' || row.state === 'action_needed';
      case 'snoozed': return row.state === 'snoozed';
      case 'muted': return !isClosed && finding.relevance.reason === 'mute';
      default: return isClosed;
    }
  }

  #find(view: string, query: string): Stored[] {
    const own = this.settings.views.find(({ name }) => `view:${name}` === view);
    if (!own && !BUILT_IN.includes(view)) throw new CallError({ code: 'view_unknown', params: { view }, message: 'There is no such view.' });
    const asked = finds(query);
    const within = own ? finds(own.query) : ({ detail }: Stored) => this.#isIn(view, detail);
    return this.alerts.filter((stored) => within(stored) && asked(stored));
  }

  /** The alerts that a target names. */
  aimed(target: Target): Stored[] {
    if (target.kind === 'ids') return target.ids.map((id) => this.stored(id));
    if (target.kind === 'query') return this.#find('all', target.query);
    const but = new Set(target.except);
    return this.#list(target.list).rows.filter(({ detail }) => !but.has(detail.row.id));
  }

  #tags(): TagCount[] {
    const counts = new Map<string, number>();
    for (const { detail } of this.alerts) for (const tag of detail.row.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    return [...counts].map(([tag, count]) => ({ tag, count })).sort((a, b) => b.count - a.count);
  }

  #apply(stored: Stored, act: Act): boolean {
    const { detail } = stored;
    const { row } = detail;
    const at = new Date(this.#now).toISOString();
    const set = (change: Partial<Row>): void => void (detail.row = { ...row, ...change });
    switch (act.kind) {
      case 'set_state':
        if (row.state === act.state && row.until === act.until) return false;
        set({ state: act.state, reason: act.reason, until: act.until, unread: false });
        break;
      case 'set_read':
        set({ unread: !act.read, ...(act.read ? { changed_since: false } : {}) });
        if (act.read) detail.looked = at;
        return true;
      case 'add_tag':
        if (row.tags.includes(act.tag)) return false;
        set({ tags: [...row.tags, act.tag] });
        break;
      case 'remove_tag':
        if (!row.tags.includes(act.tag)) return false;
        set({ tags: row.tags.filter((tag) => tag !== act.tag) });
        break;
      case 'add_note':
        detail.notes = [...detail.notes, { id: this.#nextNote++, at, edited: null, text: act.text }];
        break;
      case 'feedback':
        if (row.feedback === act.relevant) return false;
        set({ feedback: act.relevant });
        detail.feedback = act.relevant;
        break;
      case 'edit_note':
        detail.notes = detail.notes.map((note) => (note.id === act.note ? { ...note, edited: at, text: act.text } : note));
        break;
      case 'remove_note':
        detail.notes = detail.notes.filter((note) => note.id !== act.note);
    }
    detail.tags = detail.row.tags;
    detail.triage = [entryOf(at, act, act.kind === 'set_state' ? row.state : null), ...detail.triage];
    return true;
  }

  stored(id: number): Stored {
    const stored = this.alerts.find(({ detail }) => detail.row.id === id);
    if (!stored) throw new CallError({ code: 'unknown_alert', params: {}, message: 'This alert is not stored.' });
    return stored;
  }

  #list(list: number) {
    const open = this.#lists.get(list);
    if (!open) throw new CallError({ code: 'list_closed', params: {}, message: 'This list is no longer open.' });
    return open;
  }

  /** Forgets every open list, as the backend does with old ones. */
  closeLists(): void {
    this.#lists.clear();
  }

  readonly #handlers: Omit<Handlers, keyof FakeKeeping['handlers'] | keyof FakeFeeds['handlers'] | keyof FakeWatching['handlers'] | keyof FakeAnalysis['handlers'] | keyof FakeChannels['handlers'] | keyof FakeDelivering['handlers']> = {
    status: () => this.#status(),
    open_url: () => ({}),
    list_open: ({ view, query, sort, anchor }) => {
      const fault = queryFault(query);
      if (fault) throw new CallError(fault);
      const found = this.#find(view, query);
      const words = wordsOf(query);
      const used: Sort = sort ?? (words.length > 0 ? 'text_match' : (this.settings.views.find(({ name }) => `view:${name}` === view)?.sort ?? 'newest'));
      const rows = sorted(found, used);
      const list = this.#nextList++;
      this.#lists.set(list, { rows, view, query, words });
      const at = anchor === undefined ? -1 : rows.findIndex(({ detail }) => (used === 'newest' || used === 'text_match' ? detail.row.id <= anchor : detail.row.id === anchor));
      return { list, count: rows.length, anchor_index: anchor === undefined ? null : at < 0 ? rows.length : at, sort: used, ranked: used === 'text_match' && rows.length > RANKED ? RANKED : null };
    },
    list_rows: ({ list, offset, limit }) => {
      const open = this.#list(list);
      return open.rows.slice(offset, offset + Math.min(limit, 500)).map((stored) => shown(stored, open.words));
    },
    list_fresh: ({ list }) => {
      const open = this.#list(list);
      const has = new Set(open.rows);
      return { count: this.#find(open.view, open.query).filter((stored) => !has.has(stored)).length };
    },
    query_complete: ({ text, cursor }) => complete(text, cursor, this.#tags(), (query) => this.#find('all', query).length),
    tags_list: () => this.#tags(),
    alert_get: ({ id }) => this.stored(id).detail,
    triage_act: ({ target, act }) => {
      const changes = this.aimed(target).map((stored) => ({ stored, before: stored.detail.row })).filter(({ stored }) => this.#apply(stored, act));
      if (changes.length === 0) return { undo: null, changed: 0 };
      this.tell({ kind: 'triage_changed' });
      if (act.kind === 'set_read') return { undo: null, changed: changes.length };
      const id = this.#acts.length + 1;
      this.#acts.push({ id, act, changes, undone: false });
      return { undo: id, changed: changes.length };
    },
    triage_undo: ({ id }) => {
      const done = id === undefined ? this.#acts.findLast((one) => !one.undone) : this.#acts.find((one) => one.id === id && !one.undone);
      if (!done) return { act: null, changed: 0, ids: [] };
      done.undone = true;
      for (const { stored, before } of done.changes) {
        const { detail } = stored;
        detail.row = { ...before, unread: detail.row.unread };
        detail.tags = before.tags;
        detail.feedback = before.feedback;
        if (done.act.kind === 'add_note') detail.notes = detail.notes.slice(0, -1);
        detail.triage = detail.triage.map((entry) => (entry.act === done.act ? { ...entry, undone: true } : entry));
      }
      this.tell({ kind: 'triage_changed' });
      return { act: done.act, changed: done.changes.length, ids: done.changes.slice(0, 500).map(({ stored }) => stored.detail.row.id) };
    },
    sources_list: () => this.sources.rows,
    source_runs: ({ source }) => this.sources.runs(source),
    collect_start: ({ source }) => (this.sources.start(source), {}),
    collect_cancel: ({ source }) => (this.sources.cancel(source), {}),
    settings_get: () => this.settings.read(),
    settings_edit: ({ edit }) => {
      if (this.settings.edit(edit)) this.judgeAgain();
      else this.tell({ kind: 'settings_changed' });
      return {};
    },
    secret_set: ({ name, channel, value }) => {
      this.settings.setSecret(name, value, channel ?? null);
      this.tell({ kind: 'settings_changed' });
      return {};
    },
  };
}
