// The fake backend's outbox, bell and backtest: messages in every state, the newest first.
import { CallError } from '../backend';
import type { Backtest, ChannelId, Commands, Delivery, DeliveryAttempt, DeliveryDetail, DeliveryForm, DeliveryRow, DeliveryState, Fault, Folder, Nothing, Ring, Rule } from '../generated';
import type { FakeBackend } from './backend';
import { NOW, type Stored } from './data';
import { rendered } from './messages';
import { finds, queryFault } from './search';

const iso = (ms: number): string => new Date(ms).toISOString();
const MINUTE = 60_000;
const DAY = 86_400_000;
const REFUSED: Fault = { code: 'smtp_auth_failed', params: { host: 'smtp.example.org' }, message: 'smtp.example.org refused the user name or password (535). Check them in Settings, Channels.' };
const BUSY: Fault = { code: 'slack_server_error', params: { status: '503' }, message: 'Slack answered with 503.' };
const LATE: Fault = { code: 'delivery_expired', params: {}, message: 'It waited for three days.' };
const LOST: Fault = { code: 'delivery_interrupted', params: {}, message: 'Tocsin ended before it heard the answer.' };
const FAULTS: Partial<Record<DeliveryState, Fault>> = { retrying: BUSY, failed: REFUSED, unknown: LOST, expired: LATE };

/** State, form and channel of the newest ones; those behind them were sent. */
const KINDS: [DeliveryState, DeliveryForm, ChannelId][] = [
  ['waiting', 'digest', 'soc-on-call'], ['waiting', 'alerts', 'slack'], ['retrying', 'alerts', 'slack'], ['sending', 'alerts', 'desktop'], ['failed', 'alerts', 'email'], ['unknown', 'alerts', 'email'],
  ['expired', 'alerts', 'slack'], ['sent', 'digest', 'email'], ['sent', 'quiet', 'soc-on-call'], ['sent', 'notice', 'desktop'], ['sent', 'self_test', 'email'], ['dropped', 'alerts', 'email'],
];
const OPEN: readonly DeliveryState[] = ['waiting', 'retrying', 'sending'];
const LOOSE: readonly DeliveryState[] = ['failed', 'unknown', 'expired'];

interface Held { row: DeliveryRow; stored: Stored[]; attempts: DeliveryAttempt[] }
type Names = 'deliveries_list' | 'deliveries_act' | `delivery_${'get' | 'resend' | 'drop'}` | `bell_${'get' | 'seen'}` | 'rule_backtest';
type Handlers = { [K in Names]: (request: Commands[K]['request']) => Commands[K]['response'] };

export class FakeDelivering {
  held: Held[] = [];
  #isSeen = false;

