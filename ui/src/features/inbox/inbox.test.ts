import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallError } from '$lib/ipc/backend';
import { FakeBackend, type FakeOptions } from '$lib/ipc/fake/backend';
import type { Fault, ViewRow } from '$lib/ipc/generated';
import { Snackbar } from '$lib/ui/snackbar.svelte';
import { Inbox } from './inbox.svelte';
import { Pages, pagesOf } from './pages';
import { staysIn } from './views';

const BUILT_IN = ['new', 'all', 'high', 'exploited', 'unscored', 'watching', 'in_progress', 'snoozed', 'closed'];

const fault: Fault = { code: 'store_busy', params: {}, message: 'The database is busy.' };

function setUp(options: FakeOptions & { isWide?: boolean; isFirst?: boolean } = {}) {
  const backend = new FakeBackend({ alerts: 1200, ...options });
  const snackbar = new Snackbar();
  let views: readonly ViewRow[] = [];
  void backend.call('status', {}).then((status) => (views = status.views));
  const inbox = new Inbox({
    views: () => views, backend, snackbar, changed: () => {}, isWide: () => options.isWide ?? true, isFirstCollection: () => options.isFirst ?? false,
  });
  backend.on(() => inbox.heard());
  return { backend, snackbar, inbox };
}

/** Lets everything that is under way come to its end. */
const settle = (ms = 500): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const calls = (backend: FakeBackend, name: string): number => backend.calls.filter((call) => call.name === name).length;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a list', () => {
  it('is_a_count_and_pages_that_are_fetched_as_they_come_into_sight', async () => {
    const { backend, inbox } = setUp();
    await inbox.show('all');
    expect(inbox.count).toBe(1200);
    expect(inbox.rowAt(0)?.uid).toBe('CVE-2026-29999');
    expect(inbox.rowAt(700)).toBeUndefined();
    inbox.inSight(690, 30);
    await settle();
    expect(inbox.rowAt(700)).toBeDefined();
    expect(inbox.rowAt(400)).toBeUndefined();
    const before = calls(backend, 'list_rows');
    inbox.inSight(695, 30);
    await settle();
    expect(calls(backend, 'list_rows')).toBe(before);
  });

  it('keeps_the_old_rows_until_the_new_ones_are_there', async () => {
    const { inbox } = setUp();
    await inbox.show('all');
    const first = inbox.rowAt(0)?.uid;
    inbox.setQuery('openssl');
    await settle(50);
    expect(inbox.rowAt(0)?.uid).toBe(first);
    expect(inbox.shownQuery).toBe('');
    await settle();
    expect(inbox.shownQuery).toBe('openssl');
    expect(inbox.count).toBeLessThan(1200);
  });

  it('asks_once_for_a_search_that_is_typed_quickly', async () => {
    const { backend, inbox } = setUp();
    await inbox.show('all');
    for (const text of ['o', 'op', 'ope', 'open']) {
      inbox.setQuery(text);
      await settle(40);
    }
    await settle();
    expect(calls(backend, 'list_open')).toBe(2);
  });

  it('opens_anew_at_the_same_alert_when_the_backend_closed_it', async () => {
    const { backend, inbox } = setUp();
    await inbox.show('all');
    inbox.inSight(140, 20);
    await settle();
    inbox.select(150);
    const id = inbox.selectedId;
    backend.closeLists();
    inbox.inSight(900, 20);
    await settle();
    expect(inbox.fault).toBeNull();
    expect(inbox.selectedId).toBe(id);
    expect(inbox.rowAt(inbox.selected)?.id).toBe(id);
  });

  it('opens_anew_where_it_was_scrolled_to_when_nothing_is_selected', async () => {
    const { backend, inbox } = setUp({ isWide: false });
    await inbox.show('all');
    inbox.inSight(500, 30);
    await settle();
    const uid = inbox.rowAt(500)?.uid;
    backend.collectNew(4);
    backend.closeLists();
    inbox.inSight(900, 30);
    inbox.inSight(500, 30);
    await settle();
    expect(inbox.place).toEqual({ kind: 'keep', from: 500, countBefore: 1200, to: 504 });
    expect(inbox.rowAt(504)?.uid).toBe(uid);
    expect(inbox.selected).toBe(-1);
  });

  it('says_why_it_cannot_be_read_and_keeps_its_rows', async () => {
    const { backend, inbox } = setUp();
    await inbox.show('all');
    backend.failNext.set('list_open', fault);
    await inbox.show('high');
    expect(inbox.fault).toEqual(fault);
    expect(inbox.rowAt(0)).toBeDefined();
    await inbox.retry();
    expect(inbox.fault).toBeNull();
  });
});

