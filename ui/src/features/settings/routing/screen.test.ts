import { describe, expect, it } from 'vitest';
import { FakeBackend, type FakeOptions } from '$lib/ipc/fake/backend';
import { by, edits, text, screenTests } from '$lib/screen';
import { Snackbar } from '$lib/ui/snackbar.svelte';
import { Channels } from '../channels/channels.svelte';
import { Data } from '../data.svelte';
import { Settings } from '../settings.svelte';
import SettingsScreen from '../SettingsScreen.svelte';
import { Rules } from './rules.svelte';

const { settle, show, click, fill, violations } = screenTests();

async function open(options: FakeOptions = {}) {
  const backend = new FakeBackend({ alerts: 200, ...options });
  const snackbar = new Snackbar();
  const settings = new Settings(backend, snackbar);
  const channels = new Channels(backend, snackbar, settings);
  settings.section = 'routing';
  const rules = new Rules(backend, snackbar, settings);
  await settings.refresh();
  show(SettingsScreen, {
    settings, channels, data: new Data(backend, () => {}), rules, status: await backend.call('status', {}), analysis: (() => {}) as never, onanalysis: () => {},
    onundelivered: () => {}, oncancelwork: () => {},
  });
  await settle();
  return { backend, snackbar, settings, rules };
}

async function submit(): Promise<void> {
  (by('rule-form') as HTMLFormElement).requestSubmit();
  await settle();
}

describe('the rules', () => {
  it('say_what_they_send_where_the_built_in_ones_first', async () => {
    await open();
    const items = [...document.querySelectorAll<HTMLElement>('ul[aria-label="Rules"] > li')];
    expect(items.map((item) => item.dataset.testid)).toEqual(['rule-desktop', 'rule-default', 'rule-night-shift']);
    expect(text('rule-desktop')).toContain('High and exploited that match a watch');
    expect(text('rule-desktop')).toContain('any watch matched; to Desktop at once');
    expect(text('rule-night-shift')).toMatch(/Medium or higher, or exploited; to SOC on call and Slack as a digest, 07:00 and 19:00, on Mon, Tue, Wed, Thu,? and Fri \(Europe\/Berlin\), at most 40 a day/);
    expect(await violations()).toEqual([]);
  });

  it('are_switched_and_a_built_in_one_is_put_back', async () => {
    const { settings, snackbar } = await open();
    expect(by('rule-default-reset')).toBeNull();
    await click('rule-default-enabled');
    expect(settings.now?.settings.rules.default?.enabled).toBe(false);
    expect(text('rule-default')).toContain('built in, changed');
    await click('rule-default-reset');
    expect(settings.now?.settings.rules.default?.enabled).toBe(true);
    snackbar.act();
    await settle();
    expect(settings.now?.settings.rules.default?.enabled).toBe(false);
  });

  it('are_deleted_with_undo', async () => {
    const { settings, snackbar } = await open();
    await click('rule-night-shift-remove');
    expect(settings.now?.settings.rules['night-shift']).toBeUndefined();
    expect(snackbar.current?.text).toBe('Rule “Night shift” deleted');
    snackbar.act();
    await settle();
    expect(settings.now?.settings.rules['night-shift']?.per_day).toBe(40);
  });
});

