import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBackend } from '$lib/ipc/fake/backend';
import type { Fault, ViewRow } from '$lib/ipc/generated';
import { Snackbar } from '$lib/ui/snackbar.svelte';
import { fitting, switched } from './columns';
import { Inbox } from './inbox.svelte';
import { SavedViews } from './saved.svelte';
import { MOST_IDS, Selection } from './selection.svelte';
import { applied, mayLeave, said } from './triage';
import { asShown, COLUMNS, joinQueries } from './views';

const fault: Fault = { code: 'store_busy', params: {}, message: 'The database is busy.' };

async function setUp(alerts = 1200) {
  const backend = new FakeBackend({ alerts });
  const snackbar = new Snackbar();
  let views: readonly ViewRow[] = [];
  const refresh = async (): Promise<void> => void (views = (await backend.call('status', {})).views);
  const inbox = new Inbox({ backend, snackbar, changed: () => void refresh(), isWide: () => true, isFirstCollection: () => false, views: () => views });
  backend.on(() => inbox.heard());
  await refresh();
  const saved = new SavedViews(backend, snackbar, inbox, () => views, refresh);
  await inbox.show('all');
  return { backend, snackbar, inbox, saved };
}

const settle = (ms = 500): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const lastAct = (backend: FakeBackend) => backend.calls.findLast((call) => call.name === 'triage_act')?.request as { target: unknown; act: unknown };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a selection', () => {
  it('holds_ids_or_a_whole_list_but_some', () => {
    const selection = new Selection();
    selection.toggle(1);
    selection.add([2, 3]);
    selection.toggle(2);
    expect(selection.target()).toEqual({ kind: 'ids', ids: [1, 3] });
    selection.all(7, 300_000);
    expect(selection.target()).toEqual({ kind: 'list', list: 7, except: [] });
    selection.toggle(9);
    expect(selection.has(9)).toBe(false);
    expect(selection.has(10)).toBe(true);
    expect(selection.count).toBe(299_999);
    selection.toggle(9);
    expect(selection.count).toBe(300_000);
    selection.listChanged();
    expect(selection.target()).toBeNull();
  });

  it('says_when_there_is_no_room_for_more_ids', () => {
    const selection = new Selection();
    expect(selection.add(Array.from({ length: MOST_IDS }, (_, i) => i))).toBe(true);
    expect(selection.add([MOST_IDS + 1])).toBe(false);
  });

  it('grows_and_shrinks_along_the_list', async () => {
    const { inbox } = await setUp();
    inbox.select(3);
    inbox.extend(1);
    inbox.extend(1);
    expect(inbox.selection.count).toBe(3);
    inbox.extend(-1);
    expect(inbox.selection.count).toBe(2);
    inbox.toggleSelected();
    expect(inbox.selection.count).toBe(1);
  });

  it('reaches_over_rows_that_are_not_at_hand', async () => {
    const { inbox } = await setUp();
    inbox.select(10);
    await inbox.selectTo(909);
    expect(inbox.selection.count).toBe(900);
    expect(inbox.selected).toBe(909);
  });

  it('ends_with_another_search_or_view', async () => {
    const { inbox } = await setUp();
    inbox.selectAll();
    inbox.setQuery('openssl');
    await settle();
    expect(inbox.selection.isEmpty).toBe(true);
    inbox.selectAll();
    await inbox.show('high');
    expect(inbox.selection.isEmpty).toBe(true);
  });
});

