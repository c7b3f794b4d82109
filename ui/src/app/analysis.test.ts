import { describe, expect, it, vi } from 'vitest';
import { FakeBackend, type FakeOptions } from '$lib/ipc/fake/backend';
import { all, by, text, screenTests } from '$lib/screen';
import App from './App.svelte';

const { settle, show, click, press, violations } = screenTests({ settleMs: 700, isStrict: false });

async function open(options: FakeOptions = {}): Promise<FakeBackend> {
  const backend = new FakeBackend({ alerts: 300, ...options });
  show(App, { backend });
  await settle();
  return backend;
}

const value = (id: string): string => (by(id) as HTMLInputElement).value;
const lastAct = (backend: FakeBackend): unknown => (backend.calls.findLast(({ name, request }) => name === 'triage_act' && (request as { act: { kind: string } }).act.kind !== 'set_read')?.request as { act: unknown } | undefined)?.act;

/** Searches everything and selects what is found first. */
async function find(query: string): Promise<void> {
  await press('2');
  const input = by('search') as HTMLInputElement;
  input.value = query;
  input.dispatchEvent(new window.Event('input', { bubbles: true }));
  await settle();
  input.blur();
}

describe('feedback', () => {
  it('is_a_key_at_once_and_undone_by_another', async () => {
    const backend = await open();
    await press('+');
    expect(by('feedback-relevant')?.getAttribute('aria-pressed')).toBe('true');
    expect(document.body.textContent).toContain('You said that it is relevant.');
    expect(text('snackbar')).toContain('CVE-2026-29999: said to be relevant');
    expect(by('row')?.textContent).toContain('You said: relevant');
    await press('u');
    expect(by('feedback-relevant')?.getAttribute('aria-pressed')).toBe('false');
    await press('-');
    expect(lastAct(backend)).toEqual({ kind: 'feedback', relevant: false });
    // The same again takes it back.
    await press('-');
    expect(lastAct(backend)).toEqual({ kind: 'feedback', relevant: null });
    expect(by('feedback-not-relevant')?.getAttribute('aria-pressed')).toBe('false');
    await click('feedback-not-relevant');
    expect(by('timeline')?.textContent).toContain('Said to be not relevant');
  });

  it('that_fails_is_put_back_and_says_why', async () => {
    const backend = await open();
    backend.failNext.set('triage_act', { code: 'x', params: {}, message: 'The disk is full.' });
    await press('+');
    expect(by('feedback-relevant')?.getAttribute('aria-pressed')).toBe('false');
    expect(text('snackbar')).toContain('could not be changed. The disk is full.');
  });

  it('goes_over_a_whole_list', async () => {
    const backend = await open();
    await find('kind:article');
    await press('x');
    await click('selection-all');
    await click('bulk-more');
    await click('bulk-not-relevant');
    const articles = backend.alerts.filter(({ detail }) => detail.row.kind === 'article');
    expect(articles.every(({ detail }) => detail.row.feedback === false)).toBe(true);
    expect(text('snackbar')).toContain(`${articles.length} alerts: said to be not relevant`);
    await click('undo');
    expect(articles.every(({ detail }) => detail.row.feedback === null)).toBe(true);
  });
});

describe('the detail', () => {
  it('tells_what_an_article_names_and_leads_to_what_else_does', async () => {
    await open();
    await find('entity:PaperLantern');
    const names = all('name-entry').map((one) => one.dataset.name);
    expect(names).toEqual(expect.arrayContaining(['Velvet Otter', 'PaperLantern', 'GreyTide', 'Brightgate VPN Gateway']));
    expect(document.querySelector('[data-name="Brightgate VPN Gateway"]')?.textContent).toContain('before 9.1.4');
    document.querySelector<HTMLElement>('[data-name="Velvet Otter"] [data-testid="name-search"]')?.click();
    await settle();
    expect(value('search')).toBe('actor:"Velvet Otter"');
    expect(by('view-all')?.getAttribute('aria-current')).toBe('true');
    expect(await violations()).toEqual([]);
  });

  it('shows_indicators_defanged_and_copies_them_as_asked', async () => {
    await open();
    const copied: string[] = [];
    vi.spyOn(navigator.clipboard, 'writeText').mockImplementation((one) => (copied.push(one), Promise.resolve()));
    await find('entity:PaperLantern');
    const shown = (): string => by('indicators')?.textContent ?? '';
    expect(shown()).toContain('hxxps://update-check[.]example/stage2?id=7');
    expect(shown()).not.toContain('https://update-check.example');
    expect(document.querySelector('[data-value="10.20.0.5"]')?.textContent).toContain('private');
    expect(document.querySelector('[data-value="198.51.100.23"]')?.textContent).not.toContain('private');
    const copyUrl = (): void => document.querySelector<HTMLElement>('[data-kind="url"] .copy')?.click();
    copyUrl();
    await click('indicator-form-live');
    copyUrl();
    document.querySelector<HTMLElement>('[data-testid="indicator-copy-all-ipv4"] .copy')?.click();
    await settle();
    expect(copied.slice(0, 2)).toEqual(['hxxps://update-check[.]example/stage2?id=7', 'https://update-check.example/stage2?id=7']);
    expect(copied[2]?.split('\n')).toHaveLength(16);
    // No indicator is a link.
    expect(by('indicators')?.querySelector('a')).toBeNull();
  });

  it('marks_the_places_of_a_word_by_keyboard_and_keeps_those_that_are_pressed', async () => {
    await open();
    await find('entity:PaperLantern');
    await click('explain');
    const [first, second] = all('explain-term');
    const marked = (): string[] => [...document.querySelectorAll('mark.term')].map((one) => one.textContent ?? '');
    first?.focus();
    await settle();
    expect(marked()[0]?.toLowerCase()).toBe(first?.dataset.term);
    first?.blur();
    await settle();
    expect(marked()).toEqual([]);
    second?.click();
    await settle();
    expect(second?.getAttribute('aria-pressed')).toBe('true');
    expect(marked()[0]?.toLowerCase()).toBe(second?.dataset.term);
    expect(await violations()).toEqual([]);
    // The next alert has its own, and they stay open.
    await press('j');
    expect(by('explain')?.getAttribute('aria-expanded')).toBe('true');
    expect(marked()).toEqual([]);
  });

  it('keeps_text_from_outside_text_where_it_is_marked', async () => {
    await open();
    await find('markup');
    expect(text('detail-title')).toContain('<b>markup</b>');
    expect(by('detail-title')?.querySelector('b')).toBeNull();
    expect(by('detail')?.querySelector('script')).toBeNull();
  });

  it('says_that_a_muted_alert_is_muted_and_where_mutes_are', async () => {
    await open();
    await click('view-muted');
    expect(by('why')?.dataset.reason).toBe('mute');
    expect(text('why')).toContain('Muted: “wordpress” is in the title');
    [...document.querySelectorAll<HTMLElement>('[data-testid="why"] button')].find((one) => one.textContent === 'Edit mutes')?.click();
    await settle();
    expect(by('mute-wordpress')).not.toBeNull();
  });
});

