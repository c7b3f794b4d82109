import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBackend } from '$lib/ipc/fake/backend';
import { makeAlert, NOW, randomFrom } from '$lib/ipc/fake/data';
import type { Detail, Entity, Finding, Indicator, Relevance, WatchMatch } from '$lib/ipc/generated';
import { mark } from '$lib/text/marks';
import { t } from '$lib/text';
import { Explaining } from './explaining.svelte';
import { groupIndicators, groupNames, queryOf } from './named';
import { placesIn } from './places';
import { reasons } from './reasons';

const base: Detail = makeAlert(2, NOW, randomFrom(3)).detail;
const withFinding = (more: Partial<Finding>): Detail => ({ ...base, finding: { ...base.finding, ...more } });
const match = (watch: string, field: WatchMatch['field'], more: Partial<WatchMatch> = {}): WatchMatch => ({ watch, term: watch, field, start: 0, end: 5, version: null, ...more });

describe('why it is here', () => {
  const judged = (relevance: Partial<Relevance>, abstained: Finding['abstained'] = null, hasWatches = true): string[] =>
    reasons(withFinding({ relevance: { is_relevant: false, reason: 'no_watch', score: null, matches: [], muted_by: [], ...relevance }, abstained }), 'all', hasWatches);

  it('names_the_watch_its_term_its_place_and_the_version_that_is_affected', () => {
    expect(judged({ reason: 'watch', is_relevant: true, matches: [match('apache', 'text', { term: 'httpd' }), match('apache', 'title', { term: 'httpd' }), match('nginx', 'products', { version: '2.4.1' })] })).toEqual([
      '“apache” is there as “httpd”, in the title and the text.', '“nginx” is in the affected products. Your 2.4.1 is affected.',
    ]);
  });

  it('says_that_a_mute_wins_over_a_watch', () => {
    expect(judged({ reason: 'mute', muted_by: [match('wordpress', 'title')], matches: [match('nginx', 'text')] })).toEqual([
      'Muted: “wordpress” is in the title.', 'A watch matches too: “nginx” is in the text.',
    ]);
  });

  it('tells_whose_model_decided_and_how_sure_it_is', () => {
    expect(judged({ reason: 'user_model', is_relevant: true, score: 0.87 })).toEqual(['Your model holds it for relevant (87% likely).']);
    expect(judged({ reason: 'base_model', score: 0.12 })).toEqual(['The built-in model does not hold it for relevant (12% likely).']);
    expect(judged({ reason: 'base_model', score: null })).toEqual(['The built-in model decided.']);
  });

  it('says_why_nothing_judged_it', () => {
    expect(judged({ reason: 'abstained' }, 'not_english')[0]).toContain('the text is not English');
    expect(judged({ reason: 'abstained' }, 'too_short')[0]).toContain('too short to tell');
    expect(judged({ reason: 'abstained' }, 'no_model')[0]).toContain('Settings, Analysis');
    expect(judged({ reason: 'abstained' })[0]).toBe('Not judged by the models.');
    expect(judged({})[0]).toBe('No watch matches; you see it because you look at All.');
    expect(judged({}, null, false)[0]).toContain('Nothing is watched yet');
  });
});

const entity = (kind: Entity['kind'], name: string, start: number, more: Partial<Entity> = {}): Entity => ({ kind, name, id: null, field: 'text', start, end: start + name.length, by: 'gazetteer', range: null, ...more });

describe('names', () => {
  it('are_each_there_once_by_kind_with_what_they_are_known_as', () => {
    const groups = groupNames([entity('malware', 'PaperLantern', 0), entity('actor', 'UNC-0000', 30, { id: 'Velvet Otter' }), entity('actor', 'Velvet Otter', 60, { id: 'Velvet Otter' }), entity('malware', 'paperlantern', 90)]);
    expect(groups.map(({ kind, names }) => [kind, names.map(({ name, id, spans }) => [name, id, spans.length])])).toEqual([
      ['actor', [['UNC-0000', 'Velvet Otter', 2]]], ['malware', [['PaperLantern', null, 2]]],
    ]);
  });

  it('give_each_product_the_versions_that_are_said_of_it', () => {
    const range = { from: null, from_included: false, to: '9.1.4', to_included: false };
    const groups = groupNames([
      entity('product', 'Gateway', 0), entity('version', 'before 9.1.4', 8, { range }), entity('product', 'Relay', 40), entity('version', '3.2.7', 46), entity('version', '1.0', 900),
    ]);
    const products = groups.find(({ kind }) => kind === 'product')?.names ?? [];
    expect(products.map(({ name, ranges }) => [name, ranges.map(t.analysis.names.range)])).toEqual([['Gateway', ['before 9.1.4']], ['Relay', ['3.2.7']]]);
    expect(groups.find(({ kind }) => kind === 'version')?.names.map(({ name }) => name)).toEqual(['1.0']);
  });

  it('word_every_span_of_versions', () => {
    const check = (from: string | null, from_included: boolean, to: string | null, to_included: boolean, expected: string): void => expect(t.analysis.names.range({ from, from_included, to, to_included })).toBe(expected);
    check(null, false, '2.17.1', false, 'before 2.17.1');
    check('2.0', true, '2.3', true, 'from 2.0 through 2.3');
    check('2.0', false, null, false, 'after 2.0');
    check('2.0', true, '2.0', true, '2.0');
  });

  it('are_looked_for_by_what_they_are_known_as', () => {
    expect(queryOf({ kind: 'actor', name: 'UNC-0000', id: 'Velvet Otter' })).toBe('actor:"Velvet Otter"');
    expect(queryOf({ kind: 'ransomware', name: 'GreyTide', id: null })).toBe('malware:"GreyTide"');
    expect(queryOf({ kind: 'tool', name: 'a "quoted" tool', id: null })).toBe('entity:"a quoted tool"');
    expect(queryOf({ kind: 'product', name: 'Relay', id: 'northwind/mail_relay' })).toBe('"Relay"');
  });
});

