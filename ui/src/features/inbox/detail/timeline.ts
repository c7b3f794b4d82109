// What happened to an alert, merged: changes at its source, triage here, messages on their way. Newest first.
import type { Change, ChannelId, Delivery, Detail, Fault, Product, Rating, TriageEntry, Wording } from '$lib/ipc/generated';
import { t } from '$lib/text';
import { score, untilTime } from '$lib/text/format';

export interface Entry {
  at: string;
  what: string;
  /** Said besides, in small: a reason, a fault. */
  more: string;
  isUndone: boolean;
  /** Came after the user last looked. */
  isNew: boolean;
  fault: Fault | null;
  products: { added: readonly Product[]; removed: readonly Product[] } | null;
  wording: { before: Wording; after: Wording } | null;
}

export function timeline(detail: Detail, now: number, nameOf: (channel: ChannelId) => string): Entry[] {
  const { looked, row } = detail;
  const entries = [
    ...detail.changes.map((change) => ({ ...changed(change), isNew: looked !== null && Date.parse(change.at) > Date.parse(looked) })),
    ...detail.triage.filter((entry) => entry.act.kind !== 'set_read').map((entry) => triaged(entry, now)),
    ...detail.deliveries.map((delivery) => ({
      ...plain(delivery.finished ?? delivery.created, t.detail.delivery(nameOf(delivery.channel), delivery.state, delivery.form), isOpen(delivery) ? t.detail.deliveryDue(untilTime(delivery.next_attempt ?? delivery.due, now)) : ''),
      fault: delivery.state === 'sent' ? null : delivery.fault,
    })),
  ];
  // Where a source states no date, publication is only another word for first seen.
  if (row.published < row.added) entries.push(plain(row.published, t.detail.publishedAt));
  if (detail.updated && detail.updated !== row.published) entries.push(plain(detail.updated, t.detail.updatedAt));
  if (!detail.changes.some((change) => change.kind === 'new')) entries.push(plain(row.added, t.detail.firstSeen));
  return entries.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** Whether it is still to go out. */
const isOpen = ({ state }: Delivery): boolean => state === 'waiting' || state === 'retrying';

const plain = (at: string, what: string, more = ''): Entry => ({ at, what, more, isUndone: false, isNew: false, fault: null, products: null, wording: null });

function changed(change: Change): Entry {
  const words = t.detail.happened;
  const { at } = change;
  switch (change.kind) {
    case 'new':
      return plain(at, words.new);
    case 'scored':
      return plain(at, words.scored(rating(change.before), rating(change.after)));
    case 'severity_raised':
      return plain(at, words.raised(change.before, change.after));
    case 'severity_lowered':
      return plain(at, words.lowered(change.before, change.after));
    case 'exploited':
      return plain(at, change.after === null ? words.noLongerExploited : words[change.after]);
    case 'epss_jump':
      return plain(at, words.epss(change.before, change.after));
    case 'products_changed':
      return { ...plain(at, words.products(change.added.length, change.removed.length)), products: change };
    case 'text_changed': {
      const title = change.after.title !== null || change.before.title !== null;
      const text = change.after.text !== null || change.before.text !== null;
      return { ...plain(at, title && text ? words.bothChanged : title ? words.titleChanged : words.textChanged), wording: change };
    }
    case 'rejected':
      return plain(at, words.rejected(change.closed ?? null), change.reason ?? '');
    case 'reopened':
      return plain(at, words.reopened(change.before));
  }
}

const rating = (one: Rating | null): string | null => (one === null ? null : `${score(one.score)} (CVSS v${one.version})`);

function triaged({ at, act, before, undone, alerts }: TriageEntry, now: number): Entry {
  const until = act.kind === 'set_state' && act.until !== null ? t.list.until(untilTime(act.until, now)) : '';
  const more = [
    act.kind === 'set_state' ? (act.reason ?? '') : act.kind === 'add_note' || act.kind === 'edit_note' ? shortly(act.text) : '',
    alerts > 1 ? t.detail.among(alerts) : '',
  ];
  return { ...plain(at, t.detail.triaged(before, act, until), more.filter(Boolean).join(', ')), isUndone: undone };
}

function shortly(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 60 ? `${line.slice(0, line.lastIndexOf(' ', 60) > 20 ? line.lastIndexOf(' ', 60) : 60)}…` : line;
}
