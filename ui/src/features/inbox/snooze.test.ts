import { describe, expect, it } from 'vitest';
import { parseLocal, snoozeChoices, typedDay } from './snooze';

const at = (...parts: [number, number, number, number, number]): number => new Date(...parts).getTime();

describe('the moments that a snooze offers', () => {
  it('are_in_the_local_zone_and_counted_from_the_given_now', () => {
    // Wednesday, 18 November 2026, 15:20.
    expect(snoozeChoices(at(2026, 10, 18, 15, 20)).map(({ choice, at: when }) => [choice, when.getTime()])).toEqual([
      ['later', at(2026, 10, 18, 18, 20)],
      ['tomorrow', at(2026, 10, 19, 9, 0)],
      ['monday', at(2026, 10, 23, 9, 0)],
      ['week', at(2026, 10, 25, 9, 0)],
    ]);
  });

  it('are_each_offered_once', () => {
    // On a Sunday tomorrow is the next Monday; on a Monday the next Monday is in a week.
    expect(snoozeChoices(at(2026, 10, 22, 10, 0)).map(({ choice }) => choice)).toEqual(['later', 'tomorrow', 'week']);
    expect(snoozeChoices(at(2026, 10, 23, 10, 0)).map(({ choice }) => choice)).toEqual(['later', 'tomorrow', 'monday']);
  });

  it('stay_at_nine_when_the_clocks_change', () => {
    for (const { choice, at: when } of snoozeChoices(at(2026, 9, 24, 12, 0))) if (choice !== 'later') expect(when.getHours()).toBe(9);
  });
});

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
