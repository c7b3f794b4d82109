import { describe, expect, it } from 'vitest';
import { parseLocal, typedDay } from './typed';

const at = (...parts: [number, number, number, number, number]): number => new Date(...parts).getTime();

describe('a day and a time that are typed', () => {
  it('are_a_local_moment_or_none', () => {
    expect(parseLocal('2026-12-24', '09:30')?.getTime()).toBe(at(2026, 11, 24, 9, 30));
    expect(parseLocal(' 2026-1-5 ', '7:05')?.getTime()).toBe(at(2026, 0, 5, 7, 5));
    for (const [day, time] of [['2026-02-30', '09:00'], ['24.12.2026', '09:00'], ['2026-12-24', '9'], ['2026-12-24', '24:00'], ['', '']] as const) {
      expect(parseLocal(day, time)).toBeNull();
    }
    expect(typedDay(new Date(2026, 0, 5))).toBe('2026-01-05');
  });
});
