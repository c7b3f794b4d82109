import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBackend } from '$lib/ipc/fake/backend';
import { DAMAGED } from '$lib/ipc/fake/keeping';
import { Recovering } from './recovery.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const backend = new FakeBackend({ alerts: 20, isDamaged: true });
  return { backend, recovering: new Recovering(backend, DAMAGED, () => {}) };
}

describe('a database that cannot be opened', () => {
  it('is_named_before_and_after_the_backend_says_more', async () => {
    const { backend, recovering } = setUp();
    await expect(backend.call('status', {})).rejects.toMatchObject({ fault: { code: 'database_damaged' } });
    expect(recovering.path).toBe('/home/ana/.local/share/tocsin/tocsin.db');
    await recovering.refresh();
    expect(recovering.now?.backups.length).toBeGreaterThan(0);
  });

  it('is_salvaged_once_and_says_what_was_lost', async () => {
    const { backend, recovering } = setUp();
    void recovering.salvage();
    void recovering.startAnew();
    expect(recovering.running).toBe('salvage');
    await vi.advanceTimersByTimeAsync(2000);
    expect(recovering.done).toMatchObject({ alerts: 20, lost: 12 });
    expect(backend.calls.some((call) => call.name === 'recovery_new')).toBe(false);
    expect((await backend.call('status', {})).total).toBe(20);
  });

  it('stays_where_it_is_when_a_backup_cannot_be_read', async () => {
    const { recovering } = setUp();
    await recovering.restore('/nowhere.db');
    expect(recovering.fault?.code).toBe('file_unreadable');
    expect(recovering.done).toBeNull();
    expect(recovering.running).toBeNull();
  });
});
