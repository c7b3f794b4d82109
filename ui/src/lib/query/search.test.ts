import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBackend } from '$lib/ipc/fake/backend';
import type { Completion } from '$lib/ipc/generated';
import { inserted, Search } from './search.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(200);

async function typed(text: string, cursor = text.length) {
  const backend = new FakeBackend({ alerts: 50 });
  const search = new Search(backend);
  search.typed({ text, cursor });
  await settle();
  return { backend, search };
}

describe('completion', () => {
  it('offers_what_fits_at_the_cursor', async () => {
    const { search } = await typed('openssl sev');
    expect(search.items.map((item) => item.label)).toEqual(['severity:']);
    expect(search.active).toBe(-1);
  });

  it('puts_an_item_in_and_goes_on_behind_it', async () => {
    const { search } = await typed('sev openssl', 3);
    search.move(1);
    expect(search.accept()).toEqual({ text: 'severity: openssl', cursor: 9 });
    expect(search.isOpen).toBe(false);
  });

  it('goes_round_and_past_the_items', async () => {
    const { search } = await typed('severity:');
    const all = search.items.length;
    search.move(-1);
    expect(search.active).toBe(all - 1);
    search.move(1);
    expect(search.active).toBe(-1);
    search.move(1);
    expect(search.active).toBe(0);
    search.close();
    expect(search.accept(0)).toBeNull();
  });

  it('drops_an_answer_that_comes_after_more_was_typed_or_after_closing', async () => {
    const backend = new FakeBackend({ alerts: 5 });
    const search = new Search(backend);
    const answers: ((completion: Completion) => void)[] = [];
    backend.call = (() => new Promise((resolve) => answers.push(resolve))) as typeof backend.call;
    search.typed({ text: 's', cursor: 1 });
    search.typed({ text: 'st', cursor: 2 });
    await settle();
    answers[1]?.({ start: 0, end: 2, items: [{ insert: 'state:', label: 'state:', kind: 'field', count: null, about: null }] });
    answers[0]?.({ start: 0, end: 1, items: [] });
    await settle();
    expect(search.items).toHaveLength(1);
    search.typed({ text: 'sta', cursor: 3 });
    search.close();
    answers[2]?.({ start: 0, end: 3, items: [{ insert: 'x', label: 'x', kind: 'field', count: null, about: null }] });
    await settle();
    expect(search.isOpen).toBe(false);
  });

  it('is_silent_when_it_fails', async () => {
    const backend = new FakeBackend({ alerts: 5 });
    backend.failNext.set('query_complete', { code: 'store_busy', params: {}, message: 'x' });
    const search = new Search(backend);
    search.typed({ text: 's', cursor: 1 });
    await settle();
    expect(search.isOpen).toBe(false);
  });

  it('counts_characters_and_not_utf16_units', async () => {
    const { backend } = await typed('🚨 sev');
    expect(backend.calls.at(-1)?.request).toEqual({ text: '🚨 sev', cursor: 5 });
    expect(inserted('🚨 sev x', 2, 5, 'severity:high ')).toEqual({ text: '🚨 severity:high x', cursor: 17 });
  });
});
