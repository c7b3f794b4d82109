import { describe, expect, it } from 'vitest';
import { t } from '.';
import { faultText } from './faults';
import { historyTime, number, pickLocale, utcDay } from './format';
import { phrase } from './phrase';
import { daysLeft, span } from '$lib/time/relative';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('time in words', () => {
  it('says_the_largest_whole_unit', () => {
    const check = (ms: number, ago: string, short: string): void => {
      expect(t.time.ago(span(ms))).toBe(ago);
      expect(t.time.short(span(ms))).toBe(short);
    };
    check(0, 'just now', 'now');
    check(59_999, 'just now', 'now');
    check(12 * MINUTE, '12 min ago', '12 min');
    check(HOUR - 1, '59 min ago', '59 min');
    check(26 * HOUR, '1 d ago', '1 d');
    check(59 * DAY, '59 d ago', '59 d');
    check(61 * DAY, '2 mo ago', '2 mo');
    check(800 * DAY, '2 y ago', '2 y');
  });

  it('counts_the_days_that_are_left_by_the_calendar', () => {
    const now = Date.parse('2026-11-22T23:30:00Z');
    const check = (due: string, expected: string): void => expect(t.detail.daysLeft(daysLeft(due, now))).toBe(expected);
    check('2026-12-11T00:00:00Z', '19 days left');
    check('2026-11-23T00:00:00Z', '1 day left');
    check('2026-11-22T00:00:00Z', 'due today');
    check('2026-11-20T00:00:00Z', '2 days overdue');
  });

  it('shows_a_day_that_a_source_states_as_that_day_in_every_zone', () => {
    expect(utcDay('2026-12-11T00:00:00.000Z')).toMatch(/11/);
  });

  it('shows_what_it_cannot_read_as_it_is', () => {
    expect(utcDay('soon')).toBe('soon');
    expect(historyTime('soon', 0)).toBe('soon');
  });
});

describe('words and numbers', () => {
  it('takes_the_form_that_the_number_asks_for', () => {
    expect(t.list.count(1)).toBe('1 alert');
    expect(t.list.count(0)).toBe('0 alerts');
    expect(t.list.countOf(17, 361_204)).toBe(`17 of ${number(361_204)}`);
    expect(t.sync.failing(['NVD'])).toBe('NVD fails');
    expect(t.sync.failing(['NVD', 'OWASP Top 10'])).toBe('NVD and OWASP Top 10 fail');
    expect(t.sync.failing(['a', 'b', 'c'])).toBe('3 sources fail');
  });

  it('takes_the_readers_flavour_of_the_language', () => {
    expect(pickLocale(['de-DE', 'en-US'])).toBe('en-US');
    expect(pickLocale(['fr'])).toBe('en-GB');
  });

  it('words_a_fault_by_its_code_and_else_by_its_own_sentence', () => {
    expect(faultText({ code: 'unknown_alert', params: {}, message: 'x' })).toBe('This alert is no longer stored.');
    expect(faultText({ code: 'import_cancelled', params: { added: '12' }, message: 'x' })).toBe('The import was stopped. What was stored before that stays: 12 alerts.');
    expect(faultText({ code: 'disk_full', params: {}, message: 'x' })).toMatch(/Free space outside of Tocsin, or delete old backups in its backups folder.$/);
    expect(faultText({ code: 'something_else', params: {}, message: 'It broke at 7.' })).toBe('It broke at 7.');
    expect(faultText({ code: 'constructor', params: {}, message: 'Not a code of ours.' })).toBe('Not a code of ours.');
  });
});

describe('a phrase of the query language', () => {
  it('is_one_line_and_holds_no_quotes', () => {
    expect(phrase('x\n y')).toBe('"x y"');
    expect(phrase(' a "quoted" tool')).toBe('"a quoted tool"');
  });
});
