import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeBackend } from '$lib/ipc/fake/backend';
import { Snackbar } from '$lib/ui/snackbar.svelte';
import { Sources } from './sources.svelte';

async function setUp() {
  const backend = new FakeBackend({ alerts: 20 });
  const snackbar = new Snackbar();
  const sources = new Sources(backend, snackbar);
  backend.on((event) => event.kind === 'source_changed' && sources.refreshSoon());
  await Promise.all([sources.refresh(), sources.refreshSettings()]);
  return { backend, snackbar, sources };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('shows_the_progress_of_a_run_and_ends_it_on_request', async () => {
  const { sources } = await setUp();
  await sources.collect('nvd');
  await vi.advanceTimersByTimeAsync(1200);
  expect(sources.running.map((row) => row.id)).toEqual(['nvd']);
  expect(sources.running[0]?.running?.total).toBe(2096);
  await sources.cancel();
  expect(sources.running).toEqual([]);
  expect(sources.rows?.[0]?.last_run?.outcome).toBe('cancelled');
});

it('says_why_collecting_did_not_begin', async () => {
  const { backend, snackbar, sources } = await setUp();
  backend.failNext.set('collect_start', { code: 'already_collecting', params: {}, message: 'NVD is being collected already.' });
  await sources.collect('nvd');
  expect(snackbar.current?.text).toBe('NVD is being collected already.');
});

it('changes_only_what_was_changed_and_says_what_is_wrong_with_it', async () => {
  const { backend, sources } = await setUp();
  expect(await sources.set('nvd', { interval_min: 60 })).toBeNull();
  expect(backend.calls.findLast((call) => call.name === 'settings_edit')?.request).toEqual({
    edit: { kind: 'set_source', id: 'nvd', fields: { interval_min: 60 } },
  });
  expect(sources.rows?.[0]?.interval_min).toBe(60);
  expect(await sources.set('nvd', { url: 'https://me:tocsin-test-secret@x.example' })).toContain('must not hold a user name');
});

it('opens_one_run_log_at_a_time', async () => {
  const { sources } = await setUp();
  await sources.toggleLog('nvd');
  expect(sources.runs).toHaveLength(12);
  await sources.toggleLog('owasp');
  expect(sources.logOf).toBe('owasp');
  await sources.toggleLog('owasp');
  expect(sources.logOf).toBeNull();
});
