import { describe, expect, it } from 'vitest';
import { makeAlert } from '$lib/ipc/fake/data';
import type { Act, Change, Detail, State, TriageEntry } from '$lib/ipc/generated';
import { label, shortId } from '../label';
import { matchedProducts } from './products';
import { timeline, type Entry } from './timeline';
import { statedMetrics } from './vector';

describe('affected products', () => {
  it('are_marked_where_a_watch_names_them_though_equal_neighbours_share_a_line', () => {
    const products = [
      { vendor: 'apache', product: 'http_server', versions: '1' },
      { vendor: 'apache', product: 'http_server', versions: '2' },
      { vendor: 'f5', product: 'nginx', versions: '' },
    ];
    const match = (start: number, end: number) => [{ watch: 'w', term: 'w', field: 'products' as const, start, end, version: null }];
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

describe('the timeline', () => {
  const now = Date.parse('2026-11-22T09:41:00Z');
  const nameOf = (id: string): string => ({ slack: 'Slack', 'night-shift': 'Night shift' })[id] ?? id;
  const detailWith = (more: Partial<Detail>): Detail => ({ ...makeAlert(2, now - 86_400_000, () => 0.5).detail, changes: [], triage: [], deliveries: [], updated: null, ...more });
  const words = (entries: readonly Entry[]): string[] => entries.map((entry) => entry.what);
  const set = (state: State, until: string | null = null, reason: string | null = null): Act => ({ kind: 'set_state', state, reason, until });

  it('merges_changes_triage_and_messages_newest_first', () => {
    const entries = timeline(
      detailWith({
        changes: [{ kind: 'new', at: '2026-11-21T10:00:00Z' }, { kind: 'exploited', at: '2026-11-22T08:00:00.5Z', before: null, after: 'kev' }],
        triage: [{ at: '2026-11-22T08:00:00Z', act: set('done', null, 'Patched'), before: 'new', undone: true, alerts: 12 }],
      }),
      now,
      nameOf,
    );
    expect(words(entries).slice(0, 3)).toEqual(['Listed as exploited (KEV)', 'New → Done', 'First seen']);
    expect(entries[1]).toMatchObject({ isUndone: true, more: 'Patched, one of 12' });
  });

  it('marks_what_came_after_the_last_look', () => {
    const changes: Change[] = [{ kind: 'new', at: '2026-11-21T10:00:00Z' }, { kind: 'rejected', at: '2026-11-22T08:00:00Z', before: null, after: null }];
    const isNew = (looked: string | null): boolean[] => timeline(detailWith({ changes, looked }), now, nameOf).filter(({ what }) => what !== 'Published').map((entry) => entry.isNew);
    expect(isNew('2026-11-22T07:00:00Z')).toEqual([true, false]);
    expect(isNew('2026-11-22T09:00:00Z')).toEqual([false, false]);
    expect(isNew(null)).toEqual([false, false]);
  });

  it('says_every_kind_of_change_in_words', () => {
    const at = '2026-11-22T08:00:00Z';
    const check = (change: Change, expected: string): void => expect(words(timeline(detailWith({ changes: [change] }), now, nameOf))).toContain(expected);
    check({ kind: 'scored', at, before: null, after: { score: 9.8, version: '3.1' } }, 'Scored 9.8 (CVSS v3.1)');
    check({ kind: 'scored', at, before: { score: 5, version: '3.1' }, after: { score: 9.8, version: '4.0' } }, 'Score changed from 5.0 (CVSS v3.1) to 9.8 (CVSS v4.0)');
    check({ kind: 'severity_raised', at, before: 'medium', after: 'high' }, 'Severity raised from Medium to High');
    check({ kind: 'severity_lowered', at, before: 'high', after: null }, 'Severity lowered from High to Unscored');
    check({ kind: 'exploited', at, before: 'kev', after: null }, 'No longer listed as exploited');
    check({ kind: 'epss_jump', at, before: 0.12, after: 0.61 }, 'EPSS rose from 12% to 61%');
    check({ kind: 'products_changed', at, added: [], removed: [{ vendor: 'a', product: 'b', versions: '' }] }, '1 removed');
    check({ kind: 'text_changed', at, before: { title: 'a', text: null }, after: { title: 'b', text: null } }, 'Title changed');
    check({ kind: 'rejected', at, before: null, after: 'Rejected' }, 'Rejected by its source');
    check({ kind: 'rejected', at, before: null, after: 'Rejected', closed: 'reviewing', reason: 'x' }, 'Rejected by its source: closed, it was Reviewing');
    check({ kind: 'reopened', at, before: 'done' }, 'Reopened: it got worse after it was Done');
    check({ kind: 'reopened', at, before: null }, 'Reopened: its source took the rejection back');
  });

  it('says_how_each_message_stands_and_when_it_is_due', () => {
    const base = { id: 1, channel: 'slack', created: '2026-11-22T08:00:00Z', due: '2026-11-22T16:00:00Z', attempts: 0, next_attempt: null, finished: null, fault: null };
    const fault = { code: 'x', params: {}, message: 'It broke.' };
    const entries = timeline(
      detailWith({
        deliveries: [
          { ...base, form: 'digest', state: 'waiting' }, { ...base, form: 'alerts', state: 'retrying', next_attempt: '2026-11-22T09:50:00Z', fault },
          { ...base, channel: 'night-shift', form: 'quiet', state: 'sent', finished: '2026-11-22T08:30:00Z' }, { ...base, form: 'alerts', state: 'expired', finished: '2026-11-22T08:31:00Z', fault },
        ],
      }),
      now,
      nameOf,
    );
    expect(words(entries)).toEqual(expect.arrayContaining(['Waits to be sent: Slack, in a digest', 'Tried again: Slack', 'Sent: Night shift, after quiet hours', 'No longer sent: Slack']));
    expect(entries.find(({ what }) => what.startsWith('Waits'))?.more).toMatch(/^due /);
    expect(entries.find(({ what }) => what.startsWith('Tried'))?.fault).toBe(fault);
    expect(entries.find(({ what }) => what.startsWith('Sent'))).toMatchObject({ more: '', fault: null });
  });

  it('leaves_read_marks_out', () => {
    const triage: TriageEntry[] = [{ at: '2026-11-22T08:00:00Z', act: { kind: 'set_read', read: true }, before: null, undone: false, alerts: 1 }];
    expect(words(timeline(detailWith({ triage }), now, nameOf))).not.toContain('Marked read');
  });
});
