import { describe, expect, it } from 'vitest';
import { FakeBackend, type FakeOptions } from '$lib/ipc/fake/backend';
import { by, text, screenTests } from '$lib/screen';
import App from './App.svelte';

const { settle, show, click, press, type, violations } = screenTests({ isStrict: false });

async function open(options: FakeOptions = {}): Promise<FakeBackend> {
  const backend = new FakeBackend({ alerts: 300, ...options });
  show(App, { backend });
  await settle();
  return backend;
}

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-testid="row"]')];

describe('the window', () => {
  it('opens_on_new_with_a_list_and_the_first_alert_beside_it', async () => {
    await open();
    expect(by('app-ready')).not.toBeNull();
    expect(by('view-new')?.getAttribute('aria-current')).toBe('true');
    expect(rows()[0]?.dataset.uid).toBe('CVE-2026-29999');
    expect(text('result-count')).toBe(`${rows()[0]?.getAttribute('aria-setsize')} of 300`);
    expect(text('detail-title')).toContain('Apache HTTP Server');
    expect(await violations()).toEqual([]);
  });

  it('opens_on_all_and_says_why_while_nothing_is_watched', async () => {
    await open({ watches: [] });
    expect(by('view-all')?.getAttribute('aria-current')).toBe('true');
    expect(document.body.textContent).toContain('Nothing is watched yet, so this is everything that was collected.');
    expect(await violations()).toEqual([]);
  });

  it('says_that_nothing_is_collected_yet_and_offers_to_collect', async () => {
    const backend = await open({ alerts: 0, watches: [] });
    expect(document.body.textContent).toContain('Nothing collected yet');
    expect(document.body.textContent).toContain('One source failed. Sources says why');
    [...document.querySelectorAll<HTMLElement>('.empty button')].find((button) => button.textContent === 'Collect now')?.click();
    await settle(10);
    expect(backend.calls.some((call) => call.name === 'collect_start')).toBe(true);
    expect(await violations()).toEqual([]);
  });

  it('shows_one_banner_with_one_action_when_there_is_no_answer', async () => {
    const backend = new FakeBackend({ alerts: 5 });
    const fault = { code: 'server_unreachable', params: {}, message: 'x' };
    backend.failNext.set('status', fault);
    show(App, { backend });
    await settle();
    expect(document.querySelectorAll('[role="alert"]')).toHaveLength(1);
    document.querySelector<HTMLElement>('[role="alert"] button')?.click();
    await settle();
    expect(document.querySelectorAll('[role="alert"]')).toHaveLength(0);
    expect(rows().length).toBeGreaterThan(0);
  });
});

describe('the keyboard', () => {
  it('moves_closes_and_undoes', async () => {
    await open();
    await press('j');
    const uid = document.querySelector<HTMLElement>('[aria-selected="true"]')?.dataset.uid;
    await press('e');
    expect(rows().some((row) => row.dataset.uid === uid)).toBe(false);
    expect(text('snackbar')).toContain('is Done');
    await press('u');
    expect(document.querySelector<HTMLElement>('[aria-selected="true"]')?.dataset.uid).toBe(uid);
  });

  it('does_not_triage_while_a_search_is_typed', async () => {
    const backend = await open();
    await press('/');
    expect(document.activeElement).toBe(by('search'));
    await press('e');
    expect(backend.calls.some((call) => call.name === 'triage_act')).toBe(false);
  });
});

describe('searching', () => {
  it('counts_marks_and_clears', async () => {
    await open();
    await press('2');
    await type('search', 'openssl');
    expect(text('result-count')).toMatch(/^\d+ of 300$/);
    expect(rows()[0]?.querySelector('mark')?.textContent?.toLowerCase()).toBe('openssl');
    await type('search', 'no such words');
    expect(document.body.textContent).toContain('No alert has “no such words”');
    (by('search') as HTMLElement).dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    await settle();
    expect(text('result-count')).toBe('300 alerts');
  });
});

