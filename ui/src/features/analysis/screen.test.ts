import { describe, expect, it } from 'vitest';
import { FakeBackend, type FakeOptions } from '$lib/ipc/fake/backend';
import { all, by, text, screenTests } from '$lib/screen';
import { Snackbar } from '$lib/ui/snackbar.svelte';
import { Analysis } from './analysis.svelte';
import AnalysisSection from './AnalysisSection.svelte';
import { widths } from './figures';

const { settle, show, hide, click, type, violations } = screenTests({ isStrict: false });

async function open(options: FakeOptions = {}) {
  const backend = new FakeBackend({ alerts: 600, ...options });
  const snackbar = new Snackbar();
  const analysis = new Analysis(backend, snackbar);
  const shown: number[] = [];
  const cancelled: number[] = [];
  const status = await backend.call('status', {});
  const { settings, is_editable } = await backend.call('settings_get', {});
  const props = { analysis, isBroken: !is_editable, modelFile: settings.analysis.model_file ?? '', modelSetBy: undefined, status, oncancel: (id: number) => cancelled.push(id), onalert: (id: number) => shown.push(id) };
  backend.on(() => analysis.refreshSoon());
  show(AnalysisSection, props);
  await analysis.open();
  await settle();
  return { backend, snackbar, analysis, shown, cancelled };
}

describe('the models', () => {
  it('tell_where_they_are_from_and_how_good_they_are', async () => {
    await open();
    expect(by('model')?.dataset.origin).toBe('embedded');
    expect(text('model')).toContain('newest text 2025-11-30, checksum 5c1e90aa');
    const category = [...(document.querySelectorAll('[data-testid="model"] tbody tr')[1]?.querySelectorAll('td, td span') ?? [])].map((cell) => cell.textContent);
    expect(category).toEqual(expect.arrayContaining(['Category', '13', 'macro-F1 0.836', 'accuracy 0.866', 'calibration error 0.018', '5.1 MB']));
    expect(text('model')).toContain('MITRE ATT&CK 4,020 texts, Apache-2.0');
    expect(await violations()).toEqual([]);
  });

  it('that_cannot_be_read_say_why_first_and_show_the_way_out', async () => {
    const { backend } = await open({ model: 'broken' });
    expect(document.querySelector('.card')).toBe(by('model'));
    expect(text('model')).toContain('The model file /home/ana/models/own.tocsin is not used: its checksum does not match.');
    await click('model-embedded');
    expect(backend.calls.findLast(({ name }) => name === 'settings_edit')?.request).toEqual({ edit: { kind: 'set_analysis', model_file: '' } });
    expect(by('model')?.dataset.origin).toBe('embedded');
    expect(document.querySelector('[role="alert"]')).toBeNull();
    expect(backend.settings.analysis.model_file).toBeNull();
  });

  it('that_are_none_leave_watches_and_scores', async () => {
    await open({ model: 'none' });
    expect(text('model')).toContain('The built-in model is not used: it ends too early.');
    expect(text('model')).toContain('Watches, mutes, scores and structured fields work');
    expect(by('model-embedded')).toBeNull();
    expect(await violations()).toEqual([]);
  });

  it('whose_state_cannot_be_read_can_be_asked_again', async () => {
    const { backend, analysis } = await open();
    backend.failNext.set('analysis_status', { code: 'x', params: {}, message: 'The database is busy.' });
    await analysis.refresh();
    await settle();
    expect(document.querySelector('[role="alert"]')?.textContent).toContain('The state of the models could not be read. The database is busy.');
    document.querySelector<HTMLElement>('[role="alert"] button')?.click();
    await settle();
    expect(document.querySelector('[role="alert"]')).toBeNull();
  });
});

