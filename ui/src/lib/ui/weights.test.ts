import { describe, expect, it } from 'vitest';
import { lengths } from './weights';

describe('bars of weights', () => {
  it('fill_their_side_with_the_heaviest_and_hide_none', () => {
    expect(lengths([2, -1, 0.001])).toEqual([100, 50, 1.5]);
    expect(lengths([])).toEqual([]);
    expect(lengths([0, Number.NaN])).toEqual([0, 0]);
  });
});