describe('the search box', () => {
  it('completes_by_keyboard_and_leaves_the_cursor_behind_it', async () => {
    await open();
    await press('2');
    await type('search', 'sever');
    expect(by('search')?.getAttribute('aria-expanded')).toBe('true');
    await press('ArrowDown');
    expect(by('completion-item')?.getAttribute('aria-selected')).toBe('true');
    expect(by('search')?.getAttribute('aria-activedescendant')).toBe(by('completion-item')?.id);
    expect(await violations()).toEqual([]);
    await press('Tab');
    expect((by('search') as HTMLInputElement).value).toBe('severity:');
    await press('ArrowDown');
    await press('Enter');
    expect((by('search') as HTMLInputElement).value).toBe('severity:high ');
    expect(document.activeElement).toBe(by('search'));
  });

  it('marks_the_character_that_is_wrong_and_keeps_the_list', async () => {
    await open();
    await press('2');
    await type('search', 'openssl');
    const count = text('result-count');
    await type('search', 'openssl (memory');
    expect(text('query-fault')).toBe('This parenthesis is not closed.Character 9');
    expect(document.querySelector('.wrong')?.textContent).toBe('(');
    expect(by('search')?.getAttribute('aria-invalid')).toBe('true');
    expect(text('result-count')).toBe(count);
    expect(await violations()).toEqual([]);
  });

  it('has_examples_to_try', async () => {
    await open();
    await click('search-help');
    expect(await violations()).toEqual([]);
    await click('search-example');
    expect((by('search') as HTMLInputElement).value).toBe('severity:high epss>50% published:<7d');
    expect(by('search-example')).toBeNull();
  });
});

describe('views of the user’s', () => {
  it('are_saved_from_the_search_box_and_stand_in_the_rail', async () => {
    await open();
    await type('search', 'nginx');
    await click('save-view');
    expect((by('view-query') as HTMLInputElement).value).toBe('state:new relevant:yes nginx*');
    expect(await violations()).toEqual([]);
    await type('view-name', 'Web');
    by('view-confirm')?.closest('form')?.requestSubmit();
    await settle();
    expect(by('view-view:Web')?.getAttribute('aria-current')).toBe('true');
    await click('view-menu-view:Web');
    expect(await violations()).toEqual([]);
    await click('view-remove');
    expect(by('view-view:Web')).toBeNull();
    await click('undo');
    expect(by('view-view:Web')).not.toBeNull();
  });
});

describe('several alerts', () => {
  it('are_selected_snoozed_and_brought_back_at_once', async () => {
    const backend = await open();
    await press('2');
    await press('j');
    await press('x');
    await press('J');
    expect(text('selection-count')).toBe('2 selected');
    expect(document.querySelectorAll('[role="option"][aria-selected="true"]')).toHaveLength(2);
    await click('selection-all');
    expect(text('selection-count')).toBe('All 300 matching selected');
    expect(await violations()).toEqual([]);
    await press('s');
    expect(await violations()).toEqual([]);
    await press('e');
    expect(backend.calls.some((call) => call.name === 'triage_act' && 'target' in (call.request as object) && JSON.stringify(call.request).includes('"done"'))).toBe(false);
    await click('snooze-tomorrow');
    expect(text('snackbar')).toMatch(/^300 alerts snoozed until/);
    expect(text('view-snoozed')).toContain('300');
    await click('undo');
    expect(text('view-snoozed')).not.toContain('300');
  });

  it('are_closed_with_a_reason_tagged_and_exported', async () => {
    const backend = await open();
    await press('2');
    await press('j');
    const uid = document.querySelector<HTMLElement>('[aria-selected="true"]')?.dataset.uid;
    await press('t');
    await type('tag-input', 'dmz');
    expect(await violations()).toEqual([]);
    await press('Enter');
    expect(by('tag-dmz')).not.toBeNull();
    await press('E');
    [...document.querySelectorAll<HTMLElement>('[data-testid="reason-preset"]')].at(-2)?.click();
    await settle();
    expect(await violations()).toEqual([]);
    by('reason-confirm')?.closest('form')?.requestSubmit();
    await settle();
    const row = backend.alerts.find(({ detail }) => detail.row.uid === uid)?.detail.row;
    expect([row?.state, row?.reason]).toEqual(['not_applicable', 'Duplicate']);
    await click('export');
    expect((by('export-path') as HTMLInputElement).value).toBe('/home/ana/Documents/tocsin-all-2026-11-22.csv');
    await type('export-path', '/home/ana/Documents/alerts.csv');
    by('export-run')?.closest('form')?.requestSubmit();
    await settle();
    expect(await violations()).toEqual([]);
    await click('export-replace');
    expect(text('work')).toContain('Exporting');
    await settle(3000);
    expect(text('export-result')).toContain('Exported 300 alerts to /home/ana/Documents/alerts.csv');
  });
});