describe('collecting', () => {
  it('never_moves_the_rows_and_offers_what_is_new', async () => {
    const { backend, inbox } = setUp();
    await inbox.show('all');
    inbox.select(3);
    const uid = inbox.rowAt(3)?.uid;
    backend.collectNew(14);
    await settle();
    expect(inbox.fresh).toBe(14);
    expect(inbox.count).toBe(1200);
    expect(inbox.rowAt(3)?.uid).toBe(uid);
    await inbox.toTop();
    expect(inbox.fresh).toBe(0);
    expect(inbox.count).toBe(1214);
    expect(inbox.place).toEqual({ kind: 'top' });
  });

  it('fills_an_empty_list_by_itself', async () => {
    const { backend, inbox } = setUp({ alerts: 0 });
    await inbox.show('all');
    expect(inbox.count).toBe(0);
    backend.collectNew(5);
    await settle();
    expect(inbox.count).toBe(5);
  });

  it('fills_a_list_that_nobody_touched_during_the_first_collection', async () => {
    const { backend, inbox } = setUp({ alerts: 3, isFirst: true });
    await inbox.show('all');
    backend.collectNew(5);
    await settle();
    expect(inbox.count).toBe(8);
    inbox.select(2);
    backend.collectNew(5);
    await settle();
    expect(inbox.count).toBe(8);
    expect(inbox.fresh).toBe(5);
  });
});

describe('triage', () => {
  it('takes_a_closed_row_out_of_new_and_selects_the_next_one_where_it_was', async () => {
    const { inbox, snackbar } = setUp();
    await inbox.show('new');
    inbox.select(4);
    const [closed, next, count] = [inbox.rowAt(4), inbox.rowAt(5), inbox.count];
    const done = inbox.setState('done');
    expect(inbox.rowAt(4)?.state).toBe('done');
    expect(inbox.selectedId).toBe(next?.id);
    await done;
    expect(inbox.count).toBe(count - 1);
    expect(inbox.rowAt(4)?.id).toBe(next?.id);
    expect(inbox.selected).toBe(4);
    expect(inbox.place).toEqual({ kind: 'keep', from: 5, countBefore: count, to: 4 });
    expect(snackbar.current?.text).toBe(`${closed?.uid} is Done`);
  });

  it('keeps_the_row_in_all_and_moves_on', async () => {
    const { inbox } = setUp();
    await inbox.show('all');
    inbox.select(2);
    await inbox.setState('not_applicable');
    expect(inbox.rowAt(2)?.state).toBe('not_applicable');
    expect(inbox.selected).toBe(3);
    expect(inbox.count).toBe(1200);
  });

  it('goes_up_from_the_last_row', async () => {
    const { inbox } = setUp({ alerts: 40 });
    await inbox.show('new');
    inbox.select(inbox.count - 1);
    const before = inbox.rowAt(inbox.count - 2);
    await inbox.setState('done');
    expect(inbox.selectedId).toBe(before?.id);
    expect(inbox.selected).toBe(inbox.count - 1);
  });

  it('empties_a_list_of_one', async () => {
    const { inbox } = setUp();
    await inbox.show('new', 'CVE-2026-29999');
    expect(inbox.count).toBe(1);
    await inbox.setState('done');
    expect(inbox.count).toBe(0);
    expect(inbox.selected).toBe(-1);
    expect(inbox.detail).toBeNull();
  });

  it('puts_a_row_back_and_says_why_when_it_fails', async () => {
    const { backend, inbox, snackbar } = setUp();
    await inbox.show('new');
    inbox.select(1);
    const row = inbox.rowAt(1);
    backend.failNext.set('triage_act', fault);
    await inbox.setState('done');
    expect(inbox.rowAt(1)?.state).toBe('new');
    expect(inbox.selectedId).toBe(row?.id);
    expect(snackbar.current?.tone).toBe('fault');
    expect(snackbar.current?.text).toContain('The database is busy.');
  });

  it('survives_many_acts_at_once', async () => {
    const { inbox } = setUp();
    await inbox.show('new');
    inbox.select(0);
    const count = inbox.count;
    const survivor = inbox.rowAt(5)?.id;
    await Promise.all(Array.from({ length: 5 }, () => inbox.setState('done')));
    await settle();
    expect(inbox.count).toBe(count - 5);
    expect(inbox.selectedId).toBe(survivor);
    expect(inbox.selected).toBe(0);
  });

  it('is_undone_by_the_snackbar_and_selects_the_row_again', async () => {
    const { inbox, snackbar } = setUp();
    await inbox.show('new');
    inbox.select(2);
    const [row, count] = [inbox.rowAt(2), inbox.count];
    await inbox.setState('done');
    snackbar.act();
    await settle();
    expect(inbox.count).toBe(count);
    expect(inbox.selectedId).toBe(row?.id);
    expect(inbox.rowAt(2)?.state).toBe('new');
    expect(snackbar.current?.text).toBe(`${row?.uid} is New again`);
  });

  it('undoes_the_last_act_that_is_stored_and_says_when_there_is_none', async () => {
    const { inbox, snackbar } = setUp();
    await inbox.show('new');
    await inbox.setState('done');
    await inbox.undo();
    expect(snackbar.current?.text).toMatch(/is New again$/);
    await inbox.undo();
    expect(snackbar.current?.text).toBe('Nothing to undo');
  });
});

