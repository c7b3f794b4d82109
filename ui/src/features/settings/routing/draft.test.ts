import { describe, expect, it } from 'vitest';
import { rule } from '$lib/ipc/fake/channels';
import { canLook, draftOf, emptyDraft, isChanged, problemOf, toRule } from './draft';

describe('a rule in its form', () => {
  it('comes_out_as_it_went_in', () => {
    const check = (one: ReturnType<typeof rule>): void => expect(toRule(draftOf(one))).toEqual(one);
    check(rule('All', { changes: ['new', 'exploited', 'raised_to_high'] }));
    check(rule('Watched', { watches: ['*'], min_severity: 'medium', changes: ['new'], channels: ['*', 'desktop'], per_hour: 5, per_day: 20 }));
    check(rule('Some', { watches: ['nginx', 'openssl'], changes: ['text_changed'], when: { kind: 'digest', at: ['07:00', '19:00'], days: ['mon'], zone: 'Europe/Berlin' } }));
  });

  it('has_caps_only_where_it_sends_at_once', () => {
    expect(toRule({ ...emptyDraft(), when: 'digest', perHour: '5' }).per_hour).toBe(0);
    expect(toRule({ ...emptyDraft(), perHour: ' 5 ' }).per_hour).toBe(5);
  });

  it('says_what_is_missing', () => {
    const fine = { ...emptyDraft(), name: 'Night', channels: ['slack'] };
    const check = (change: object, expected: string | null): void => expect(problemOf({ ...fine, ...change }, ['Default'])).toBe(expected);
    check({}, null);
    check({ name: ' ' }, 'A rule needs a name.');
    check({ name: 'DEFAULT' }, 'There is a rule “DEFAULT” already.');
    check({ channels: [] }, 'Choose at least one channel.');
    check({ changes: [] }, 'Choose at least one thing that it waits for.');
    check({ watches: 'some' }, 'Choose at least one watch, or another choice.');
    check({ perDay: '0' }, 'A cap is a whole number from 1 to 10000, or empty.');
    check({ perDay: 'x', when: 'digest' }, null);
    expect(canLook({ ...fine, channels: [] })).toBe(false);
    expect(canLook(fine)).toBe(true);
  });
});

describe('a built-in rule', () => {
  it('is_changed_once_anything_but_the_order_of_its_changes_differs', () => {
    const first = rule('High and exploited that match a watch', { query: 'severity:high OR exploited:true', watches: ['*'], channels: ['desktop'] });
    expect(isChanged('desktop', first)).toBe(false);
    expect(isChanged('desktop', { ...first, changes: ['exploited', 'new', 'raised_to_high'] })).toBe(false);
    expect(isChanged('desktop', { ...first, enabled: false })).toBe(true);
    expect(isChanged('desktop', { ...first, per_day: 9 })).toBe(true);
    expect(isChanged('own', first)).toBe(false);
  });
});
