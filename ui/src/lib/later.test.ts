import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { debounce, throttle } from './later';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('throttle_runs_at_once_and_never_loses_the_last_ask', () => {
  let runs = 0;
  const soon = throttle(() => (runs += 1), 100);
  soon();
  expect(runs).toBe(1);
  soon();
  soon();
  expect(runs).toBe(1);
  vi.advanceTimersByTime(100);
  expect(runs).toBe(2);
  vi.advanceTimersByTime(1000);
  expect(runs).toBe(2);
  soon();
  expect(runs).toBe(3);
});

it('debounce_runs_after_a_pause_and_forgets_when_told', () => {
  let runs = 0;
  const later = debounce(() => (runs += 1), 80);
  later();
  vi.advanceTimersByTime(79);
  later();
  vi.advanceTimersByTime(79);
  expect(runs).toBe(0);
  vi.advanceTimersByTime(1);
  expect(runs).toBe(1);
  later();
  later.cancel();
  vi.advanceTimersByTime(1000);
  expect(runs).toBe(1);
});
