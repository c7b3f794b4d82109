import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBackend } from '$lib/ipc/fake/backend';
import { joinList, splitList, wholeNumber } from '$lib/ui/lists';
import { Snackbar } from '$lib/ui/snackbar.svelte';
import { Settings } from './settings.svelte';

async function setUp(options = {}) {
  const backend = new FakeBackend({ alerts: 200, ...options });
  const snackbar = new Snackbar();
  const settings = new Settings(backend, snackbar);
  await settings.refresh();
  return { backend, snackbar, settings };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('settings', () => {
  it('apply_as_they_are_changed_and_only_what_changed_is_sent', async () => {
    const { backend, settings } = await setUp();
    expect(await settings.setChannel('email', { smtp_port: 465 })).toBeNull();
    expect(backend.calls.findLast((call) => call.name === 'settings_edit')?.request).toEqual({
      edit: { kind: 'set_channel', id: 'email', fields: { smtp_port: 465 } },
    });
    const email = settings.now?.settings.channels.email;
    expect(email?.kind === 'email' && email.smtp_port).toBe(465);
  });

  it('say_what_is_wrong_at_the_field', async () => {
    const { backend, settings } = await setUp();
    backend.failNext.set('settings_edit', { code: 'host_invalid', params: {}, message: 'It must be a server’s name or address, without http:// and without a port.' });
    expect(await settings.setChannel('email', { smtp_host: 'http://x' })).toBe('It must be a server’s name or address, without http:// and without a port.');
  });

  it('name_the_variable_that_sets_a_key', async () => {
    const { settings } = await setUp();
    expect(settings.setBy('channels.email.smtp_host')).toBe('SMTP_SERVER');
    expect(settings.setBy('channels.email.smtp_port')).toBeUndefined();
  });

  it('know_that_a_broken_file_cannot_be_edited', async () => {
    const { settings } = await setUp({ isBroken: true });
    expect(settings.isBroken).toBe(true);
    expect(await settings.setTheme('dark')).not.toBeNull();
  });

  it('never_hold_a_secret', async () => {
    const { settings } = await setUp();
    expect(settings.secret('email_password')).toEqual({ kind: 'not_set' });
    expect(await settings.setSecret('email_password', 'tocsin-test-secret')).toBeNull();
    expect(settings.secret('email_password')).toEqual({ kind: 'set', from: 'file', editable: true });
    expect(JSON.stringify(settings.now)).not.toContain('tocsin-test-secret');
    await settings.setSecret('email_password', null);
    expect(settings.secret('email_password')).toEqual({ kind: 'not_set' });
    await settings.setSecret('telegram_token', 'tocsin-test-secret', 'soc-on-call');
    expect(settings.secret('telegram_token', 'telegram')).toEqual({ kind: 'not_set' });
    expect(settings.secret('telegram_token', 'soc-on-call')).toMatchObject({ kind: 'set', from: 'file' });
  });
});

describe('what people type', () => {
  it('is_a_list_without_blanks_and_repeats', () => {
    expect(splitList(' a@x.org, b@x.org;\nc@x.org,, a@x.org ')).toEqual(['a@x.org', 'b@x.org', 'c@x.org']);
    expect(splitList(' , ')).toEqual([]);
    expect(joinList(['a', 'b'])).toBe('a, b');
  });

  it('is_a_whole_number_within_bounds_or_none', () => {
    const check = (text: string, expected: number | null): void => expect(wholeNumber(text, 1, 65_535)).toBe(expected);
    check('587', 587);
    check(' 465 ', 465);
    check('0', null);
    check('65536', null);
    check('-1', null);
    check('5e2', null);
    check('12.5', null);
    check('', null);
  });
});
