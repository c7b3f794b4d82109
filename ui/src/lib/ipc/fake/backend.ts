// The whole backend in memory, as the contract describes it: for component tests and for working on the
// interface without Rust. It keeps rules, not speed. Faults can be planted by command.
import { CallError, type Backend, type Command, type Request, type Response } from '../backend';
import type { Commands, Delivery, DeliveryRow, Event, Fault, Nothing, Row, State, Status, View, Watch } from '../generated';
import { findWatch, makeAlert, NOW, randomFrom, type Stored } from './data';
import { FakeSettings } from './settings';
import { FakeSources } from './sources';

export interface FakeOptions {
  alerts?: number;
  watches?: Watch[];
  isBroken?: boolean;
}

type Handlers = { [K in Command]: (request: Commands[K]['request']) => Commands[K]['response'] };
interface Act { id: number; changes: { stored: Stored; before: State }[]; state: State; undone: boolean }

const VIEWS: View[] = ['new', 'all', 'high', 'exploited', 'unscored', 'watching', 'in_progress', 'closed'];
export const WATCHES: Watch[] = [
  { term: 'nginx', aliases: [], exceptions: [] },
  { term: 'apache http server', aliases: ['httpd'], exceptions: ['apache license'] },
  { term: 'openssl', aliases: [], exceptions: [] },
  { term: 'ransomware', aliases: [], exceptions: [] },
  { term: 'kubernetes', aliases: ['k8s'], exceptions: [] },
];

export class FakeBackend implements Backend {
  readonly alerts: Stored[] = [];
  readonly settings: FakeSettings;
  readonly sources: FakeSources;
  /** The next call of a command fails with this. */
  readonly failNext = new Map<Command, Fault>();
  readonly calls: { name: Command; request: unknown }[] = [];
  readonly opened: string[] = [];
  deliveries: DeliveryRow[] = [];
  #now = NOW;
  #lists = new Map<number, { rows: Stored[]; view: View; query: string }>();
  #nextList = 1;
  #acts: Act[] = [];
  #listeners = new Set<(event: Event) => void>();
  #random = randomFrom(7);
  #made = 0;