describe('the threshold', () => {
  it('shows_what_it_would_change_before_it_is_applied_and_can_be_taken_back', async () => {
    const { backend, analysis, snackbar } = await open();
    expect(text('threshold-preview')).toMatch(/^\d+ of \d+ articles of the last 30 days are relevant\./);
    expect(by('threshold-apply')).toBeNull();
    await type('threshold', '20');
    expect(text('threshold-preview')).toMatch(/would be relevant that are not now .* None would be lost/);
    const gained = analysis.preview?.gained ?? [];
    expect(gained.length).toBeGreaterThan(0);
    expect(gained.every(({ score }) => score >= 0.2 && score < 0.5)).toBe(true);
    expect(backend.calls.some(({ name }) => name === 'settings_edit')).toBe(false);
    await click('threshold-apply');
    expect(analysis.status?.threshold).toBe(0.2);
    expect(analysis.tried).toBeNull();
    snackbar.act();
    await settle();
    expect(analysis.status?.threshold).toBe(0.5);
    // What was calibrated is in force again, not a number that happens to be the same.
    expect(backend.settings.analysis.threshold).toBeNull();
  });

  it('asks_once_for_a_long_slide_and_keeps_the_last_answer', async () => {
    const { backend } = await open();
    const asks = (): unknown[] => backend.calls.filter(({ name }) => name === 'analysis_threshold_preview').map(({ request }) => request);
    const before = asks().length;
    for (let value = 51; value <= 80; value += 1) {
      const input = by('threshold') as HTMLInputElement;
      input.value = String(value);
      input.dispatchEvent(new window.Event('input', { bubbles: true }));
      await settle(10);
    }
    await settle();
    expect(asks().slice(before)).toEqual([{ threshold: 0.8 }]);
    expect(text('threshold-preview')).toMatch(/would no longer be relevant/);
    expect(by('threshold')?.getAttribute('aria-valuetext')).toBe('80% likely');
    expect(await violations()).toEqual([]);
  });

  it('says_when_no_article_was_judged_and_when_it_cannot_look', async () => {
    const { backend, analysis } = await open({ alerts: 0 });
    expect(text('threshold-preview')).toBe('No article of the last 30 days was judged by a model.');
    backend.failNext.set('analysis_threshold_preview', { code: 'x', params: {}, message: 'The database is busy.' });
    analysis.try(0.3);
    await settle();
    expect(text('threshold-preview')).toBe('The preview failed. The database is busy.');
  });
});

describe('what was learnt', () => {
  it('tells_how_far_it_is_in_each_state', async () => {
    const check = async (model: FakeOptions['model'], state: string, words: string): Promise<void> => {
      await open(model ? { model } : {});
      expect(by('learnt')?.dataset.state).toBe(state);
      expect(text('learnt')).toContain(words);
      await hide();
    };
    await check('fine', 'none', 'Say Relevant (+) or Not relevant (−)');
    await check('taught', 'speaking', 'Your model speaks');
    await check('held_back', 'held_back', 'no better than the built-in one');
  });

  it('draws_words_and_measures_against_the_built_in_model', async () => {
    await open({ model: 'taught' });
    expect(text('learnt')).toMatch(/Precision 91%.*Recall 88%.*F1, your model 90%.*F1, built-in model 83%/);
    expect(text('learnt')).toMatch(/vpn gateway speaks for it, weight \+1\.92.*podcast speaks against it, weight −1\.74/);
    expect(await violations()).toEqual([]);
  });

  it('is_trained_anew_when_asked_and_says_so_meanwhile', async () => {
    const { backend } = await open({ model: 'taught' });
    by('retrain')?.click();
    await settle(50);
    expect(backend.calls.some(({ name }) => name === 'analysis_retrain')).toBe(true);
    await settle(400);
    expect((by('retrain') as HTMLButtonElement).disabled).toBe(true);
    await settle(2000);
    expect((by('retrain') as HTMLButtonElement).disabled).toBe(false);
    expect(text('learnt')).toContain('Trained just now');
    backend.failNext.set('analysis_retrain', { code: 'x', params: {}, message: 'The disk is full.' });
    await click('retrain');
    expect(text('learnt')).toContain('The disk is full.');
  });
});

