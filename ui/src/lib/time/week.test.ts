import { expect, it } from 'vitest';
import { isZone, parseTime, parseTimes } from './week';

it('reads_a_time_of_day_and_nothing_else', () => {
  const check = (text: string, expected: string | null): void => expect(parseTime(text)).toBe(expected);
  check('08:00', '08:00');
  check(' 8:05 ', '08:05');
  check('23.59', '23:59');
  check('24:00', null);
  check('8:60', null);
  check('8', null);
  check('', null);
});

it('puts_times_in_order_and_each_once', () => {
  expect(parseTimes('17:00, 8:00; 17:00')).toEqual(['08:00', '17:00']);
  expect(parseTimes('8:00, noon')).toBeNull();
  expect(parseTimes(' , ')).toBeNull();
});

it('knows_zones', () => {
  expect(isZone('Europe/Berlin')).toBe(true);
  expect(isZone('Mars/Olympus')).toBe(false);
});
