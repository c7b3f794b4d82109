import { describe, expect, it } from 'vitest';
import { drawn, physicalHeight, rowTop, scrollToKeep, scrollToShow, TALLEST, toLogical, toPhysical, type Geometry } from './virtual';

const small: Geometry = { count: 1000, rowHeight: 52, viewport: 520 };
const huge: Geometry = { count: 2_000_000, rowHeight: 52, viewport: 520 };

describe('rows in sight', () => {
  it('draws_those_in_sight_and_a_few_around_them', () => {
    expect(drawn(small, 0, 6)).toEqual({ first: 0, length: 16 });
    expect(drawn(small, 5200, 6)).toEqual({ first: 94, length: 22 });
    expect(drawn(small, 99_999_999, 6)).toEqual({ first: 984, length: 16 });
    expect(drawn({ ...small, count: 0 }, 0, 6)).toEqual({ first: 0, length: 0 });
    expect(drawn({ ...small, count: 3 }, 0, 6)).toEqual({ first: 0, length: 3 });
  });

  it('puts_a_row_at_its_place_while_nothing_is_compressed', () => {
    expect(rowTop(small, 777, 20)).toBe(1040);
  });
});

describe('a list taller than an element can be', () => {
  it('stays_below_the_height_that_engines_clamp', () => {
    expect(physicalHeight(huge)).toBe(TALLEST);
    expect(physicalHeight(small)).toBe(52_000);
  });

  it('reaches_its_first_and_its_last_row', () => {
    const end = physicalHeight(huge) - huge.viewport;
    expect(toLogical(huge, 0)).toBe(0);
    expect(toLogical(huge, end)).toBeCloseTo(huge.count * 52 - 520, 3);
    const { first, length } = drawn(huge, end, 6);
    expect(first + length).toBe(huge.count);
    expect(rowTop(huge, end, huge.count - 1)).toBeCloseTo(physicalHeight(huge) - 52, 3);
  });

  it('comes_back_to_where_it_was', () => {
    for (const top of [0, 1234, 50_000_000, 103_999_480]) expect(toLogical(huge, toPhysical(huge, top))).toBeCloseTo(top, 3);
  });

  it('shows_any_row_that_is_asked_for', () => {
    for (const index of [0, 17, 999_999, 1_999_999]) {
      const top = scrollToShow(huge, 0, index);
      const place = rowTop(huge, top, index) - top;
      expect(place).toBeGreaterThanOrEqual(-0.01);
      expect(place).toBeLessThanOrEqual(520 - 52 + 0.01);
    }
  });
});

describe('scrolling to a row', () => {
  it('stays_where_the_row_is_in_sight_already', () => {
    expect(scrollToShow(small, 104, 5)).toBe(104);
  });

  it('moves_no_more_than_it_must', () => {
    expect(scrollToShow(small, 0, 10)).toBe(52);
    expect(scrollToShow(small, 5200, 99)).toBe(5148);
  });

  it('keeps_a_row_under_the_pointer_when_others_came_above_it', () => {
    const after = { ...small, count: 1014 };
    const top = scrollToKeep(small, 260, 7, after, 21);
    expect(rowTop(after, top, 21) - top).toBe(rowTop(small, 260, 7) - 260);
  });
});
