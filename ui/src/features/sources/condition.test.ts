import { describe, expect, it } from 'vitest';
import { FakeBackend } from '$lib/ipc/fake/backend';
import { NOW } from '$lib/ipc/fake/data';
import type { Condition, Run, RunNote, SourceRow } from '$lib/ipc/generated';
import { t } from '$lib/text';
import { historyTime } from '$lib/text/format';
import { noteOf, said, scheduleOf } from './condition';
import { catalogues, feedGroups, fits } from './groups';

const ago = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();
const DAY = 1440;
/** A day as the reader's locale writes it. */
const day = (days: number): string => historyTime(ago(days * DAY), NOW);
const rows = (): SourceRow[] => new FakeBackend({ alerts: 0, feeds: 'some' }).sources.rows;

function row(change: Partial<SourceRow> & { run?: Partial<Run> } = {}): SourceRow {
  const one = rows().find(({ id }) => id === 'thehackernews');
  if (!one?.last_run) throw new Error('the fake backend has no such source');
  const { run, ...rest } = change;
  return { ...one, ...rest, last_run: { ...one.last_run, problems: [], ...run } };
}

function sentence(condition: Condition, change: Partial<SourceRow> = {}): string {
  const { tone, text } = said(row({ condition, ...change }), NOW);
  return `${tone}: ${text}`;
}

describe('a source is described', () => {
  const refused = { code: 'x', params: {}, message: 'It refused (403).' };
  const failed = { health: { ...row().health, fault: refused } };

  it('by_its_condition_in_a_sentence_that_needs_no_colour', () => {
    expect(sentence({ kind: 'off' })).toBe('idle: Off: it is not collected on schedule.');
    expect(sentence({ kind: 'paused' })).toBe('warn: Paused: the settings file cannot be read, so nothing is collected on schedule.');
    expect(sentence({ kind: 'never' })).toBe('idle: Not collected yet; the first run is due in 26 min.');
    expect(sentence({ kind: 'collecting' }, { running: { done: 12, total: 50 } })).toBe('busy: Collecting, 12 of 50 records');
    expect(sentence({ kind: 'collecting' })).toBe('busy: Collecting');
    expect(sentence({ kind: 'empty', since: ago(3 * DAY) })).toBe(`warn: It answers, but its document has had no entries since ${day(3)}.`);
    expect(sentence({ kind: 'offline', since: ago(3 * DAY) })).toBe(`warn: This machine has had no connection since ${day(3)}. Nothing is wrong with the source.`);
    expect(sentence({ kind: 'waiting', until: ago(-25), fault: refused })).toBe('warn: It refused (403). The next attempt is in 25 min.');
    expect(sentence({ kind: 'failing', since: ago(3 * DAY), failures: 1 }, failed)).toBe('bad: It refused (403).');
    expect(sentence({ kind: 'failing', since: ago(3 * DAY), failures: 7 }, failed)).toBe(`bad: It refused (403). 7 runs have failed since ${day(3)}.`);
    expect(sentence({ kind: 'down', since: ago(19 * DAY) }, failed)).toBe(`bad: Down since ${day(19)} (19 d ago). It refused (403).`);
    expect(sentence({ kind: 'silent', since: ago(40 * DAY), usual_days: 2.1 })).toBe(`warn: It answers, but its newest item is of ${day(40)} (40 d ago); usually something new comes every 2 days.`);
  });

  it('by_its_last_run_where_it_is_well', () => {
    const fine = (run: Partial<Run>): string => said(row({ condition: { kind: 'fine' }, run }), NOW).text;
    const counts = { read: 50, new: 14, changed: 3, unchanged: 33, problems: 0 };
    expect(fine({ counts })).toBe('Collected 4 min ago: 14 new, 3 changed.');
    expect(fine({ note: { kind: 'not_modified' } })).toBe('Looked 4 min ago: nothing had changed.');
    expect(fine({ outcome: 'cancelled' })).toBe('Stopped by you 4 min ago; what was read is stored.');
    expect(fine({ outcome: 'interrupted' })).toBe('Interrupted 4 min ago; it goes on with the next run.');
    expect(fine({ outcome: 'skipped', note: { kind: 'host_busy' } })).toBe('Last collected 4 min ago.');
  });

  it('by_the_note_of_a_run', () => {
    const note = (one: RunNote): string => noteOf({ ...(row().last_run as Run), note: one }, NOW);
    expect(noteOf(row().last_run as Run, NOW)).toBe('');
    expect(note({ kind: 'moved', to: 'https://new.example/' })).toContain('https://new.example/');
    expect(note({ kind: 'mirror', url: 'https://mirror.example/' })).toContain('https://mirror.example/');
    expect(note({ kind: 'back_off', until: ago(-2 * DAY) })).toMatch(/waits until \w{3} \d\d:\d\d\./);
    for (const kind of ['not_modified', 'empty', 'offline', 'paused', 'host_busy', 'salvaged', 'few_entries'] as const) {
      expect(note({ kind })).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('by_how_often_it_is_read', () => {
    const every = (interval_min: number): string => scheduleOf(row({ adaptive: false, interval_min }));
    expect([1, 30, 60, 90, 120, 1440, 10_080].map(every)).toEqual(['every minute', 'every 30 minutes', 'every hour', 'every 1 h 30 min', 'every 2 hours', 'every day', 'every 7 days']);
    expect(scheduleOf(row())).toBe('adapts to the feed, now every 45 minutes');
    expect(scheduleOf(row({ health: { ...row().health, rhythm_min: null } }))).toBe('adapts to the feed');
    expect([0.02, 0.4, 8, 12.3].map(t.sources.perDayShort)).toEqual(['<0.1 a day', '0.4 a day', '8 a day', '12 a day']);
  });
});

describe('sources are in order', () => {
  it('catalogues_first_then_feeds_under_their_headings', () => {
    expect(catalogues(rows()).map(({ id }) => id)).toEqual(['nvd', 'kev', 'epss', 'owasp', 'owasp-api']);
    expect(feedGroups(rows()).map(({ name, rows: own }) => `${name} ${own.length}`)).toEqual([
      'News 4', 'Advisories 1', 'Research 1', 'Distributions 2', 'Eigene Quellen und Verwaltungsbekanntmachungen 1', 'Other feeds 1',
    ]);
    const twice = feedGroups([row({ group: 'News' }), row({ group: ' news ' })]);
    expect(twice.map(({ rows: own }) => own.length)).toEqual([2]);
  });

  it('and_are_found_by_name_address_and_group', () => {
    const find = (text: string): string[] => rows().filter((one) => fits(one, text)).map(({ id }) => id);
    expect(find('HACKER')).toEqual(['thehackernews']);
    expect(find('intranet')).toEqual(['lab']);
    expect(find('distributions')).toEqual(['debian', 'ubuntu']);
    expect(find('zzz')).toEqual([]);
  });
});