describe('a note', () => {
  it('is_written_in_the_detail', async () => {
    await open();
    await press('2');
    await press('j');
    await press('c');
    expect(document.activeElement).toBe(by('note-text'));
    await type('note-text', 'Ask the platform team.');
    by('note-save')?.closest('form')?.requestSubmit();
    await settle();
    expect([...document.querySelectorAll('[data-testid="note"]')].at(-1)?.textContent).toContain('Ask the platform team.');
    expect(by('note-text')).toBeNull();
    expect(await violations()).toEqual([]);
  });
});

describe('a damaged database', () => {
  it('has_a_page_of_its_own_until_it_is_recovered', async () => {
    await open({ isDamaged: true });
    expect(by('app-ready')).toBeNull();
    expect(text('recovery')).toContain('database disk image is malformed');
    expect(await violations()).toEqual([]);
    await click('recovery-salvage');
    await settle(2000);
    expect(text('recovery-result')).toContain('300 alerts in the database; 12 could not be read.');
    await click('recovery-go');
    expect(by('app-ready')).not.toBeNull();
    expect(rows().length).toBeGreaterThan(0);
  });
});

describe('a database that is recovered elsewhere', () => {
  it('leads_back_with_the_next_event', async () => {
    const backend = await open({ isDamaged: true });
    backend.tell({ kind: 'work_changed' });
    await settle();
    expect(by('recovery')).not.toBeNull();
    backend.keeping.isDamaged = false;
    backend.tell({ kind: 'work_changed' });
    await settle();
    expect(by('app-ready')).not.toBeNull();
    expect(rows().length).toBeGreaterThan(0);
  });

  it('leads_back_when_a_call_is_answered_so_or_not_at_all', async () => {
    const backend = await open({ isDamaged: true });
    backend.failNext.set('recovery_salvage', { code: 'server_unreachable', params: {}, message: 'x' });
    await click('recovery-salvage');
    expect(text('recovery')).toContain('Tocsin does not answer');
    backend.keeping.isDamaged = false;
    backend.failNext.set('recovery_salvage', { code: 'database_not_damaged', params: {}, message: 'The database is open.' });
    await click('recovery-salvage');
    expect(by('app-ready')).not.toBeNull();
  });

  it('is_not_left_before_what_was_done_is_read', async () => {
    const backend = await open({ isDamaged: true });
    await click('recovery-salvage');
    await settle(2000);
    backend.tell({ kind: 'alerts_changed', added: 0 });
    await settle();
    expect(by('recovery-result')).not.toBeNull();
  });
});

describe('text from outside', () => {
  it('stays_text', async () => {
    await open();
    expect(by('detail')?.querySelector('script')).toBeNull();
    expect(text('detail')).toContain('<script>alert(1)</script>');
  });

  it('marks_the_matched_words_after_characters_outside_of_the_basic_plane', async () => {
    await open();
    const marks = [...(by('detail')?.querySelectorAll('p mark') ?? [])].map((mark) => mark.textContent);
    expect(marks).toEqual(['Apache HTTP Server', 'Apache HTTP Server']);
  });
});

describe('what is new', () => {
  it('waits_in_a_pill', async () => {
    const backend = await open();
    await press('2');
    await press('j');
    backend.collectNew(3);
    await settle();
    expect(text('fresh-pill')).toBe('3 new');
    await click('fresh-pill');
    expect(by('fresh-pill')).toBeNull();
    expect(text('result-count')).toBe('303 alerts');
  });

  it('shows_an_alert_whose_notification_was_clicked', async () => {
    const backend = await open();
    await click('nav-settings');
    const wanted = backend.alerts[42]?.detail.row;
    backend.tell({ kind: 'open_alert', id: wanted?.id ?? 0 });
    await settle();
    expect(by('detail')?.dataset.uid).toBe(wanted?.uid);
  });
});