describe('indicators', () => {
  it('are_each_there_once_by_kind', () => {
    const indicator = (kind: Indicator['kind'], value: string, start: number): Indicator => ({ kind, value, field: 'text', start, end: start + 4, is_defanged: false, is_private: false });
    const groups = groupIndicators([indicator('domain', 'evil.example', 9), indicator('ipv4', '192.0.2.1', 0), indicator('ipv4', '192.0.2.1', 50), indicator('ipv4', '192.0.2.2', 60)]);
    expect(groups.map(({ kind, values }) => [kind, values.map(({ value, spans }) => `${value} ${spans.length}`)])).toEqual([['ipv4', ['192.0.2.1 2', '192.0.2.2 1']], ['domain', ['evil.example 1']]]);
  });
});

describe('places in title and text', () => {
  it('count_scalar_values_and_are_shown_in_layers', () => {
    const text = '🚨 nginx and Velvet Otter';
    const detail = withFinding({
      relevance: { is_relevant: true, reason: 'watch', score: null, matches: [match('nginx', 'text', { start: 2, end: 7 }), match('nginx', 'title')], muted_by: [] },
      entities: [entity('actor', 'Velvet Otter', 12)], indicators: [],
    });
    const pieces = mark(text, placesIn(text, 'text', [{ field: 'text', start: 19, end: 24 }, { field: 'title', start: 0, end: 2 }], detail));
    expect(pieces.filter((piece) => piece.marked).map((piece) => [piece.text, piece.layer])).toEqual([['nginx', undefined], ['Velvet ', 'entity'], ['Otter', 'term']]);
    expect(placesIn(text, 'text', [], null)).toEqual([]);
  });
});

describe('the words that decided', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
  });
  afterEach(() => void vi.useRealTimers());
  const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(10);
  const asks = (backend: FakeBackend): number => backend.calls.filter(({ name }) => name === 'alert_explain').length;

  it('are_asked_for_when_somebody_wants_them_and_then_with_each_alert', async () => {
    const backend = new FakeBackend({ alerts: 60 });
    const [first, second] = backend.alerts.filter(({ detail }) => detail.finding.category?.by.kind === 'model').map(({ detail }) => detail);
    if (!first || !second) throw new Error('the fake has them');
    const explaining = new Explaining(backend);
    explaining.show(first);
    await settle();
    expect(asks(backend)).toBe(0);
    explaining.toggle(first);
    await settle();
    expect(explaining.parts.map(({ about }) => about)).toContain('category');
    // The same alert, read again, has no other explanation.
    explaining.show({ ...first });
    expect(asks(backend)).toBe(1);
    explaining.show(second);
    expect(explaining.explanation).toBeNull();
    await settle();
    expect(asks(backend)).toBe(2);
    expect(new Explaining(backend).isOpen).toBe(true);
  });

  it('leave_out_what_no_words_decided', () => {
    const explaining = new Explaining(new FakeBackend({ alerts: 1 }));
    const explained = (by: 'cwe' | 'base_model', terms: { term: string; weight: number; spans: [] }[] = []) => ({ label: 'xss', probability: 1, by, terms });
    explaining.explanation = { relevance: null, category: explained('cwe'), severity: explained('base_model'), techniques: [] };
    expect(explaining.parts.map(({ about }) => about)).toEqual(['severity']);
  });

  it('show_what_is_pointed_at_before_what_is_pressed', () => {
    const explaining = new Explaining(new FakeBackend({ alerts: 1 }));
    const span = (start: number) => [{ field: 'text' as const, start, end: start + 1 }];
    explaining.pin('a', span(1));
    explaining.point(span(7));
    expect(explaining.spans).toEqual(span(7));
    explaining.point(null);
    expect(explaining.spans).toEqual(span(1));
    explaining.pin('a', span(1));
    expect(explaining.spans).toEqual([]);
  });

  it('drop_an_answer_for_an_alert_that_is_no_longer_shown_and_say_what_failed', async () => {
    const backend = new FakeBackend({ alerts: 60 });
    const [first, second] = backend.alerts.map(({ detail }) => detail);
    if (!first || !second) throw new Error('the fake has them');
    const explaining = new Explaining(backend);
    explaining.isOpen = true;
    explaining.show(first);
    backend.failNext.set('alert_explain', { code: 'x', params: {}, message: 'The database is busy.' });
    explaining.show(second);
    await settle();
    expect(explaining.explanation).toBeNull();
    expect(explaining.fault?.message).toBe('The database is busy.');
    explaining.retry(second);
    await settle();
    expect(explaining.fault).toBeNull();
    expect(explaining.explanation).not.toBeNull();
  });
});
