import { describe, expect, it } from 'vitest';
import { snoozeChoices } from './snooze';

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
