import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBackend } from '$lib/ipc/fake/backend';
import { Data } from './data.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = (ms = 3000): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

async function setUp() {
  const backend = new FakeBackend({ alerts: 50 });
  const data = new Data(backend);
  await data.refresh();
  return { backend, data };
}

describe('keeping data', () => {
  it('says_how_each_work_ended_while_others_run', async () => {
    const { data } = await setUp();
    void data.backUp();
    void data.optimise();
    expect([...data.running]).toEqual(['backup', 'optimise']);
    await settle();
    expect(data.running.size).toBe(0);
    expect(data.results.backup?.text).toContain('tocsin-2026-11-22.db');
    expect(data.results.optimise?.text).toMatch(/^Now 377 MB/);
    expect(data.now?.backups).toHaveLength(3);
  });

  it('does_not_begin_the_same_work_twice', async () => {
    const { backend, data } = await setUp();
    void data.clean();
    void data.clean();
    await settle();
    expect(backend.calls.filter((call) => call.name === 'data_clean')).toHaveLength(1);
    expect(data.now?.removable).toBe(0);
  });

  it('says_why_it_failed_or_that_it_was_stopped', async () => {
    const { backend, data } = await setUp();
    await data.restore('/nowhere.db');
    expect(data.results.restore).toMatchObject({ isFault: true, text: '/nowhere.db cannot be read: no such file.' });
    void data.backUp();
    await settle(300);
    await backend.call('work_cancel', { id: (await backend.call('status', {})).work[0]?.id ?? 0 });
    await settle();
    expect(data.results.backup).toMatchObject({ isFault: true, text: 'It was stopped; nothing was changed.' });
  });

  it('tells_which_records_of_an_import_were_refused', async () => {
    const { data } = await setUp();
    void data.import('/home/ana/alerts.json');
    await settle();
    expect(data.results.import?.text).toBe('1,180 alerts added, 57 known already, 3 refused.');
    expect(data.results.import?.problems).toHaveLength(2);
  });
});