  constructor(private readonly backend: FakeBackend, count: number) {
    if (backend.alerts.length > 0) for (let i = 0; i < count; i += 1) this.held.push(this.#make(i, count - i));
  }

  get undelivered(): number {
    return this.held.filter(({ row }) => row.delivery.state === 'failed' || row.delivery.state === 'unknown').length;
  }

  #make(i: number, id: number): Held {
    const [state, form, channel] = KINDS[i] ?? ['sent', 'alerts', i % 2 === 0 ? 'email' : 'desktop'];
    const { alerts } = this.backend;
    const isOfAlerts = form !== 'notice' && form !== 'self_test';
    const stored = isOfAlerts ? Array.from({ length: form === 'alerts' ? 1 + (i % 3 === 1 ? 2 : 0) : 14 }, (_, n) => alerts[(i * 3 + n) % alerts.length] as Stored) : [];
    const at = NOW - (i + 1) * 11 * MINUTE;
    const fault = FAULTS[state] ?? null;
    const isOpen = OPEN.includes(state);
    const delivery: Delivery = {
      id, channel, form, state, created: iso(at), due: iso(form === 'digest' && isOpen ? NOW + 20_000_000 : at + 30_000), attempts: state === 'waiting' ? 0 : state === 'retrying' ? 2 : 1,
      next_attempt: state === 'retrying' ? iso(NOW + 4 * MINUTE) : null, finished: isOpen ? null : iso(at + 40_000), fault,
    };
    const attempts: DeliveryAttempt[] = Array.from({ length: delivery.attempts }, (_, n) => ({
      began: iso(at + 35_000 - n * MINUTE), ended: state === 'sending' || (state === 'unknown' && n === 0) ? null : iso(at + 40_000 - n * MINUTE), fault,
    }));
    const [first] = stored;
    const title = form === 'notice' ? 'Slack stopped: the app is not in #alerts' : form === 'self_test' ? 'Weekly test' : (first?.detail.row.title ?? 'An alert');
    return { row: { delivery, channel_name: this.#nameOf(channel), title, severity: first?.detail.row.severity ?? null, alerts: stored.length }, stored, attempts };
  }

  #nameOf(channel: ChannelId): string {
    return this.backend.channels.channels[channel]?.name ?? channel;
  }

  #isIn(folder: Folder, { state, form }: Delivery): boolean {
    switch (folder) {
      case 'all': return true;
      case 'outbox': return OPEN.includes(state);
      case 'delivered': return state === 'sent';
      case 'failed': return LOOSE.includes(state);
      case 'digests': return form === 'digest' || form === 'quiet';
    }
  }