describe('watching from an alert', () => {
  it('takes_the_selected_words_and_is_undone', async () => {
    const backend = await open();
    await find('entity:PaperLantern');
    vi.spyOn(globalThis, 'getSelection').mockReturnValue({ toString: () => ' rotate\nkeys ' } as Selection);
    await press('w');
    expect(all('watch-choice')[0]?.textContent?.trim()).toBe('rotate keys');
    expect(value('watch-term')).toBe('rotate keys');
    expect(text('watch-preview')).toMatch(/Would have matched \d+ of/);
    expect(await violations()).toEqual([]);
    vi.restoreAllMocks();
    by('watch-add')?.closest('form')?.requestSubmit();
    await settle();
    expect(document.querySelector('dialog')).toBeNull();
    expect(backend.settings.watchList.some((watch) => watch.term === 'rotate keys')).toBe(true);
    expect(text('snackbar')).toContain('“rotate keys” is watched');
    await click('undo');
    expect(backend.settings.watchList.some((watch) => watch.term === 'rotate keys')).toBe(false);
  });

  it('offers_products_and_names_and_a_mute_begins_the_same_way', async () => {
    const backend = await open();
    await press('m');
    expect(document.querySelector('dialog h2')?.textContent).toBe('Mute something of CVE-2026-29999');
    expect(value('watch-field-product')).toBe('http_server');
    expect(value('watch-term')).toBe('http server');
    await press('Escape');
    document.querySelector('dialog')?.dispatchEvent(new window.Event('close'));
    await settle();
    await find('entity:PaperLantern');
    document.querySelector<HTMLElement>('[data-name="GreyTide"] [data-testid="name-watch"]')?.click();
    await settle();
    expect(value('watch-term')).toBe('GreyTide');
    by('watch-add')?.closest('form')?.requestSubmit();
    await settle();
    expect(backend.settings.watchList.at(-1)?.term).toBe('GreyTide');
  });
});

describe('the screens', () => {
  it('of_watches_is_reached_by_keys_and_by_the_first_hint', async () => {
    await open({ watches: [] });
    [...document.querySelectorAll<HTMLElement>('button')].find((one) => one.textContent === 'Choose what to watch')?.click();
    await settle();
    expect(by('watch-term')).not.toBeNull();
    expect(document.body.textContent).toContain('Nothing is watched yet. Until something is, New stays empty');
    await press('g');
    await press('i');
    expect(by('list')).not.toBeNull();
    await press('g');
    await press('w');
    expect(by('nav-watches')?.getAttribute('aria-current')).toBe('page');
    expect(await violations()).toEqual([]);
  });

  it('of_analysis_follows_work_under_way_and_opens_alerts', async () => {
    const backend = await open({ model: 'taught' });
    await click('nav-settings');
    await click('settings-analysis');
    await click('reanalyse');
    expect(document.querySelector('[data-testid="work"][data-kind="reanalyse"]')).not.toBeNull();
    await settle(3000);
    expect(by('reanalyse')).not.toBeNull();
    expect(backend.calls.filter(({ name }) => name === 'analysis_status').length).toBeGreaterThan(1);
    expect(await violations()).toEqual([]);
    const uid = by('label')?.dataset.uid;
    by('label')?.querySelector('button')?.click();
    await settle();
    expect(by('detail')?.dataset.uid).toBe(uid);
  });
});