describe('the data section', () => {
  it('keeps_alerts_as_long_as_it_is_told_and_asks_before_it_restores', async () => {
    const backend = await open();
    await click('nav-settings');
    await click('settings-data');
    expect(text('data-removable')).toBe('1,284 alerts would be removed now.');
    expect(await violations()).toEqual([]);
    await type('retention-closed_days', '');
    by('retention-closed_days')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await settle();
    expect(backend.settings.read().settings.retention.closed_days).toBe(0);
    await click('backup-restore');
    expect(backend.calls.some((call) => call.name === 'data_restore')).toBe(false);
    expect(await violations()).toEqual([]);
    await click('confirm');
    await settle(3000);
    expect(text('data-result-restore')).toContain('Restored: 300 alerts.');
  });

  it('is_read_again_only_where_work_begins_or_ends', async () => {
    const backend = await open();
    await click('nav-settings');
    await click('settings-data');
    await settle(1000);
    const read = (): number => backend.calls.filter((call) => call.name === 'data_status').length;
    const before = read();
    const work = { id: 7, kind: 'import' as const, done: 0, total: 100, can_cancel: true };
    for (let done = 0; done < 20; done += 1) {
      backend.keeping.work = [{ ...work, done }];
      backend.tell({ kind: 'work_changed' });
      await settle(100);
    }
    expect(read()).toBe(before + 1);
    backend.keeping.work = [];
    backend.tell({ kind: 'work_changed' });
    await settle(1000);
    expect(read()).toBe(before + 2);
  });

  it('leaves_no_question_open_and_no_undo_of_what_was_before', async () => {
    const backend = await open();
    await press('e');
    expect(by('undo')).not.toBeNull();
    await click('nav-settings');
    await click('settings-data');
    await click('backup-restore');
    backend.tell({ kind: 'open_alert', id: backend.alerts[3]?.detail.row.id ?? 0 });
    await settle();
    await press('?');
    expect(document.querySelector('dialog')).not.toBeNull();
    document.querySelector('dialog')?.dispatchEvent(new window.Event('cancel'));
    await settle();
    await click('nav-settings');
    await click('backup-restore');
    await click('confirm');
    await settle(3000);
    expect(by('undo')).toBeNull();
  });

  it('leads_to_what_can_be_cleaned_up_when_the_disk_is_full', async () => {
    await open({ isFull: true });
    expect(document.querySelector('[role="alert"]')?.textContent).toContain('The disk is full');
    [...document.querySelectorAll<HTMLElement>('[role="alert"] button')].at(-1)?.click();
    await settle();
    expect(by('data-clean')).not.toBeNull();
  });
});

