import { describe, expect, it } from 'vitest';
import { FakeBackend, type FakeOptions } from '$lib/ipc/fake/backend';
import { by, edits, text, screenTests } from '$lib/screen';
import { Snackbar } from '$lib/ui/snackbar.svelte';
import { Data } from '../data.svelte';
import { Rules } from '../routing/rules.svelte';
import { Settings } from '../settings.svelte';
import SettingsScreen from '../SettingsScreen.svelte';
import { Channels } from './channels.svelte';

const { settle, show, click, fill, unfold, violations } = screenTests();

async function open(options: FakeOptions = {}) {
  const backend = new FakeBackend({ alerts: 200, ...options });
  const snackbar = new Snackbar();
  const settings = new Settings(backend, snackbar);
  const channels = new Channels(backend, snackbar, settings);
  const undelivered: string[] = [];
  settings.section = 'channels';
  await settings.refresh();
  show(SettingsScreen, {
    settings, channels, data: new Data(backend, () => {}), rules: new Rules(backend, snackbar, settings), status: await backend.call('status', {}), analysis: (() => {}) as never, onanalysis: () => {},
    onundelivered: (channel: string) => void undelivered.push(channel), oncancelwork: () => {},
  });
  await settle();
  return { backend, snackbar, settings, channels, undelivered };
}

describe('a channel', () => {
  it('says_how_it_does_in_a_word_and_a_sentence', async () => {
    const { undelivered } = await open();
    expect(by('slack-state')?.dataset.state).toBe('stopped');
    expect(text('slack-state')).toContain('Stopped Nothing is sent until somebody acts; what waits stays waiting. The app is not a member of #alerts. Invite the app to #alerts: /invite @Tocsin');
    expect(text('soc-on-call-state')).toMatch(/^Held back The service asked to wait until/);
    expect(text('telegram-state')).toMatch(/^Off/);
    expect(text('channel-slack')).toContain('4 messages, the oldest since');
    await click('email-undelivered');
    expect(undelivered).toEqual(['email']);
    expect(await violations()).toEqual([]);
  });

  it('that_never_sent_anything_is_not_said_to_work', async () => {
    const { backend, channels } = await open();
    expect(text('desktop-state')).toMatch(/^Works/);
    backend.channels.health.delete('desktop');
    await channels.refresh();
    await settle();
    expect(text('desktop-state')).toBe('On Nothing was sent yet. Send a test to see whether it works.');
  });

  it('that_stopped_is_resumed', async () => {
    await open();
    await click('slack-resume');
    expect(by('slack-state')?.dataset.state).toBe('works');
    expect(by('slack-resume')).toBeNull();
  });

  it('shows_what_a_test_tried_and_the_exact_cause', async () => {
    await open();
    await click('slack-test');
    const steps = [...document.querySelectorAll<HTMLElement>('[data-testid="test-step"]')].map((step) => [step.dataset.step, step.dataset.ok]);
    expect(steps).toEqual([['log_in', 'true'], ['message', 'false']]);
    expect(text('test-result')).toBe('The app is not a member of #alerts. Invite the app to #alerts: /invite @Tocsin');
  });

  it('is_connected_with_a_token_and_a_chat_that_is_found', async () => {
    const { backend } = await open();
    await click('telegram-find');
    expect(text('channel-telegram')).toContain('Telegram has no bot token.');
    await fill('telegram-token', '123:ABC');
    await click('telegram-token-save');
    expect(document.body.innerHTML).not.toContain('123:ABC');
    await click('telegram-find');
    const [place] = document.querySelectorAll<HTMLElement>('[data-testid="channel-place"]');
    expect(place?.dataset.id).toBe('-1002003004');
    expect(await violations()).toEqual([]);
    place?.click();
    await settle();
    expect(edits(backend).at(-1)).toEqual({ kind: 'set_channel', id: 'telegram', fields: { chat_id: '-1002003004' } });
    await click('telegram-test');
    expect(text('test-result')).toBe('Telegram took the test message. The channel is on now.');
    expect(by('telegram-state')?.dataset.state).toBe('works');
  });

  it('keeps_a_secret_of_the_environment_out_of_reach', async () => {
    await open();
    await unfold('soc-on-call-part-connection');
    expect(text('channel-soc-on-call')).toContain('Set by the environment');
    expect(by('soc-on-call-token')).toBeNull();
    expect(text('channel-slack')).toContain('Set, kept in the keyring');
    expect(document.body.textContent).toContain('This session has no keyring that Tocsin can use. Secrets that are set here are kept in /home/ana/.config/tocsin/.env');
  });

  it('is_added_and_removed_after_asking', async () => {
    const { backend, channels } = await open();
    await click('channel-add');
    await click('channel-add-run');
    expect(document.querySelector('dialog .problem')?.textContent).toBe('It needs a name.');
    expect(await violations()).toEqual([]);
    await fill('channel-add-name', 'Night shift');
    by('channel-add-run')?.closest('form')?.requestSubmit();
    await settle();
    expect(by('channel-night-shift')).not.toBeNull();
    expect(by('slack-remove')).toBeNull();
    await click('night-shift-remove');
    expect(channels.asking?.kind).toBe('remove');
    expect(edits(backend)).toHaveLength(1);
    await click('confirm');
    expect(by('channel-night-shift')).toBeNull();
  });
});