describe('an alert', () => {
  it('is_read_once_it_was_looked_at_for_a_moment_and_at_once_when_it_is_opened', async () => {
    const { backend, inbox } = setUp();
    await inbox.show('new');
    await settle(2000);
    expect(calls(backend, 'triage_act')).toBe(0);
    inbox.select(0);
    await settle(500);
    expect(inbox.rowAt(0)?.unread).toBe(true);
    await settle(400);
    expect(inbox.rowAt(0)?.unread).toBe(false);
    const unread = Array.from({ length: 50 }, (_, i) => i).find((i) => inbox.rowAt(i)?.unread) ?? -1;
    inbox.open(unread);
    await settle(1);
    expect(inbox.rowAt(unread)?.unread).toBe(false);
  });

  it('is_noted_as_looked_at_once_though_it_is_not_unread', async () => {
    const { backend, inbox } = setUp();
    await inbox.show('all');
    const stored = backend.alerts.find(({ detail }, i) => i > 20 && i < 90 && !detail.row.unread && !detail.row.changed_since && detail.looked === null);
    const at = Array.from({ length: 90 }, (_, i) => i).find((i) => inbox.rowAt(i)?.id === stored?.detail.row.id) ?? -1;
    inbox.open(at);
    await settle(2000);
    expect(backend.calls.filter(({ name }) => name === 'triage_act').map(({ request }) => request)).toEqual([
      { target: { kind: 'ids', ids: [stored?.detail.row.id] }, act: { kind: 'set_read', read: true } },
    ]);
    expect(stored?.detail.looked).not.toBeNull();
    inbox.open(at);
    await settle(2000);
    inbox.select(at + 1);
    await settle(200);
    inbox.open(at);
    await settle(2000);
    expect(calls(backend, 'triage_act')).toBe(1);
  });

  it('is_marked_unread_again_and_put_back_when_that_fails', async () => {
    const { backend, inbox, snackbar } = setUp();
    await inbox.show('all');
    inbox.select(80);
    await inbox.toggleRead();
    expect(inbox.rowAt(80)?.unread).toBe(true);
    backend.failNext.set('triage_act', fault);
    await inbox.toggleRead();
    expect(inbox.rowAt(80)?.unread).toBe(true);
    expect(snackbar.current?.tone).toBe('fault');
  });

  it('is_shown_in_all_when_it_is_not_in_the_list', async () => {
    const { backend, inbox } = setUp({ isWide: false });
    await inbox.show('closed');
    const wanted = backend.alerts[0]?.detail.row.id ?? 0;
    await inbox.reveal(wanted);
    expect(inbox.view).toBe('all');
    expect(inbox.selectedId).toBe(wanted);
    expect(inbox.detailOpen).toBe(true);
  });

  it('that_cannot_be_read_says_why', async () => {
    const { backend, inbox } = setUp();
    await inbox.show('all');
    await settle();
    backend.failNext.set('alert_get', fault);
    inbox.select(5);
    await settle();
    flushSync();
    expect(inbox.detailFault).toEqual(fault);
    inbox.reloadDetail();
    await settle();
    expect(inbox.detailFault).toBeNull();
    expect(inbox.detail?.row.id).toBe(inbox.selectedId);
  });

  it('shows_only_the_detail_of_the_alert_that_is_selected_when_moving_quickly', async () => {
    const { inbox } = setUp();
    await inbox.show('all');
    for (let i = 0; i < 20; i += 1) inbox.move(1);
    await settle();
    expect(inbox.selected).toBe(20);
    expect(inbox.detail?.row.id).toBe(inbox.rowAt(20)?.id);
  });
});

describe('pages', () => {
  it('make_room_for_new_ones_by_giving_up_the_least_recently_used', () => {
    const pages = new Pages();
    for (let page = 0; page < 24; page += 1) pages.put(page, []);
    pages.touch([0]);
    pages.put(24, []);
    expect(pages.has(0)).toBe(true);
    expect(pages.has(1)).toBe(false);
    expect(pages.has(24)).toBe(true);
  });

  it('hold_a_range_of_rows', () => {
    expect(pagesOf(95, 10)).toEqual([0, 1]);
    expect(pagesOf(100, 100)).toEqual([1]);
    expect(pagesOf(0, 0)).toEqual([]);
  });
});

describe('views', () => {
  it('hold_the_states_that_their_names_say', () => {
    expect(BUILT_IN.filter((view) => staysIn(view, 'new'))).toEqual(['new', 'all', 'high', 'exploited', 'unscored', 'watching']);
    expect(BUILT_IN.filter((view) => staysIn(view, 'reviewing'))).toEqual(['all', 'high', 'exploited', 'unscored', 'watching', 'in_progress']);
    expect(BUILT_IN.filter((view) => staysIn(view, 'done'))).toEqual(['all', 'closed']);
    expect(BUILT_IN.filter((view) => staysIn(view, 'accepted_risk'))).toEqual(['all', 'closed']);
    expect(BUILT_IN.filter((view) => staysIn(view, 'snoozed'))).toEqual(['all', 'snoozed']);
    expect(staysIn('view:Mine', 'done')).toBe(true);
  });
});

describe('a refused call', () => {
  it('carries_its_fault', async () => {
    const { backend } = setUp({ alerts: 0 });
    await expect(backend.call('alert_get', { id: 1 })).rejects.toBeInstanceOf(CallError);
  });
});