describe('an act for many', () => {
  it('goes_out_as_the_list_without_ids_and_has_one_undo', async () => {
    const { backend, inbox, snackbar } = await setUp();
    inbox.select(0);
    const kept = inbox.rowAt(2);
    inbox.selectAll();
    inbox.selection.toggle(kept?.id ?? 0);
    const list = inbox.list?.id;
    await inbox.setState('accepted_risk');
    await settle();
    expect(lastAct(backend).target).toEqual({ kind: 'list', list, except: [kept?.id] });
    expect(inbox.rowAt(0)?.state).toBe('accepted_risk');
    expect(inbox.rowAt(2)?.state).toBe(kept?.state);
    expect(inbox.selection.isEmpty).toBe(true);
    expect(snackbar.current?.text).toMatch(/^1,\d{3} alerts: Accepted risk$/);
    await inbox.undo();
    await settle();
    expect(snackbar.current?.text).toMatch(/^Undone for 1,\d{3} alerts$/);
    expect(backend.alerts.filter(({ detail }) => detail.row.state === 'accepted_risk').length).toBeLessThan(60);
  });

  it('is_put_back_for_every_row_when_it_fails_and_stays_selected', async () => {
    const { backend, inbox, snackbar } = await setUp();
    const before = [0, 1, 2].map((i) => inbox.rowAt(i)?.state);
    inbox.select(0);
    inbox.extend(1);
    inbox.extend(1);
    backend.failNext.set('triage_act', fault);
    await inbox.setState('done');
    expect([0, 1, 2].map((i) => inbox.rowAt(i)?.state)).toEqual(before);
    expect(inbox.selection.count).toBe(3);
    expect(snackbar.current?.text).toBe('3 alerts could not be changed. The database is busy.');
  });

  it('opens_the_list_anew_when_the_backend_closed_it', async () => {
    const { backend, inbox, snackbar } = await setUp();
    inbox.selectAll();
    backend.closeLists();
    const list = inbox.list?.id;
    await inbox.setState('done');
    expect(snackbar.current?.tone).toBe('fault');
    expect(inbox.list?.id).not.toBe(list);
    expect(inbox.selection.isEmpty).toBe(true);
    expect(inbox.fault).toBeNull();
  });

  it('forgets_ids_when_the_backend_closed_the_list', async () => {
    const { backend, inbox } = await setUp();
    inbox.select(3);
    inbox.extend(1);
    const id = inbox.selectedId;
    backend.closeLists();
    inbox.inSight(900, 20);
    await settle();
    expect(inbox.selection.isEmpty).toBe(true);
    expect(inbox.selectedId).toBe(id);
    expect(inbox.rowAt(4)?.id).toBe(id);
  });

  it('opens_once_more_when_the_list_closed_while_it_was_read', async () => {
    const { backend, inbox } = await setUp();
    backend.failNext.set('list_rows', { code: 'list_closed', params: {}, message: 'This list is no longer open.' });
    await inbox.show('high');
    expect(inbox.fault).toBeNull();
    expect(inbox.shownView).toBe('high');
  });

  it('keeps_the_selection_for_tags', async () => {
    const { inbox } = await setUp();
    inbox.select(0);
    inbox.extend(1);
    await inbox.act({ kind: 'add_tag', tag: 'dmz' });
    expect(inbox.rowAt(0)?.tags).toContain('dmz');
    expect(inbox.selection.count).toBe(2);
  });
});

describe('a list that is not there yet', () => {
  it('lends_no_rows_of_the_one_before_to_acts', async () => {
    const { backend, inbox } = await setUp();
    inbox.select(3);
    const opening = inbox.show('high');
    expect(inbox.subject()).toBeNull();
    inbox.selectAll();
    inbox.toggleSelected();
    inbox.askExport();
    await inbox.setState('done');
    expect(inbox.selection.isEmpty).toBe(true);
    expect(inbox.asking).toBeNull();
    expect(inbox.shownView).toBe('all');
    expect(backend.calls.some((call) => call.name === 'triage_act')).toBe(false);
    await opening;
    expect(inbox.shownView).toBe('high');
    expect(inbox.subject()?.count).toBe(1);
  });

  it('lends_none_either_when_it_could_not_be_opened', async () => {
    const { backend, inbox } = await setUp();
    inbox.select(3);
    backend.failNext.set('list_open', fault);
    await inbox.show('high');
    inbox.selectAll();
    expect(inbox.subject()).toBeNull();
    expect(inbox.selection.isEmpty).toBe(true);
    await inbox.retry();
    expect(inbox.subject()).not.toBeNull();
  });

  it('is_not_acted_on_as_a_whole_under_a_query_that_cannot_be_read', async () => {
    const { inbox } = await setUp();
    inbox.select(3);
    inbox.setQuery('openssl (');
    await settle();
    inbox.selectAll();
    inbox.askExport();
    expect(inbox.selection.isEmpty).toBe(true);
    expect(inbox.asking).toBeNull();
    expect(inbox.subject()?.count).toBe(1);
  });
});

