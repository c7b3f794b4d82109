import { describe, expect, it } from 'vitest';
import { mark, paragraphs, type Piece, type Range } from './marks';

const drawn = (pieces: readonly Piece[]): string => pieces.map((p) => (p.layer === 'term' ? `<${p.text}>` : p.layer === 'entity' ? `{${p.text}}` : p.marked ? `[${p.text}]` : p.text)).join('');

describe('layers of marks', () => {
  it('show_the_word_that_decided_over_what_was_looked_for_over_names', () => {
    const check = (ranges: Range[], expected: string): void => expect(drawn(mark('abcdefgh', ranges))).toBe(expected);
    check([{ start: 0, end: 4, layer: 'entity' }, { start: 2, end: 6 }], '{ab}[cdef]gh');
    check([{ start: 0, end: 8, layer: 'entity' }, { start: 2, end: 6 }, { start: 3, end: 4, layer: 'term' }], '{ab}[c]<d>[ef]{gh}');
    check([{ start: 0, end: 2, layer: 'entity' }, { start: 2, end: 4, layer: 'entity' }], '{abcd}efgh');
    check([{ start: 4, end: 4, layer: 'term' }, { start: 7, end: 99, layer: 'term' }], 'abcdefg<h>');
    check([], 'abcdefgh');
  });

  it('go_along_into_paragraphs', () => {
    expect(paragraphs('one two\n\nthree', [{ start: 4, end: 12, layer: 'term' }]).map(drawn)).toEqual(['one <two>', '<thr>ee']);
  });

  it('stay_quick_with_hundreds_of_places_in_a_long_text', () => {
    const text = 'word '.repeat(40_000);
    const ranges: Range[] = Array.from({ length: 700 }, (_, i) => ({ start: i * 250, end: i * 250 + 4, ...(i % 2 === 0 ? { layer: 'entity' as const } : {}) }));
    expect(mark(text, ranges)).toHaveLength(1400);
  });
});
