// What an act of triage does to a row, before the backend has answered; and what acts can move out of a list.
import type { Act, Row } from '$lib/ipc/generated';
import { t } from '$lib/text';
import { untilTime } from '$lib/text/format';
import { staysIn } from './views';

export function applied(row: Row, act: Act): Partial<Row> {
  switch (act.kind) {
    case 'set_state':
      return { state: act.state, reason: act.reason, until: act.until, unread: false };
    case 'set_read':
      return act.read ? { unread: false, changed_since: false } : { unread: true };
    case 'add_tag':
      return row.tags.includes(act.tag) ? {} : { tags: [...row.tags, act.tag] };
    case 'remove_tag':
      return { tags: row.tags.filter((tag) => tag !== act.tag) };
    case 'feedback':
      return { feedback: act.relevant };
    case 'add_note':
    case 'edit_note':
    case 'remove_note':
      return {};
  }
}

/** Whether a list may hold other alerts after an act: its view says so, or what it was asked for does. */
export function mayLeave(view: string, queries: string, act: Act): boolean {
  switch (act.kind) {
    case 'set_state':
      return !staysIn(view, act.state) || /\bstate\b/i.test(queries);
    case 'add_tag':
    case 'remove_tag':
      return /\btag\b/i.test(queries);
    // A row that is read stays where it is until the list is opened again.
    default:
      return false;
  }
}

/** What was done, in a sentence for the snackbar. */
export function said(who: { label: string | null; count: number }, act: Act, now: number): string {
  const subject = who.label === null ? t.triage.many(who.count, act) : t.triage.one(who.label, act);
  return t.triage.did(subject, act, act.kind === 'set_state' && act.until !== null ? t.list.until(untilTime(act.until, now)) : '');
}
