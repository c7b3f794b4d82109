import { describe, expect, it } from 'vitest';
import { FakeBackend, type FakeOptions } from '$lib/ipc/fake/backend';
import { by, text, screenTests } from '$lib/screen';
import { Snackbar } from '$lib/ui/snackbar.svelte';
import { Bell } from './bell.svelte';
import BellButton from './BellButton.svelte';
import { Notifications } from './notifications.svelte';
import NotificationsScreen from './NotificationsScreen.svelte';

const { settle, show, click, violations } = screenTests({ without: ['page-has-heading-one'] });

async function open(options: FakeOptions = {}, isWide = true) {
  const backend = new FakeBackend({ alerts: 200, ...options });
  const snackbar = new Snackbar();
  const notifications = new Notifications(backend, snackbar);
  const shown: (string | number)[] = [];
  show(NotificationsScreen, { notifications, isWide, onalert: (id: number) => shown.push(id), onrouting: () => shown.push('routing'), onchannels: () => shown.push('channels') });
  await notifications.open();
  await settle();
  return { backend, snackbar, notifications, shown };
}

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-testid="delivery"]')];

async function press(state: string): Promise<void> {
  rows().find((row) => row.dataset.state === state)?.click();
  await settle();
}

describe('the folders', () => {
  it('are_counted_and_hold_what_belongs_to_them', async () => {
    await open();
    expect(text('folder-outbox')).toBe('Outbox (4)');
    expect(text('folder-failed')).toBe('Failed (3)');
    await click('folder-failed');
    expect(rows().map((row) => row.dataset.state)).toEqual(['failed', 'unknown', 'expired']);
    expect(document.body.textContent).toContain('refused the user name or password');
    expect(await violations()).toEqual([]);
    await click('folder-digests');
    expect(rows().map((row) => row.dataset.state)).toEqual(['waiting', 'sent', 'sent']);
  });

  it('are_narrowed_to_one_channel', async () => {
    await open();
    const select = by('folder-channel') as HTMLSelectElement;
    select.value = 'slack';
    select.dispatchEvent(new window.Event('change', { bubbles: true }));
    await settle();
    expect(rows().map((row) => row.dataset.state)).toEqual(['waiting', 'retrying', 'expired']);
    await click('folder-delivered');
    expect(document.body.textContent).toContain('Nothing of “Slack” is in this folder.');
  });

  it('come_a_page_at_a_time_and_keep_what_was_paged_to', async () => {
    const { backend, notifications } = await open();
    expect(rows()).toHaveLength(50);
    await click('deliveries-more');
    expect(rows()).toHaveLength(90);
    expect(by('deliveries-more')).toBeNull();
    expect(new Set(rows().map((row) => row.dataset.id)).size).toBe(90);
    await backend.call('delivery_drop', { id: 90 });
    await notifications.refresh();
    await settle();
    expect(rows()).toHaveLength(90);
    expect(rows()[0]?.dataset.state).toBe('dropped');
  });

  it('keep_what_was_paged_to_among_very_many', async () => {
    const { notifications } = await open({ messages: 500 });
    for (let i = 0; i < 5; i += 1) await notifications.more();
    expect(notifications.rows).toHaveLength(300);
    await notifications.refresh();
    expect(notifications.rows).toHaveLength(300);
    expect(notifications.hasMore).toBe(true);
  });

  it('that_are_empty_say_what_to_do', async () => {
    const { shown } = await open({ messages: 0 });
    expect(document.body.textContent).toContain('No message yet.');
    [...document.querySelectorAll('button')].find((button) => button.textContent === 'Routing')?.click();
    expect(shown).toEqual(['routing']);
    expect(await violations()).toEqual([]);
  });

  it('that_cannot_be_read_keep_their_rows_and_say_why', async () => {
    const { backend, notifications } = await open();
    backend.failNext.set('deliveries_list', { code: 'x', params: {}, message: 'It broke.' });
    await notifications.refresh();
    await settle();
    expect(document.body.textContent).toContain('The messages could not be read. It broke.');
    expect(rows()).toHaveLength(50);
  });
});

