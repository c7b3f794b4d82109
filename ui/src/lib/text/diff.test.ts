import { describe, expect, it } from 'vitest';
import { shortened, wordDiff, type DiffPart } from './diff';

const said = (parts: readonly DiffPart[]): string => parts.map(({ kind, text }) => (kind === 'same' ? text : kind === 'added' ? `+${text}+` : `-${text}-`)).join('');

describe('what changed between two texts', () => {
  it('is_told_word_by_word', () => {
    const check = (before: string, after: string, expected: string): void => expect(said(wordDiff(before, after))).toBe(expected);
    check('same text', 'same text', 'same text');
    check('an account is needed', 'no account is needed', '-an -+no +account is needed');
    check('', 'all new', '+all new+');
    check('all gone', '', '-all gone-');
    check('a b c d', 'a x c y d', 'a -b -+x +c +y +d');
    check('one two', 'one two three', 'one two +three+');
  });

  it('gives_both_texts_back', () => {
    const before = 'An attacker who has an account may read files.\n\nUpdate to 2.4.58.';
    const after = 'An attacker without an account may read and write files.\n\nUpdate to 2.4.59 now.';
    const parts = wordDiff(before, after);
    const text = (but: DiffPart['kind']): string => parts.filter(({ kind }) => kind !== but).map((part) => part.text).join('');
    expect(text('removed')).toBe(after);
    expect(text('added').replace(/\s+/g, ' ')).toBe(before.replace(/\s+/g, ' '));
  });

  it('does_not_compare_every_word_of_two_very_long_texts', () => {
    const words = (n: number, from: string): string => Array.from({ length: n }, (_, i) => `${from}${i}`).join(' ');
    expect(wordDiff(words(5000, 'a'), words(5000, 'b')).map((part) => part.kind)).toEqual(['removed', 'added']);
  });

  it('leaves_out_long_stretches_that_stayed', () => {
    const long = Array.from({ length: 100 }, (_, i) => `w${i}`).join(' ');
    const parts = shortened(wordDiff(`${long} old ${long}`, `${long} new ${long}`), 2);
    expect(said(parts)).toBe('… w98 w99 -old -+new +w0 w1 … ');
  });
});