describe('when a channel rings', () => {
  it('has_quiet_hours_that_are_checked', async () => {
    const { backend } = await open();
    await unfold('slack-part-quiet');
    await click('slack-quiet-on');
    expect(edits(backend).at(-1)).toEqual({ kind: 'set_quiet_hours', id: 'slack', quiet: { from: '22:00', to: '07:00', days: [], zone: null, pass_high: true, pass_exploited: true } });
    await fill('slack-quiet-from', '7:60');
    expect(text('channel-slack')).toContain('A time is written 22:00.');
    // The same time twice is the whole day.
    await fill('slack-quiet-from', '7:00');
    expect(edits(backend).at(-1)).toMatchObject({ quiet: { from: '07:00', to: '07:00' } });
    await fill('slack-quiet-from', '21:30');
    expect(edits(backend).at(-1)).toMatchObject({ quiet: { from: '21:30' } });
    await fill('slack-quiet-zone', 'Mars/Olympus');
    expect(text('channel-slack')).toContain('There is no such time zone.');
    await click('slack-quiet-day-sat');
    await click('slack-quiet-pass_high');
    expect(edits(backend).at(-1)).toMatchObject({ quiet: { from: '21:30', days: ['sat'], zone: null, pass_high: false, pass_exploited: true } });
    expect(await violations()).toEqual([]);
  });

  it('has_digest_times_and_gathers', async () => {
    const { backend } = await open();
    await unfold('slack-part-timing');
    await fill('slack-digest-at', '17:00, 8:00');
    expect(edits(backend).at(-1)).toEqual({ kind: 'set_channel', id: 'slack', fields: { digest: { at: ['08:00', '17:00'], days: [], zone: null } } });
    await fill('slack-digest-at', 'noon');
    expect(text('channel-slack')).toContain('At least one is needed.');
    await fill('slack-group_s', '99999');
    expect(text('channel-slack')).toContain('A whole number of seconds');
    await fill('slack-group_s', '0');
    expect(edits(backend).at(-1)).toEqual({ kind: 'set_channel', id: 'slack', fields: { group_s: 0 } });
    await click('slack-weekly_test');
    expect(edits(backend).at(-1)).toEqual({ kind: 'set_channel', id: 'slack', fields: { weekly_test: true } });
    expect(await violations()).toEqual([]);
  });
});

describe('a preview', () => {
  it('is_drawn_for_each_kind_and_runs_nothing', async () => {
    await open();
    for (const id of ['email', 'slack', 'telegram', 'desktop']) {
      await unfold(`${id}-part-preview`);
      expect(by(`channel-${id}`)?.querySelector('[data-testid="message"]')?.getAttribute('data-kind')).toBe(id);
    }
    const mail = by('channel-email')?.querySelector('.mail')?.shadowRoot;
    expect(mail?.textContent).toContain('[');
    expect(mail?.querySelector('script, a[href], iframe')).toBeNull();
    await click('slack-preview-digest');
    expect(by('channel-slack')?.querySelector('[data-testid="message"]')?.textContent).toContain('[Digest]');
    expect(await violations()).toEqual([]);
    const plain = by('channel-telegram')?.querySelector<HTMLElement>('[data-testid="message-plain"]');
    plain?.click();
    await settle();
    expect(by('channel-telegram')?.querySelector('pre')?.textContent).toContain('CVE-');
  });

  it('says_that_there_is_nothing_to_show', async () => {
    await open({ alerts: 0 });
    await unfold('slack-part-preview');
    expect(text('channel-slack')).toContain('Nothing is stored yet that could be shown.');
  });
});

describe('the channels', () => {
  it('that_cannot_be_read_can_be_asked_again', async () => {
    const { backend, channels } = await open();
    backend.failNext.set('channels_list', { code: 'x', params: {}, message: 'It broke.' });
    await channels.refresh();
    await settle();
    expect(document.body.textContent).toContain('The channels could not be read. It broke.');
  });

  it('are_not_edited_while_the_file_is_broken', async () => {
    await open({ isBroken: true });
    expect((by('channel-add') as HTMLButtonElement).disabled).toBe(true);
    expect((by('slack-enabled') as HTMLInputElement).disabled).toBe(true);
  });
});