describe('a new rule', () => {
  it('shows_what_it_would_have_sent_before_it_is_saved', async () => {
    const { backend } = await open();
    await click('rule-add');
    expect(text('backtest')).toContain('Choose what it waits for and a channel');
    await fill('rule-field-name', 'Night shift two');
    await fill('rule-field-query', 'severity:high');
    await click('rule-channel-slack');
    const looked = Number(by('backtest')?.dataset.alerts);
    expect(looked).toBeGreaterThan(0);
    expect(document.querySelectorAll('[data-testid="backtest-example"]').length).toBeGreaterThan(0);
    expect(document.querySelector('svg[role="img"]')?.getAttribute('aria-label')).toMatch(/^Alerts a day; at most/);
    expect(document.querySelectorAll('svg[role="img"] rect')).toHaveLength(30);
    expect(await violations()).toEqual([]);
    await click('rule-watches-any');
    expect(Number(by('backtest')?.dataset.alerts)).toBeLessThan(looked);
    await fill('rule-field-per_day', '1');
    expect(text('backtest')).toContain('Held by a cap');
    await submit();
    expect(edits(backend).at(-1)).toEqual({
      kind: 'add_rule',
      rule: { name: 'Night shift two', enabled: true, query: 'severity:high', watches: ['*'], min_severity: null, changes: ['new', 'exploited', 'raised_to_high'], channels: ['slack'], when: { kind: 'now' }, per_hour: 0, per_day: 1 },
    });
    expect(by('rule-form')).toBeNull();
    expect(by('rule-night-shift-two')).not.toBeNull();
  });

  it('asks_once_for_what_is_typed_quickly', async () => {
    const { backend } = await open();
    await click('rule-add');
    await click('rule-channel-slack');
    const before = backend.calls.filter(({ name }) => name === 'rule_backtest').length;
    const input = by('rule-field-query') as HTMLInputElement;
    for (const value of ['n', 'ng', 'ngi', 'nginx']) {
      input.value = value;
      input.dispatchEvent(new window.Event('input', { bubbles: true }));
      await settle(50);
    }
    await settle();
    expect(backend.calls.filter(({ name }) => name === 'rule_backtest')).toHaveLength(before + 1);
  });

  it('marks_the_mistake_of_its_query_and_is_not_saved_with_it', async () => {
    const { backend } = await open();
    await click('rule-add');
    await fill('rule-field-name', 'Wrong');
    await click('rule-channel-*');
    await fill('rule-field-query', 'severity:high (nginx');
    expect(text('query-fault')).toContain('Character 15');
    await submit();
    expect(edits(backend)).toEqual([]);
    await fill('rule-field-query', 'severity:high (nginx)');
    expect(by('query-fault')).toBeNull();
    await submit();
    expect(edits(backend)).toHaveLength(1);
  });

  it('says_what_is_missing', async () => {
    const { backend } = await open();
    await click('rule-add');
    await submit();
    expect(text('rule-problem')).toBe('A rule needs a name.');
    await fill('rule-field-name', 'Night shift');
    await submit();
    expect(text('rule-problem')).toBe('There is a rule “Night shift” already.');
    await fill('rule-field-name', 'Other');
    await submit();
    expect(text('rule-problem')).toBe('Choose at least one channel.');
    expect(edits(backend)).toEqual([]);
  });

  it('waits_for_quiet_changes_and_digests_when_told_to', async () => {
    const { backend } = await open();
    await click('rule-add');
    await fill('rule-field-name', 'Weekly');
    await click('rule-channel-email');
    await click('rule-change-new');
    await click('rule-change-exploited');
    await click('rule-change-raised_to_high');
    await click('rule-change-text_changed');
    await click('rule-when-digest');
    await fill('rule-field-digest-at', '9:00');
    await click('rule-field-digest-day-mon');
    await submit();
    expect(edits(backend).at(-1)).toMatchObject({ rule: { changes: ['text_changed'], channels: ['email'], when: { kind: 'digest', at: ['09:00'], days: ['mon'], zone: null } } });
  });
});

describe('an edited rule', () => {
  it('keeps_what_is_not_touched', async () => {
    const { backend } = await open();
    await click('rule-night-shift-edit');
    expect((by('rule-field-digest-at') as HTMLInputElement).value).toBe('07:00, 19:00');
    await fill('rule-field-name', 'Nights');
    expect(await violations()).toEqual([]);
    await submit();
    expect(edits(backend).at(-1)).toMatchObject({ kind: 'set_rule', id: 'night-shift', rule: { name: 'Nights', min_severity: 'medium', channels: ['soc-on-call', 'slack'] } });
  });

  it('that_cannot_be_saved_says_why_and_stays', async () => {
    const { backend } = await open();
    await click('rule-night-shift-edit');
    backend.failNext.set('settings_edit', { code: 'x', params: {}, message: 'The file cannot be written.' });
    await submit();
    expect(text('rule-problem')).toBe('It was not saved. The file cannot be written.');
    await click('rule-cancel');
    expect(by('rule-form')).toBeNull();
  });
});