  #one(id: number): Held {
    const held = this.held.find(({ row }) => row.delivery.id === id);
    if (!held) throw new CallError({ code: 'unknown_delivery', params: {}, message: 'This message is not stored.' });
    return held;
  }

  #set(id: number, from: readonly DeliveryState[], change: Partial<Delivery>): Nothing {
    const held = this.#one(id);
    if (!from.includes(held.row.delivery.state)) throw new CallError({ code: 'delivery_not_open', params: {}, message: 'This message is not open any more.' });
    held.row = { ...held.row, delivery: { ...held.row.delivery, ...change } };
    this.backend.tell({ kind: 'deliveries_changed' });
    return {};
  }

  #detail(id: number): DeliveryDetail {
    const { row, stored, attempts } = this.#one(id);
    const rows = stored.map(({ detail }) => detail.row);
    const kind = this.backend.channels.channels[row.delivery.channel]?.kind ?? 'desktop';
    const rules = row.delivery.form === 'digest' ? ['Night shift'] : ['Relevant: new, raised to High, exploited', 'High and exploited that match a watch'];
    return {
      row, attempts, is_final: row.delivery.attempts > 0,
      message: rows.length > 0 ? rendered(kind, rows, row.delivery.form === 'digest' || row.delivery.form === 'quiet') : row.delivery.form === 'notice' ? { kind: 'desktop', summary: row.title, body: 'Invite it there: /invite @Tocsin.', urgency: 'normal' } : null,
      subjects: rows.map((one) => ({ id: one.id, uid: one.uid, title: one.title, severity: one.severity, change: one.exploited ? 'exploited' : 'new', rules })),
    };
  }

  get #rings(): Ring[] {
    return this.backend.alerts.filter(({ detail }) => detail.row.is_relevant && detail.row.severity === 'high').slice(0, 50).map(({ detail: { row } }, i) => ({
      at: row.added, id: row.id, uid: row.uid, title: row.title, severity: row.severity, exploited: row.exploited, change: row.exploited ? 'exploited' : 'new', channels: i % 2 === 0 ? ['Desktop', 'Slack'] : ['Desktop'], is_unseen: i < 3 && !this.#isSeen,
    }));
  }

  /** What a rule would have sent: the query, the watches and the level are asked, changes are taken for new. */
  #backtest(one: Rule): Backtest {
    const fault = queryFault(one.query);
    if (fault) throw new CallError(fault);
    const levels = ['low', 'medium', 'high'];
    const asked = finds(one.query);
    const hits = this.backend.alerts.filter((stored) => {
      const { row } = stored.detail;
      if (Date.parse(row.added) < NOW - 30 * DAY || !asked(stored)) return false;
      if (one.watches.length > 0 && !(one.watches.includes('*') ? row.matched.length > 0 : row.matched.some((term) => one.watches.includes(term)))) return false;
      return one.min_severity === null || row.exploited || levels.indexOf(row.severity ?? '') >= levels.indexOf(one.min_severity);
    });
    const first = Math.floor(NOW / DAY) - 29;
    const per_day = Array.from({ length: 30 }, (_, i) => ({ day: iso((first + i) * DAY), alerts: hits.filter(({ detail }) => Math.floor(Date.parse(detail.row.added) / DAY) === first + i).length }));
    const channels = one.channels.flatMap((id) => (id === '*' ? Object.keys(this.backend.channels.channels).filter((other) => other !== 'desktop') : [id]));
    const isNow = one.when.kind === 'now';
    const capped = isNow && one.per_day > 0 ? per_day.reduce((sum, { alerts }) => sum + Math.max(0, alerts - one.per_day), 0) : 0;
    return {
      days: 30, alerts: hits.length, changes: hits.length, alone: Math.floor(hits.length / 3), per_day, since: iso(Math.max(NOW - 30 * DAY, Date.parse(this.backend.alerts.at(-1)?.detail.row.added ?? iso(NOW)))),
      channels: channels.map((id) => ({ name: this.#nameOf(id), messages: isNow ? hits.length - capped : 0, digests: isNow ? (capped > 0 ? 1 : 0) : per_day.filter(({ alerts }) => alerts > 0).length, capped, quiet: this.backend.channels.channels[id]?.quiet ? Math.floor(hits.length / 4) : 0 })),
      examples: hits.slice(0, 10).map(({ detail: { row } }) => ({ id: row.id, uid: row.uid, title: row.title, severity: row.severity, change: row.exploited ? 'exploited' : 'new', at: row.added })),
    };
  }

  readonly handlers: Handlers = {
    deliveries_list: ({ folder, channel, alert, before, limit }) => {
      const of = this.held.filter(({ row, stored }) => (channel == null || row.delivery.channel === channel) && (alert == null || stored.some(({ detail }) => detail.row.id === alert)));
      const found = of.filter(({ row }) => this.#isIn(folder, row.delivery) && (before == null || row.delivery.id < before));
      const count = (one: Folder): number => of.filter(({ row }) => this.#isIn(one, row.delivery)).length;
      return { rows: found.slice(0, Math.min(limit ?? 50, 200)).map(({ row }) => row), has_more: found.length > (limit ?? 50), counts: { outbox: count('outbox'), delivered: count('delivered'), failed: count('failed'), digests: count('digests') } };
    },
    delivery_get: ({ id }) => this.#detail(id),
    delivery_resend: ({ id }) => this.#set(id, LOOSE, { state: 'waiting', fault: null, finished: null, due: iso(NOW) }),
    delivery_drop: ({ id }) => this.#set(id, [...LOOSE, 'waiting', 'retrying'], { state: 'dropped', next_attempt: null, finished: iso(NOW) }),
    deliveries_act: ({ channel, resend }) => {
      for (const { row } of this.held.filter(({ row }) => LOOSE.includes(row.delivery.state) && (channel == null || row.delivery.channel === channel))) {
        this.#set(row.delivery.id, LOOSE, resend ? { state: 'waiting', fault: null, finished: null } : { state: 'dropped' });
      }
      return {};
    },
    bell_get: () => {
      const rings = this.#rings;
      return { unseen: rings.filter(({ is_unseen }) => is_unseen).length, rings };
    },
    bell_seen: () => ((this.#isSeen = true), {}),
    rule_backtest: ({ rule }) => this.#backtest(rule),
  };
}
