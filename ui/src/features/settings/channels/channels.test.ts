import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBackend } from '$lib/ipc/fake/backend';
import { Snackbar } from '$lib/ui/snackbar.svelte';
import { Settings } from '../settings.svelte';
import { Channels } from './channels.svelte';

async function setUp() {
  const backend = new FakeBackend({ alerts: 200 });
  const snackbar = new Snackbar();
  const settings = new Settings(backend, snackbar);
  const channels = new Channels(backend, snackbar, settings);
  await settings.refresh();
  await channels.refresh();
  return { backend, snackbar, settings, channels };
}

const row = (channels: Channels, id: string) => channels.rows?.find((one) => one.id === id);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a test message', () => {
  it('says_the_exact_cause_where_it_fails_and_what_was_tried', async () => {
    const { settings, channels } = await setUp();
    await channels.test('email');
    expect(channels.tested.email?.fault?.message).toContain('refused the user name or password');
    expect(channels.tested.email?.steps.map(({ step, fault }) => [step, fault === null])).toEqual([['connect', true], ['log_in', false]]);
    expect(settings.now?.settings.channels.email?.enabled).toBe(false);
  });

  it('that_is_good_switches_a_channel_on_that_was_just_connected', async () => {
    const { settings, channels } = await setUp();
    await settings.setSecret('email_password', 'x', 'email');
    await channels.test('email');
    expect(channels.tested.email).toMatchObject({ fault: null, switched_on: true });
    expect(settings.now?.settings.channels.email?.enabled).toBe(true);
    expect(row(channels, 'email')?.state).toBe('works');
  });

  it('waits_for_a_secret_that_is_still_being_kept', async () => {
    const { backend, settings, channels } = await setUp();
    const call = backend.call.bind(backend);
    let keep = () => {};
    const kept = new Promise<void>((resolve) => (keep = resolve));
    vi.spyOn(backend, 'call').mockImplementation(async (name, request) => {
      if (name === 'secret_set') await kept;
      return call(name, request);
    });
    const saving = settings.setSecret('email_password', 'x', 'email');
    const testing = channels.test('email');
    await vi.advanceTimersByTimeAsync(0);
    expect(backend.calls.some(({ name }) => name === 'channel_test')).toBe(false);
    keep();
    await Promise.all([saving, testing]);
    expect(channels.tested.email).toMatchObject({ fault: null });
  });

  it('that_could_not_even_be_asked_for_says_so', async () => {
    const { backend, channels } = await setUp();
    backend.failNext.set('channel_test', { code: 'server_unreachable', params: {}, message: 'x' });
    await channels.test('desktop');
    expect(channels.tested.desktop).toMatchObject({ steps: [], fault: { code: 'server_unreachable' }, switched_on: false });
    expect(channels.testing.desktop).toBe(false);
  });
});

describe('places', () => {
  it('are_found_and_one_is_chosen', async () => {
    const { channels, settings } = await setUp();
    await channels.find('slack');
    const place = channels.found.slack?.places[1];
    expect(place?.name).toBe('#soc-night');
    if (place) await channels.use({ id: 'slack', kind: 'slack' }, place);
    const slack = settings.now?.settings.channels.slack;
    expect(slack?.kind === 'slack' && slack.channel).toBe('C024BE9XY');
    expect(channels.found.slack).toBeUndefined();
  });

  it('that_cannot_be_asked_for_say_why', async () => {
    const { channels } = await setUp();
    await channels.find('telegram');
    expect(channels.found.telegram).toMatchObject({ places: [], fault: { code: 'telegram_no_token' } });
  });
});

describe('channels', () => {
  it('are_added_off_and_removed', async () => {
    const { channels, snackbar } = await setUp();
    channels.asking = { kind: 'add' };
    expect(await channels.add('Night shift', 'slack')).toBeNull();
    expect(channels.asking).toBeNull();
    expect(row(channels, 'night-shift')).toMatchObject({ enabled: false, is_removable: true, kind: 'slack' });
    expect(await channels.add('night SHIFT', 'email')).toBe('There is a channel “night SHIFT” already.');
    await channels.remove({ id: 'night-shift', name: 'Night shift' });
    expect(row(channels, 'night-shift')).toBeUndefined();
    expect(snackbar.current?.text).toBe('“Night shift” is removed');
  });

  it('resume_and_say_why_they_cannot', async () => {
    const { backend, channels, snackbar } = await setUp();
    backend.failNext.set('channel_resume', { code: 'x', params: {}, message: 'It is off.' });
    await channels.resume({ id: 'slack', name: 'Slack' });
    expect(snackbar.current).toEqual({ tone: 'fault', text: 'It is off.' });
    expect(row(channels, 'slack')?.state).toBe('stopped');
    await channels.resume({ id: 'slack', name: 'Slack' });
    expect(row(channels, 'slack')?.state).toBe('works');
  });
});