describe('labels', () => {
  it('come_a_page_at_a_time_and_lead_to_their_alerts', async () => {
    const { analysis, shown } = await open({ model: 'taught' });
    expect(all('label')).toHaveLength(20);
    const first = all('label')[0]?.dataset.uid;
    await click('labels-next');
    expect(all('label')[0]?.dataset.uid).not.toBe(first);
    expect(document.body.textContent).toMatch(/21 to 40 of \d+ labels/);
    await click('labels-previous');
    all('label')[0]?.querySelector<HTMLElement>('button')?.click();
    expect(shown).toEqual([analysis.labels?.labels[0]?.alert]);
  });

  it('are_turned_round_and_taken_away_with_undo', async () => {
    const { backend, snackbar } = await open();
    expect(document.body.textContent).toContain('No label yet.');
    const row = backend.alerts[3]?.detail.row;
    if (!row) throw new Error('there are alerts');
    await backend.call('triage_act', { target: { kind: 'ids', ids: [row.id] }, act: { kind: 'feedback', relevant: true } });
    await settle();
    expect(all('label').map((one) => [one.dataset.uid, one.dataset.relevant])).toEqual([[row.uid, 'true']]);
    await click('label-turn');
    expect(by('label')?.dataset.relevant).toBe('false');
    await click('label-remove');
    expect(by('label')).toBeNull();
    snackbar.act();
    await settle();
    expect(by('label')?.dataset.relevant).toBe('false');
    backend.failNext.set('triage_act', { code: 'x', params: {}, message: 'The disk is full.' });
    await click('label-remove');
    expect(snackbar.current?.text).toBe('The label could not be changed. The disk is full.');
  });
});

describe('taking it along', () => {
  it('asks_before_a_file_is_replaced', async () => {
    const { backend } = await open({ model: 'taught' });
    await type('learnt-path', '/home/ana/Documents/model.json');
    await click('learnt-export');
    expect(document.body.textContent).toContain('This file exists already.');
    await click('learnt-replace');
    expect(backend.calls.findLast(({ name }) => name === 'analysis_export')?.request).toEqual({ path: '/home/ana/Documents/model.json', overwrite: true });
    expect(text('data-result-learnt')).toBe('Written to /home/ana/Documents/model.json');
  });

  it('says_why_a_file_cannot_be_taken_over', async () => {
    await open();
    await type('learnt-path', 'model.json');
    await click('learnt-import');
    expect(by('data-result-learnt')?.dataset.ok).toBe('false');
    expect(text('data-result-learnt')).toContain('model.json cannot be read');
  });

  it('forgets_only_after_asking', async () => {
    const { backend, analysis } = await open({ model: 'taught' });
    await click('learnt-reset');
    expect(document.querySelector('dialog')?.textContent).toMatch(/Your model and \d+ labels are deleted/);
    expect(backend.calls.some(({ name }) => name === 'analysis_reset')).toBe(false);
    await click('confirm');
    expect(analysis.isConfirming).toBe(false);
    expect(by('learnt')?.dataset.state).toBe('none');
    expect(document.body.textContent).toContain('It has forgotten what it had learnt');
  });
});

describe('drawings', () => {
  it('show_what_stays_what_comes_and_what_goes', () => {
    expect(widths({ articles: 200, relevant_now: 50, relevant_then: 80 })).toEqual({ now: 25, kept: 25, gained: 15, lost: 0 });
    expect(widths({ articles: 200, relevant_now: 50, relevant_then: 20 })).toEqual({ now: 25, kept: 10, gained: 0, lost: 15 });
    expect(widths({ articles: 0, relevant_now: 0, relevant_then: 0 })).toEqual({ now: 0, kept: 0, gained: 0, lost: 0 });
  });
});