describe('a message', () => {
  it('shows_what_went_out_its_alerts_its_rules_and_attempts', async () => {
    const { shown } = await open();
    await press('sent');
    expect(by('delivery-detail')?.dataset.state).toBe('sent');
    expect(text('delivery-detail')).toContain('As it went out');
    expect(document.querySelectorAll('[data-testid="delivery-subject"]')).toHaveLength(14);
    expect(text('delivery-detail')).toContain('asked for by “Night shift”');
    expect(document.querySelectorAll('[data-testid="delivery-attempt"]')).toHaveLength(1);
    expect(by('delivery-resend')).toBeNull();
    expect(await violations()).toEqual([]);
    await click('delivery-subject');
    expect(shown).toHaveLength(1);
  });

  it('that_waits_shows_what_would_go_out_and_can_be_given_up', async () => {
    const { backend } = await open();
    await press('waiting');
    expect(text('delivery-detail')).toContain('As it would go out now');
    expect(by('delivery-resend')).toBeNull();
    await click('delivery-drop');
    expect(by('delivery-detail')?.dataset.state).toBe('dropped');
    expect(backend.calls.some(({ name }) => name === 'delivery_drop')).toBe(true);
  });

  it('whose_fate_is_unknown_says_so_and_is_resent', async () => {
    await open();
    await press('unknown');
    expect(text('delivery-detail')).toContain('resending may send it twice');
    await click('delivery-resend');
    expect(by('delivery-detail')?.dataset.state).toBe('waiting');
  });

  it('that_is_not_open_any_more_says_why', async () => {
    const { backend, snackbar } = await open();
    await press('failed');
    backend.failNext.set('delivery_resend', { code: 'delivery_not_open', params: {}, message: 'x' });
    await click('delivery-resend');
    expect(snackbar.current).toEqual({ tone: 'fault', text: 'This message is not open any more.' });
  });

  it('takes_the_place_of_the_list_where_there_is_no_room', async () => {
    const { notifications } = await open({}, false);
    await press('failed');
    expect(rows()).toHaveLength(0);
    [...document.querySelectorAll('button')].find((button) => button.textContent?.includes('Back to the list'))?.click();
    await settle();
    expect(rows()).toHaveLength(50);
    expect(notifications.selected).toBeNull();
  });

  it('is_moved_to_by_keys_and_revealed_from_elsewhere', async () => {
    const { notifications } = await open();
    notifications.move(1);
    notifications.move(1);
    expect(notifications.selected).toBe(89);
    notifications.move(-1);
    expect(notifications.selected).toBe(90);
    await notifications.show('failed');
    await notifications.reveal(3);
    await settle();
    expect(notifications.folder).toBe('all');
    expect(by('delivery-detail')?.dataset.id).toBe('3');
    expect(rows()).toHaveLength(50);
    expect(rows()[0]?.dataset.id).toBe('90');
  });
});

describe('all that failed', () => {
  it('is_resent_after_asking_of_the_channel_that_is_shown', async () => {
    const { backend, notifications } = await open();
    await notifications.show('failed', 'email');
    await settle();
    await click('resend-all');
    expect(document.querySelector('dialog')?.textContent).toContain('Resend 2 messages?');
    expect(await violations()).toEqual([]);
    await click('confirm');
    expect(backend.calls.findLast(({ name }) => name === 'deliveries_act')?.request).toEqual({ channel: 'email', resend: true });
    expect(text('folder-failed')).toBe('Failed (0)');
  });
});

describe('the bell', () => {
  async function ring(undelivered = 0) {
    const backend = new FakeBackend({ alerts: 200 });
    const bell = new Bell(backend);
    const shown: (string | number)[] = [];
    show(BellButton, { bell, undelivered, onalert: (id: number) => shown.push(id), onall: () => shown.push('all'), onundelivered: () => shown.push('failed') });
    await bell.refresh();
    await settle();
    return { backend, bell, shown };
  }

  it('says_how_much_is_new_and_marks_it_as_seen_when_it_is_opened', async () => {
    const { backend, bell, shown } = await ring();
    expect(by('bell')?.getAttribute('aria-label')).toBe('Notifications: 3 new');
    await click('bell');
    expect(backend.calls.map(({ name }) => name)).toContain('bell_seen');
    expect(bell.unseen).toBe(0);
    const [first] = document.querySelectorAll<HTMLElement>('[data-testid="ring"]');
    expect(first?.dataset.unseen).toBe('true');
    expect(await violations()).toEqual([]);
    first?.click();
    await settle();
    expect(shown).toHaveLength(1);
    expect(document.querySelector('[data-testid="ring"]')).toBeNull();
    await click('bell');
    expect(document.querySelector<HTMLElement>('[data-testid="ring"]')?.dataset.unseen).toBe('false');
  });

  it('leads_to_what_was_not_delivered', async () => {
    const { shown } = await ring(2);
    expect(by('bell')?.getAttribute('aria-label')).toBe('Notifications: 3 new, 2 messages were not delivered');
    await click('bell');
    document.querySelector<HTMLElement>('.warn')?.click();
    await settle();
    await click('bell');
    await click('bell-all');
    expect(shown).toEqual(['failed', 'all']);
  });

  it('that_cannot_be_read_says_why', async () => {
    const { backend } = await ring();
    backend.failNext.set('bell_get', { code: 'x', params: {}, message: 'It broke.' });
    await click('bell');
    expect(document.body.textContent).toContain('The bell could not be read. It broke.');
  });
});