describe('an act for one', () => {
  it('snoozes_until_a_moment_and_says_so', async () => {
    const { backend, inbox, snackbar } = await setUp();
    await inbox.show('new');
    inbox.select(1);
    const row = inbox.rowAt(1);
    const until = new Date(backend.now + 3_600_000).toISOString();
    await inbox.act({ kind: 'set_state', state: 'snoozed', reason: null, until });
    expect(snackbar.current?.text).toMatch(/ snoozed until /);
    expect(backend.alerts.find(({ detail }) => detail.row.id === row?.id)?.detail.row.until).toBe(until);
  });

  it('keeps_the_dialog_that_asked_when_it_is_refused', async () => {
    const { backend, inbox } = await setUp();
    inbox.select(1);
    inbox.ask('tag');
    backend.failNext.set('triage_act', fault);
    expect(await inbox.answer({ kind: 'add_tag', tag: 'dmz' })).toMatch(/could not be changed. The database is busy.$/);
    expect(inbox.asking?.kind).toBe('tag');
    expect(await inbox.answer({ kind: 'add_tag', tag: 'dmz' })).toBeNull();
    expect(inbox.asking).toBeNull();
    expect(inbox.rowAt(1)?.tags).toContain('dmz');
  });

  it('names_an_export_by_what_is_shown', async () => {
    const { inbox } = await setUp();
    expect(inbox.shownName).toBe('All');
    await inbox.show('all', 'openssl');
    expect(inbox.shownName).toBe('openssl');
    await inbox.show('closed', 'openssl');
    expect(inbox.shownName).toBe('Closed: openssl');
  });

  it('writes_edits_and_removes_a_note_with_undo', async () => {
    const { inbox, snackbar } = await setUp();
    inbox.select(1);
    await settle();
    expect(await inbox.note({ kind: 'add_note', text: 'Look at this' })).toBeNull();
    const note = inbox.detail?.notes.at(-1);
    expect(note?.text).toBe('Look at this');
    await inbox.note({ kind: 'edit_note', note: note?.id ?? 0, text: 'Done with' });
    expect(inbox.detail?.notes.at(-1)?.text).toBe('Done with');
    await inbox.note({ kind: 'remove_note', note: note?.id ?? 0 });
    expect(inbox.detail?.notes.some((one) => one.id === note?.id)).toBe(false);
    expect(snackbar.current?.action).toBeDefined();
  });

  it('changes_what_a_row_shows_before_the_answer', async () => {
    const { inbox } = await setUp();
    const row = inbox.rowAt(0);
    if (!row) throw new Error('the list has rows');
    expect(applied(row, { kind: 'set_state', state: 'done', reason: 'Patched', until: null })).toEqual({ state: 'done', reason: 'Patched', until: null, unread: false });
    expect(applied({ ...row, tags: ['a', 'b'] }, { kind: 'remove_tag', tag: 'a' })).toEqual({ tags: ['b'] });
    expect(applied({ ...row, tags: ['a'] }, { kind: 'add_tag', tag: 'a' })).toEqual({});
    expect(mayLeave('all', '', { kind: 'set_state', state: 'done', reason: null, until: null })).toBe(false);
    expect(mayLeave('view:Mine', 'state:open', { kind: 'set_state', state: 'done', reason: null, until: null })).toBe(true);
    expect(mayLeave('all', 'tag:edge', { kind: 'remove_tag', tag: 'edge' })).toBe(true);
    expect(said({ label: 'CVE-1', count: 1 }, { kind: 'add_tag', tag: 'edge' }, 0)).toBe('CVE-1 tagged edge');
  });
});