  constructor(options: FakeOptions = {}) {
    this.settings = new FakeSettings(options.watches ?? WATCHES, options.isBroken ?? false);
    this.sources = new FakeSources(this);
    const count = options.alerts ?? 5000;
    for (let n = 0, at = NOW - 12 * 60_000; n < count; n += 1, at -= 60_000 * (2 + Math.floor(this.#random() * 40))) {
      this.alerts.push(makeAlert(n, at, this.#random, this.settings.watchList));
    }
    this.#made = count;
    if (count > 0) this.deliveries = deliveriesOf(this.alerts);
  }

  call<K extends Command>(name: K, request: Request<K>): Promise<Response<K>> {
    this.calls.push({ name, request });
    const fault = this.failNext.get(name);
    if (fault) {
      this.failNext.delete(name);
      return Promise.reject(new CallError(fault));
    }
    try {
      // What crosses a border is a copy.
      return Promise.resolve(structuredClone((this.#handlers[name] as (r: Request<K>) => Response<K>)(request)));
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
      const stored = makeAlert(this.#made, this.#now - (count - i) * 1000, this.#random, this.settings.watchList);
      stored.isFirst = false;
      stored.detail.row = { ...stored.detail.row, state: 'new', unread: true, uid: `CVE-2026-${30_000 + this.#made}` };
      this.#made += 1;
      this.alerts.unshift(stored);
    }
    this.tell({ kind: 'alerts_changed', added: count });
  }

  /** What a watch matches among everything. */
  matches(watch: Watch): Row[] {
    return this.alerts.filter(({ detail }) => findWatch(watch, detail).length > 0).map(({ detail }) => detail.row);
  }

  judgeAgain(): void {
    for (const { detail } of this.alerts) {
      const matches = this.settings.watchList.flatMap((watch) => findWatch(watch, detail));
      detail.finding.relevance = { is_relevant: matches.length > 0, reason: matches.length > 0 ? 'watch' : 'no_watch', matches };
      detail.row.matched = [...new Set(matches.map((match) => match.watch))];
      detail.row.is_relevant = matches.length > 0;
    }
    this.tell({ kind: 'settings_changed' });
    this.tell({ kind: 'alerts_changed', added: 0 });
  }

  #status(): Status {
    const last = this.#acts.findLast((act) => !act.undone);
    return {
      version: '0.1.0', now: new Date(this.#now).toISOString(), host: 'browser', total: this.alerts.length,
      views: VIEWS.map((view) => {
        const rows = this.alerts.filter(({ detail }) => this.#isIn(view, detail.row));
        return { view, count: rows.length, unread: rows.filter(({ detail }) => detail.row.unread).length };
      }),
      has_watches: this.settings.watchList.length > 0,
      collecting: this.sources.rows.filter((row) => row.running).map((row) => row.id),
      last_collected: this.alerts.length > 0 ? new Date(this.#now - 4 * 60_000).toISOString() : null,
      failing: this.sources.rows.filter((row) => row.health.fault).map((row) => row.id),
      undelivered: this.deliveries.filter(({ delivery }) => delivery.state === 'failed' || delivery.state === 'unknown').length,
      undo: last ? { id: last.id, state: last.state, alerts: last.changes.length, label: last.changes[0]?.stored.detail.row.uid ?? '' } : null,
      notices: this.settings.faults,
    };
  }

  #isIn(view: View, row: Row): boolean {
    const isClosed = row.state === 'done' || row.state === 'not_applicable';
    const matters = row.is_relevant || this.settings.watchList.length === 0;
    switch (view) {
      case 'new': return row.state === 'new' && row.is_relevant;
      case 'all': return true;
      case 'high': return !isClosed && matters && row.severity === 'high';
      case 'exploited': return !isClosed && matters && row.exploited;
      case 'unscored': return !isClosed && matters && row.kind === 'vulnerability' && row.score === null;
      case 'watching': return !isClosed && row.matched.length > 0;
      case 'in_progress': return row.state === 'reviewing' || row.state === 'action_needed';
      case 'closed': return isClosed;
    }
  }

  #find(view: View, query: string): Stored[] {
    const words = query.toLowerCase().split(/\s+/).filter((word) => word !== '');
    return this.alerts.filter(({ detail }) => {
      if (!this.#isIn(view, detail.row)) return false;
      const text = `${detail.row.uid} ${detail.row.title} ${detail.text}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  #stored(id: number): Stored {
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

  readonly #handlers: Handlers = {
    status: () => this.#status(),
    open_url: () => ({}),
    list_open: ({ view, query, anchor }) => {
      const rows = this.#find(view, query);
      const list = this.#nextList++;
      this.#lists.set(list, { rows, view, query });
      const at = anchor === undefined ? -1 : rows.findIndex(({ detail }) => detail.row.id <= anchor);
      return { list, count: rows.length, anchor_index: anchor === undefined ? null : at < 0 ? rows.length : at };
    },
    list_rows: ({ list, offset, limit }) => this.#list(list).rows.slice(offset, offset + Math.min(limit, 500)).map(({ detail }) => detail.row),
    list_fresh: ({ list }) => {
      const open = this.#list(list);
      const has = new Set(open.rows);
      return { count: this.#find(open.view, open.query).filter((stored) => !has.has(stored)).length };
    },
    alert_get: ({ id }) => this.#stored(id).detail,
    alert_set_state: ({ ids, state }) => {
      const changes = ids.map((id) => this.#stored(id)).filter(({ detail }) => detail.row.state !== state).map((stored) => ({ stored, before: stored.detail.row.state }));
      for (const { stored, before } of changes) {
        stored.detail.row = { ...stored.detail.row, state, unread: false };
        stored.detail.triage.unshift({ at: new Date(this.#now).toISOString(), before, after: state, undone: false });
      }
      if (changes.length === 0) return { undo: null, changed: 0 };
      const id = this.#acts.length + 1;
      this.#acts.push({ id, changes, state, undone: false });
      this.tell({ kind: 'triage_changed' });
      return { undo: id, changed: changes.length };
    },
    alert_set_read: ({ ids, read }) => {
      for (const stored of ids.map((id) => this.#stored(id))) stored.detail.row = { ...stored.detail.row, unread: !read };
      this.tell({ kind: 'triage_changed' });
      return {};
    },
    triage_undo: ({ id }) => {
      const act = id === undefined ? this.#acts.findLast((one) => !one.undone) : this.#acts.find((one) => one.id === id && !one.undone);
      if (!act) return { ids: [], state: null };
      act.undone = true;
      for (const { stored, before } of act.changes) {
        stored.detail.row = { ...stored.detail.row, state: before };
        const entry = stored.detail.triage[0];
        if (entry) entry.undone = true;
      }
      this.tell({ kind: 'triage_changed' });
      return { ids: act.changes.map(({ stored }) => stored.detail.row.id), state: act.state };
    },
    sources_list: () => this.sources.rows,
    source_runs: ({ source }) => this.sources.runs(source),
    collect_start: ({ source }) => (this.sources.start(source), {}),
    collect_cancel: ({ source }) => (this.sources.cancel(source), {}),
    settings_get: () => this.settings.read(),
    settings_edit: ({ edit }) => {
      if (this.settings.edit(edit)) this.judgeAgain();
      else this.tell({ kind: 'settings_changed' });
      if (edit.kind === 'set_source') this.sources.apply(edit.id, edit.fields);
      return {};
    },
    secret_set: ({ name, value }) => (this.settings.setSecret(name, value), {}),
    channel_test: ({ channel }) => this.settings.test(channel),
    watches_list: () => this.settings.watches.map(({ from_environment, ...watch }) => ({ watch, from_environment, alerts: this.matches(watch).length })),
    watch_preview: ({ watch }) => {
      const rows = this.matches(watch);
      return { alerts: rows.length, more: false, examples: rows.slice(0, 5) };
    },
    deliveries_list: () => this.deliveries,
    delivery_resend: ({ id }) => this.#setDelivery(id, { state: 'waiting', fault: null, finished: null }),
    delivery_drop: ({ id }) => this.#setDelivery(id, { state: 'dropped' }),
  };

  #setDelivery(id: number, change: Partial<Delivery>): Nothing {
    this.deliveries = this.deliveries.map((row) => (row.delivery.id === id ? { ...row, delivery: { ...row.delivery, ...change } } : row));
    this.tell({ kind: 'deliveries_changed' });
    return {};
  }
}

function deliveriesOf(alerts: readonly Stored[]): DeliveryRow[] {
  const refused: Fault = { code: 'smtp_auth_failed', params: { host: 'smtp.example.org' }, message: 'smtp.example.org refused the user name or password (535). Check them in Settings, Channels.' };
  const states: Delivery['state'][] = ['waiting', 'failed', 'unknown', 'sent', 'sent', 'sent'];
  return states.map((state, i) => ({
    delivery: {
      id: i + 1, channel: i % 3 === 2 ? 'desktop' : 'email', state, created: new Date(NOW - (i + 1) * 1_900_000).toISOString(), attempts: i === 0 ? 2 : 1,
      next_attempt: state === 'waiting' ? new Date(NOW + 240_000).toISOString() : null, finished: state === 'waiting' ? null : new Date(NOW - (i + 1) * 1_800_000).toISOString(),
      fault: state === 'failed' || state === 'waiting' ? refused : null,
    },
    title: alerts[i]?.detail.row.title ?? 'An alert', alerts: i === 3 ? 14 : 1,
  }));
}
