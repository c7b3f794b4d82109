import { describe, expect, it } from 'vitest';
import { label, shortId } from '../label';
import { matchedProducts } from './products';
import { statedMetrics } from './vector';

describe('affected products', () => {
  it('are_marked_where_a_watch_names_them_though_equal_neighbours_share_a_line', () => {
    const products = [
      { vendor: 'apache', product: 'http_server', versions: '1' },
      { vendor: 'apache', product: 'http_server', versions: '2' },
      { vendor: 'f5', product: 'nginx', versions: '' },
    ];
    const match = (start: number, end: number) => [{ watch: 'w', term: 'w', field: 'products' as const, start, end }];
    expect([...matchedProducts(products, match(0, 18))]).toEqual([0, 1]);
    expect([...matchedProducts(products, match(22, 27))]).toEqual([2]);
    expect(matchedProducts(products, []).size).toBe(0);
  });
});

describe('what an alert is called', () => {
  it('is_its_id_or_its_title_cut_at_a_word', () => {
    expect(shortId({ kind: 'vulnerability', uid: 'CVE-2026-1' })).toBe('CVE-2026-1');
    expect(shortId({ kind: 'guidance', uid: 'owasp:top10:2025:A05' })).toBe('A05:2025');
    expect(shortId({ kind: 'guidance', uid: 'odd' })).toBe('odd');
    expect(label({ kind: 'article', uid: 'feed:x:1', title: 'Short title' })).toBe('Short title');
    expect(label({ kind: 'article', uid: 'feed:x:1', title: 'Ransomware group turns unpatched mail gateways into staging points' })).toBe(
      'Ransomware group turns unpatched mail gateways…',
    );
  });
});

describe('a vector', () => {
  it('keeps_only_the_metrics_that_say_something', () => {
    const check = (vector: string, expected: string): void => expect(statedMetrics(vector).join('/')).toBe(expected);
    check('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 'AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H');
    check('CVSS:4.0/AV:L/AC:L/AT:N/E:X/CR:X/U:X', 'AV:L/AC:L/AT:N');
    check('(AV:N/AC:L/Au:N/C:P/I:P/A:P/E:ND)', 'AV:N/AC:L/Au:N/C:P/I:P/A:P');
    check('', '');
  });
});