describe('a query that cannot be read', () => {
  it('leaves_the_last_good_list_and_says_where', async () => {
    const { inbox } = await setUp();
    inbox.setQuery('openssl');
    await settle();
    const count = inbox.count;
    inbox.setQuery('openssl (');
    await settle();
    expect(inbox.queryFault?.fault.params).toMatchObject({ start: '8', end: '9' });
    expect(inbox.count).toBe(count);
    expect(inbox.shownQuery).toBe('openssl');
    expect(inbox.fault).toBeNull();
    await inbox.show('high');
    expect(inbox.query).toBe('openssl');
    expect(inbox.queryFault).toBeNull();
  });
});

describe('the order', () => {
  it('is_the_views_or_by_text_until_one_is_chosen', async () => {
    const { inbox } = await setUp();
    expect(inbox.list?.sort).toBe('newest');
    inbox.setQuery('openssl');
    await settle();
    expect(inbox.list?.sort).toBe('text_match');
    await inbox.setSort('epss');
    expect(inbox.rowAt(0)?.epss).toBeGreaterThanOrEqual(inbox.rowAt(1)?.epss ?? 1);
    await inbox.show('high', '');
    expect(inbox.sort).toBeNull();
  });
});

describe('saved views', () => {
  it('are_made_of_what_is_shown_and_shown_at_once', async () => {
    const { inbox, saved } = await setUp();
    await inbox.show('high', 'openssl');
    saved.begin();
    expect(saved.draft?.view.query).toBe('severity:high state:open openssl*');
    const draft = saved.draft;
    expect(await saved.save({ of: null, view: { ...(draft?.view ?? { query: '', sort: 'newest', columns: [] }), name: 'High in OpenSSL' } })).toBeNull();
    expect(saved.draft).toBeNull();
    expect(inbox.view).toBe('view:High in OpenSSL');
    expect(inbox.query).toBe('');
  });

  it('come_back_in_their_place_when_deleting_is_undone', async () => {
    const { saved, snackbar, inbox } = await setUp();
    const [first] = saved.own;
    if (!first) throw new Error('the fake has views');
    await inbox.show(first.id);
    await saved.remove(first);
    expect(inbox.view).toBe('all');
    expect(saved.own.map((view) => view.name)).toEqual(['Mail gateways']);
    snackbar.act();
    await settle();
    expect(saved.own.map((view) => view.name)).toEqual([first.name, 'Mail gateways']);
  });

  it('move_and_refuse_what_the_backend_refuses', async () => {
    const { saved } = await setUp();
    const [first] = saved.own;
    if (!first) throw new Error('the fake has views');
    await saved.move(first, 1);
    expect(saved.own.map((view) => view.name)).toEqual(['Mail gateways', first.name]);
    expect(await saved.save({ of: null, view: { name: 'Broken', query: '(', sort: 'newest', columns: [] } })).toBe('This parenthesis is not closed.');
  });

  it('keep_the_last_word_as_a_beginning_as_the_list_showed_it', () => {
    const open = ['openss', 'nginx memor', '-dos', '(a OR kube', 'CVE-2026-12', 'log4j-co'];
    expect(open.map(asShown)).toEqual(open.map((query) => `${query}*`));
    for (const query of ['', 'openssl ', 'memor*', '"remote code"', '"remote co', 'severity:high', 'cvss>=7', 'tag:"a b"', '(a OR b)', 'CVE-2026-12345', '-cve-2026-1234', 'a OR', '-']) expect(asShown(query)).toBe(query);
  });

  it('join_queries_without_changing_what_they_ask', () => {
    expect(joinQueries('', 'a')).toBe('a');
    expect(joinQueries('state:open', 'a OR b')).toBe('state:open (a OR b)');
  });
});

describe('columns', () => {
  it('fit_from_the_first_on', () => {
    expect(fitting(['severity', 'score', 'tags'], 430)).toEqual(['severity']);
    expect(fitting(['severity', 'score', 'tags'], 2000)).toEqual(['severity', 'score', 'tags']);
    expect(fitting(['severity'], 100)).toEqual([]);
  });

  it('are_switched_in_their_fixed_order', () => {
    expect(switched(['severity', 'state'], 'epss', COLUMNS)).toEqual(['severity', 'epss', 'state']);
    expect(switched(['severity', 'state'], 'severity', COLUMNS)).toEqual(['state']);
  });
});
