import { describe, expect, it } from 'vitest';
import { makeAlert, NOW, randomFrom } from '$lib/ipc/fake/data';
import type { Entity } from '$lib/ipc/generated';
import { term } from '$lib/ipc/fake/watching';
import { calledAs, details, draftOf, emptyDraft, endOf, fits, problemOf, toMute, toWatch, type Draft } from './draft';
import { asTerm, choicesOf, ofTerm } from './prefill';

const draft = (more: Partial<Draft>): Draft => ({ ...emptyDraft(), ...more });

describe('a draft', () => {
  it('comes_from_a_watch_and_goes_back_as_it_was', () => {
    const watch = term('openssl', {
      kind: 'product', product: { vendor: null, product: 'openssl', versions: ['2.4.1', '>=3.0 <3.0.7'] }, aliases: ['libssl'], exceptions: ['openssl license'],
      scope: { kinds: ['vulnerability'], sources: ['nvd'], fields: ['products'] }, enabled: false,
    });
    expect(toWatch(draftOf(watch), false)).toEqual(watch);
    const mute = { ...watch, enabled: true, until: new Date(2026, 11, 24, 23, 59).toISOString() };
    expect(toMute(draftOf(mute), NOW)).toEqual(mute);
  });

  it('leaves_out_what_its_kind_has_no_use_for', () => {
    expect(toWatch(draft({ term: ' nginx ', product: 'left over', versions: '1.0' })).product).toBeNull();
    expect(toWatch(draft({ kind: 'regex', term: 'a|b', aliases: 'c' })).aliases).toEqual([]);
    expect(toWatch(draft({ kind: 'product', product: 'http_server' })).term).toBe('http server');
    expect(calledAs('http_server ')).toBe('http server');
  });

  it('says_what_is_wrong_with_it_before_it_is_sent', () => {
    const check = (more: Partial<Draft>, part: 'watches' | 'mutes', expected: string | null): void => expect(problemOf(draft(more), part, ['nginx'], NOW)).toBe(expected);
    check({ term: 'openssl' }, 'watches', null);
    check({ term: '…' }, 'watches', 'It needs a letter or a digit.');
    check({ kind: 'product', term: 'x' }, 'watches', 'It needs a product.');
    check({ term: 'NGINX ' }, 'watches', '“nginx” is watched already.');
    check({ term: 'NGINX' }, 'mutes', '“nginx” is muted already.');
    check({ kind: 'regex', term: '.' }, 'watches', null);
    check({ term: 'x', end: 'day', day: 'soon' }, 'mutes', 'A day is written 2026-12-24 and lies ahead.');
    check({ term: 'x', end: 'day', day: '2020-01-01' }, 'mutes', 'A day is written 2026-12-24 and lies ahead.');
    check({ term: 'x', end: 'day', day: '2026-12-24' }, 'mutes', null);
  });

  it('ends_with_the_end_of_its_last_day', () => {
    expect(endOf(draft({}), NOW)).toBeNull();
    expect(endOf(draft({ end: 'week' }), NOW)).toBe(new Date(NOW + 7 * 86_400_000).toISOString());
    const end = new Date(endOf(draft({ end: 'day', day: '2026-12-24' }), NOW) ?? '');
    expect([end.getDate(), end.getHours(), end.getMinutes()]).toEqual([24, 23, 59]);
  });
});

describe('what is said of a watch', () => {
  it('tells_product_versions_aliases_exceptions_and_scope', () => {
    const watch = term('openssl', { kind: 'product', product: { vendor: 'openssl', product: 'openssl', versions: ['3.0'] }, aliases: ['libssl'], scope: { kinds: ['article'], sources: ['krebs'], fields: ['title'] } });
    expect(details(watch, () => 'Krebs')).toEqual(['openssl : openssl', 'versions 3.0', 'also “libssl”', 'only articles in titles from Krebs']);
    expect(details(term('nginx'), (id) => id)).toEqual([]);
  });

  it('is_found_by_any_of_its_names', () => {
    const watch = term('apache http server', { aliases: ['httpd'] });
    expect(['', 'HTTPD', 'server'].every((text) => fits(watch, text))).toBe(true);
    expect(fits(watch, 'nginx')).toBe(false);
  });
});

describe('what an alert offers', () => {
  const { detail } = makeAlert(2, NOW, randomFrom(3));
  const named = (name: string, kind: Entity['kind']): Entity => ({ kind, name, id: null, field: 'text', start: 0, end: name.length, by: 'gazetteer', range: null });

  it('begins_with_what_is_selected_then_products_then_names_each_once', () => {
    const with_names = { ...detail, finding: { ...detail.finding, entities: [named('PaperLantern', 'malware'), named('2.4', 'version'), named('paperlantern', 'malware'), named('Velvet Otter', 'actor')] } };
    const choices = choicesOf(with_names, ' crafted \n messages ');
    expect(choices[0]).toEqual({ label: 'crafted messages', draft: ofTerm('crafted messages') });
    expect(choices[1]?.draft).toMatchObject({ kind: 'product', vendor: detail.facts.products[0]?.vendor, product: detail.facts.products[0]?.product });
    expect(choices.slice(-2).map(({ label }) => label)).toEqual(['Velvet Otter', 'PaperLantern']);
    expect(choices.length).toBeLessThanOrEqual(12);
  });

  it('takes_no_whole_paragraph_for_a_term', () => {
    expect(asTerm('x'.repeat(200))).toBe('');
    expect(asTerm(' — ')).toBe('');
    expect(choicesOf(null, '')).toEqual([]);
  });
});
