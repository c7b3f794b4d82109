import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeBackend } from '$lib/ipc/fake/backend';
import { Snackbar } from '$lib/ui/snackbar.svelte';
import { Outbox } from './outbox.svelte';

async function setUp() {
  const backend = new FakeBackend({ alerts: 20 });
  const snackbar = new Snackbar();
  const outbox = new Outbox(backend, snackbar);
  await outbox.refresh();
  return { backend, snackbar, outbox };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('shows_what_needs_a_decision_and_what_waits', async () => {
  const { outbox } = await setUp();
  expect(outbox.attention).toBe(2);
  outbox.filter = 'attention';
  expect(outbox.shown.map((row) => row.delivery.state)).toEqual(['failed', 'unknown']);
  outbox.filter = 'waiting';
  expect(outbox.shown.map((row) => row.delivery.state)).toEqual(['waiting']);
});

it('resends_one_and_gives_one_up', async () => {
  const { outbox } = await setUp();
  const [failed, unknown] = outbox.rows?.filter((row) => ['failed', 'unknown'].includes(row.delivery.state)) ?? [];
  await outbox.resend(failed?.delivery.id ?? 0);
  await outbox.drop(unknown?.delivery.id ?? 0);
  expect(outbox.attention).toBe(0);
  expect(outbox.rows?.find((row) => row.delivery.id === failed?.delivery.id)?.delivery.state).toBe('waiting');
  expect(outbox.rows?.find((row) => row.delivery.id === unknown?.delivery.id)?.delivery.state).toBe('dropped');
});

it('says_why_a_message_could_not_be_sent_again', async () => {
  const { backend, outbox, snackbar } = await setUp();
  backend.failNext.set('delivery_resend', { code: 'delivery_not_open', params: {}, message: 'This message is not open any more.' });
  await outbox.resend(1);
  expect(snackbar.current).toEqual({ tone: 'fault', text: 'This message is not open any more.' });
});