describe('notifications', () => {
  it('open_by_their_keys_and_move_by_them', async () => {
    await open();
    await press('g');
    await press('n');
    expect(by('folder-all')).not.toBeNull();
    await press('j');
    await press('j');
    expect(by('delivery-detail')?.dataset.id).toBe('89');
    await press('Escape');
    expect(document.querySelector('[data-testid="delivery"][aria-current]')).toBeNull();
    expect(await violations()).toEqual([]);
  });

  it('ask_before_all_that_failed_is_resent_and_keys_wait', async () => {
    await open();
    await click('nav-notifications');
    await click('folder-failed');
    await click('resend-all');
    await press('?');
    expect(document.querySelectorAll('dialog')).toHaveLength(1);
    await click('nav-inbox');
    await press('?');
    expect(document.querySelector('dialog')).not.toBeNull();
  });

  it('ring_the_bell_and_lead_to_the_alert', async () => {
    const backend = await open();
    expect(by('bell')?.getAttribute('aria-label')).toContain('3 new');
    await click('nav-settings');
    await click('bell');
    const ring = by('ring');
    ring?.click();
    await settle();
    expect(by('detail')?.dataset.uid).toBe(ring?.dataset.uid);
    expect(backend.calls.some(({ name }) => name === 'bell_seen')).toBe(true);
    await click('bell');
    [...document.querySelectorAll<HTMLElement>('button')].find((button) => button.textContent?.includes('not delivered'))?.click();
    await settle();
    expect([...document.querySelectorAll<HTMLElement>('[data-testid="delivery"]')].map((row) => row.dataset.state)).toEqual(['failed', 'unknown', 'expired']);
  });

  it('of_an_alert_are_told_in_its_detail_and_lead_to_the_message', async () => {
    const backend = await open();
    const [first] = backend.alerts;
    if (!first) throw new Error('no alert');
    backend.tell({ kind: 'open_alert', id: first.detail.row.id });
    await settle();
    const entries = [...document.querySelectorAll<HTMLElement>('[data-testid="notified-entry"]')];
    expect(entries.map((entry) => entry.dataset.state)).toEqual(['waiting', 'sent']);
    expect(text('notified')).toContain('Waits to be sent: Slack, in a digest');
    entries[1]?.querySelector('button')?.click();
    await settle();
    expect(by('delivery-detail')?.dataset.id).toBe('1');
  });

  it('of_one_channel_that_were_not_delivered_are_a_press_away', async () => {
    await open();
    await click('nav-settings');
    await click('settings-channels');
    await click('email-undelivered');
    expect((by('folder-channel') as HTMLSelectElement).value).toBe('email');
    expect(text('folder-failed')).toBe('Failed (2)');
  });

  it('say_that_a_channel_stopped_and_lead_to_it', async () => {
    const backend = await open();
    backend.notices = [{ code: 'channel_stopped', params: { channel: 'slack', name: 'Slack' }, message: 'x' }];
    backend.tell({ kind: 'deliveries_changed' });
    await settle();
    const banner = [...document.querySelectorAll<HTMLElement>('[role="status"]')].find((one) => one.textContent?.includes('Slack stopped'));
    [...(banner?.querySelectorAll('button') ?? [])].find((button) => button.textContent === 'Channels')?.click();
    await settle();
    expect(by('channel-slack')).not.toBeNull();
  });
});

describe('sources and settings', () => {
  it('say_in_words_how_each_source_does', async () => {
    await open();
    await click('nav-sources');
    expect(text('source-nvd')).toContain('Collected 4 min ago: 14 new, 3 changed.');
    expect(text('source-owasp')).toContain('did not answer within 30 seconds');
    expect(text('sync-state')).toBe('OWASP Top 10 fails');
    expect(await violations()).toEqual([]);
  });

  it('say_the_exact_cause_of_a_failed_test_and_keep_the_password_unseen', async () => {
    await open();
    await click('nav-settings');
    await click('settings-channels');
    await click('email-test');
    expect(text('test-result')).toMatch(/refused the user name or password.* It said: 535/);
    await type('email-password', 'tocsin-test-secret');
    await click('email-password-save');
    expect(text('channel-email')).toContain('Set, kept in the secrets file');
    expect(document.body.innerHTML).not.toContain('tocsin-test-secret');
    await click('email-test');
    expect(text('test-result')).toBe('The server took the test message. The channel is on now.');
    expect(await violations()).toEqual([]);
  });

  it('show_what_the_environment_sets_as_read_only', async () => {
    await open();
    await click('nav-settings');
    await click('settings-channels');
    expect((by('email-smtp_host') as HTMLInputElement).readOnly).toBe(true);
    expect(text('channel-email')).toContain('Set by SMTP_SERVER in the environment');
  });

  it('refuse_a_port_at_its_field', async () => {
    const backend = await open();
    await click('nav-settings');
    await click('settings-channels');
    await type('email-smtp_port', '99999');
    by('email-smtp_port')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await settle();
    expect(by('email-smtp_port')?.getAttribute('aria-invalid')).toBe('true');
    expect(backend.calls.some((call) => call.name === 'settings_edit')).toBe(false);
  });

  it('say_where_a_broken_file_is_broken_and_refuse_edits', async () => {
    await open({ isBroken: true });
    await click('nav-settings');
    expect(document.body.textContent).toContain('/home/ana/.config/tocsin/settings.toml, line 14');
    expect((by('theme') as HTMLSelectElement).disabled).toBe(true);
    expect(await violations()).toEqual([]);
  });

  it('apply_the_colours_at_once', async () => {
    await open();
    await click('nav-settings');
    const theme = by('theme') as HTMLSelectElement;
    theme.value = 'dark';
    theme.dispatchEvent(new window.Event('change', { bubbles: true }));
    await settle();
    expect(document.documentElement.dataset.theme).toBe('dark');
  });
});
