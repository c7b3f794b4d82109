import { describe, expect, it } from 'vitest';
import { findWords, mark, markScalars, paragraphs, queryWords, toUtf16 } from './marks';

const marked = (pieces: { text: string; marked: boolean }[]): string => pieces.map((p) => (p.marked ? `[${p.text}]` : p.text)).join('');

describe('places in a text', () => {
  it('counts_scalar_values_and_not_utf16_units', () => {
    const check = (text: string, start: number, end: number, expected: string): void =>
      expect(marked(markScalars(text, [{ start, end }]))).toBe(expected);
    check('nginx leaks', 0, 5, '[nginx] leaks');
    check('🚨 nginx', 2, 7, '🚨 [nginx]');
    check('𝔘nicode 🚨 nginx', 10, 15, '𝔘nicode 🚨 [nginx]');
    check('é\u0301 x', 3, 4, 'é\u0301 [x]');
    check('short', 3, 99, 'sho[rt]');
    check('short', 9, 12, 'short');
  });

  it('keeps_a_surrogate_pair_whole', () => {
    expect(toUtf16('a🚨b', [{ start: 1, end: 2 }])).toEqual([{ start: 1, end: 3 }]);
  });

  it('joins_places_that_overlap_and_leaves_markup_as_text', () => {
    expect(marked(mark('<b>apache http</b>', [{ start: 3, end: 9 }, { start: 3, end: 14 }]))).toBe('<b>[apache http]</b>');
  });

  it('splits_into_paragraphs_and_moves_the_places_along', () => {
    const text = 'one nginx\n\ntwo nginx here\n\n\nthree';
    const ranges = findWords(text, ['nginx']);
    expect(paragraphs(text, ranges).map(marked)).toEqual(['one [nginx]', 'two [nginx] here', 'three']);
  });

  it('has_no_paragraph_in_an_empty_text', () => {
    expect(paragraphs('', [])).toEqual([]);
  });
});

describe('the words of a search', () => {
  it('leaves_out_operators_fields_and_exclusions', () => {
    const check = (query: string, expected: string[]): void => expect(queryWords(query)).toEqual(expected);
    check('Apache nginx apache', ['apache', 'nginx']);
    check('"remote code" -dos state:new epss>0.5', ['remote', 'code']);
    check('CVE-2026-21413', ['cve-2026-21413']);
    check('a OR b NOT c', ['a', 'b', 'c']);
    check('  ', []);
    check('"unclosed phrase', ['unclosed', 'phrase']);
  });

  it('finds_them_where_a_word_begins_and_takes_no_letter_as_a_pattern', () => {
    const check = (text: string, words: string[], expected: string): void => expect(marked(mark(text, findWords(text, words)))).toBe(expected);
    check('OpenSSL and openssl', ['openssl'], '[OpenSSL] and [openssl]');
    check('javascript java', ['java'], '[java]script [java]');
    check('preopenssl', ['openssl'], 'preopenssl');
    check('a.b axb', ['a.b'], '[a.b] axb');
    check('Schlüssel', ['schlüssel'], '[Schlüssel]');
  });
});
