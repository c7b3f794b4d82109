import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import { FakeBackend, type FakeOptions } from '$lib/ipc/fake/backend';
import { all, by, edits, text, screenTests } from '$lib/screen';
import { Snackbar } from '$lib/ui/snackbar.svelte';
import { Sources } from './sources.svelte';
import SourcesScreen from './SourcesScreen.svelte';

const { settle, show, hide, click, type, leave, submit, violations } = screenTests({ settleMs: 400 });

function begin(options: FakeOptions = {}) {
  const backend = new FakeBackend({ alerts: 20, feeds: 'some', ...options });
  const snackbar = new Snackbar();
  const sources = new Sources(backend, snackbar);
  backend.on((event) => event.kind === 'source_changed' && sources.refreshSoon());
  show(SourcesScreen, { sources });
  return { backend, snackbar, sources };
}

async function open(options: FakeOptions = {}) {
  const shown = begin(options);
  await Promise.all([shown.sources.refresh(), shown.sources.refreshSettings()]);
  await settle();
  return shown;
}

const shownSources = (): string[] => [...document.querySelectorAll<HTMLElement>('article')].map((one) => one.dataset.testid?.replace('source-', '') ?? '');

describe('the screen', () => {
  it('says_that_it_is_opening_and_why_it_cannot', async () => {
    const { backend, sources } = begin();
    flushSync();
    expect(document.body.textContent).toContain('Opening…');
    backend.failNext.set('sources_list', { code: 'x', params: {}, message: 'The database is busy.' });
    await sources.refresh();
    await settle();
    expect(document.querySelector('[role="alert"]')?.textContent).toContain('The sources could not be read. The database is busy.');
    document.querySelector<HTMLElement>('[role="alert"] button')?.click();
    await settle();
    expect(document.querySelector('[role="alert"]')).toBeNull();
    expect(shownSources()).toContain('nvd');
  });

  it('describes_every_source_and_sums_them_up', async () => {
    await open();
    expect(shownSources().slice(0, 5)).toEqual(['nvd', 'kev', 'epss', 'owasp', 'owasp-api']);
    expect(text('source-nvd')).toContain('Collected 4 min ago: 14 new, 3 changed.');
    expect(text('source-kev')).toContain('The site refused; its mirror https://raw.example/cisagov/kev-data/kev.json was read.');
    expect(text('source-darkreading')).toContain('(19 d ago). feeds.example refused (403).');
    expect(document.querySelector('[role="status"]')?.textContent).toBe('15 sources, 2 fail, 3 are quiet or waiting, 2 off');
    expect(await violations()).toEqual([]);
  });

  it('offers_feeds_where_there_are_few', async () => {
    const { backend } = await open({ feeds: 'none' });
    backend.sources.rows = backend.sources.rows.filter(({ kind }) => kind !== 'feed');
    backend.tell({ kind: 'source_changed', source: 'nvd' });
    await settle();
    expect(document.body.textContent).toContain('No feed is read.');
    expect(by('source-find')).toBeNull();
    expect((by('opml-export') as HTMLButtonElement).disabled).toBe(true);
  });

  it('finds_the_few_among_very_many', async () => {
    await open({ feeds: 'many' });
    expect(shownSources()).toHaveLength(215);
    expect(text('source-filter-attention')).toBe('Need attention (14)');
    await click('source-filter-attention');
    expect(shownSources()).toHaveLength(14);
    await type('source-find', 'number 24');
    expect(shownSources()).toEqual(['feed-23']);
    await type('source-find', 'nothing like it');
    expect(document.body.textContent).toContain('No source fits.');
    [...document.querySelectorAll('button')].find((button) => button.textContent === 'Show all')?.click();
    await settle();
    expect(shownSources()).toHaveLength(215);
  });

  it('lets_nothing_be_edited_while_the_settings_are_broken', async () => {
    await open({ isBroken: true });
    for (const id of ['feed-add', 'presets', 'opml-import', 'source-nvd-enabled']) expect((by(id) as HTMLButtonElement).disabled).toBe(true);
    expect((by('source-nvd-collect') as HTMLButtonElement).disabled).toBe(false);
  });
});

describe('a source', () => {
  it('is_switched_collected_and_stopped', async () => {
    const { backend } = await open();
    await click('source-krebs-enabled');
    expect(edits(backend)).toEqual([{ kind: 'set_source', id: 'krebs', fields: { enabled: false } }]);
    expect(text('source-krebs')).toContain('Off: it is not collected on schedule.');
    by('source-nvd-collect')?.click();
    await settle(1000);
    expect(text('source-nvd')).toMatch(/Collecting, \d+ of 2,096 records/);
    await click('source-nvd-cancel');
    expect(text('source-nvd')).toContain('Stopped by you just now');
  });

  it('has_a_run_log_with_the_reason_of_every_run_that_was_not_made', async () => {
    await open();
    await click('source-thehackernews-more');
    await click('source-thehackernews-runs');
    const said = all('run').map((run) => `${run.dataset.outcome}: ${run.textContent?.replace(/\s+/g, ' ')}`);
    expect(said).toHaveLength(12);
    expect(said.filter((one) => one.startsWith('skipped'))).toEqual([
      expect.stringContaining('Another source was reading from the same host'),
      expect.stringContaining('It failed before, so the next attempt waits until'),
      expect.stringContaining('This machine had no connection.'),
    ]);
    expect(said[1]).toContain('Asked for');
    await click('run-problems');
    expect(document.body.textContent).toContain('The date “yesterday-ish” could not be read.');
    expect(await violations()).toEqual([]);
  });

  it('is_edited_at_its_fields', async () => {
    const { backend } = await open();
    await click('source-krebs-more');
    await click('source-krebs-edit');
    await type('source-krebs-field-url', 'krebs');
    await leave('source-krebs-field-url');
    expect(document.body.textContent).toContain('An address starts with http:// or https://.');
    await type('source-krebs-field-url', 'https://krebs.example/new');
    await leave('source-krebs-field-url');
    const rhythm = by('source-krebs-field-rhythm') as HTMLSelectElement;
    rhythm.value = 'adaptive';
    rhythm.dispatchEvent(new window.Event('change', { bubbles: true }));
    await settle();
    await click('source-krebs-field-full_text');
    expect(edits(backend)).toEqual([
      { kind: 'set_source', id: 'krebs', fields: { url: 'https://krebs.example/new' } },
      { kind: 'set_source', id: 'krebs', fields: { adaptive: true } },
      { kind: 'set_source', id: 'krebs', fields: { full_text: true } },
    ]);
    expect(text('source-krebs')).toContain('adapts to the feed');
    expect(await violations()).toEqual([]);
  });

  it('follows_a_feed_that_moved_on_request', async () => {
    const { backend } = await open();
    await click('source-talos-more');
    expect(text('source-talos')).toContain('moved for good to https://blog.talos.example/feed/');
    [...(by('source-talos')?.querySelectorAll('button') ?? [])].find((button) => button.textContent === 'Use the new address')?.click();
    await settle();
    expect(edits(backend)).toEqual([{ kind: 'set_source', id: 'talos', fields: { url: 'https://blog.talos.example/feed/' } }]);
    expect(text('source-talos')).not.toContain('Use the new address');
  });

  it('keeps_at_least_one_edition', async () => {
    const { backend } = await open();
    await click('source-owasp-edit');
    const card = by('source-owasp');
    await click('source-owasp-edition-2021');
    expect(edits(backend)).toEqual([{ kind: 'set_source', id: 'owasp', fields: { editions: ['2025', '2021'] } }]);
    for (const edition of ['2025', '2021']) await click(`source-owasp-edition-${edition}`);
    expect(card?.querySelector('[role="alert"]')?.textContent).toBe('At least one edition must be chosen. To stop reading, switch the source off.');
    expect((by('source-owasp-edition-2021') as HTMLInputElement).checked).toBe(true);
  });

  it('is_removed_and_put_back_as_it_was', async () => {
    const { backend, snackbar } = await open();
    const before = backend.settings.read().settings.sources['krebs'];
    await click('source-krebs-more');
    await click('source-krebs-edit');
    await click('source-krebs-remove');
    expect(shownSources()).not.toContain('krebs');
    expect(snackbar.current?.text).toBe('“Krebs on Security” removed; its 24 alerts stay');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Sources');
    snackbar.act();
    await settle();
    expect(edits(backend).at(-1)).toEqual({ kind: 'restore_source', id: 'krebs', source: before });
    expect(shownSources()).toContain('krebs');
    await click('source-thehackernews-more');
    await click('source-thehackernews-edit');
    expect(by('source-thehackernews-remove')).toBeNull();
    expect(text('source-thehackernews')).toContain('it can be switched off, not removed');
  });
});

describe('a feed is added', () => {
  it('by_the_address_of_its_site_after_a_look_at_it', async () => {
    const { backend, snackbar } = await open();
    await click('feed-add');
    await type('feed-address', 'news.site.example');
    await submit('feed-address');
    expect(backend.calls.findLast(({ name }) => name === 'feed_discover')?.request).toEqual({ address: 'news.site.example', allow_private: false });
    expect(document.body.textContent).toContain('One feed found');
    expect(document.body.textContent).toContain('entry 1 about a flaw in OpenSSL');
    expect((by('feed-name') as HTMLInputElement).value).toBe('News of news.site.example');
    expect(await violations()).toEqual([]);
    await type('feed-name', '  ');
    await submit('feed-name');
    expect(document.body.textContent).toContain('A feed needs a name.');
    await type('feed-name', 'Site news');
    await type('feed-group', 'News');
    await submit('feed-name');
    expect(edits(backend)).toEqual([{ kind: 'add_feed', name: 'Site news', url: 'https://news.site.example/feed/', group: 'News', full_text: false, allow_private: false }]);
    expect(by('feed-address')).toBeNull();
    expect(snackbar.current?.text).toBe('Site news added and collected now');
    await settle(2000);
    expect(text('source-site-news')).toContain('Collected just now: 50 new.');
  });

  it('says_at_the_address_what_is_wrong_with_it', async () => {
    await open();
    await click('feed-add');
    for (const [address, said] of [['nowhere.example', 'nowhere.example does not exist'], ['https://empty.example/', 'No feed was found at this address.']] as const) {
      await type('feed-address', address);
      await submit('feed-address');
      expect(text('feed-fault')).toContain(said);
      expect(by('feed-address')?.getAttribute('aria-invalid')).toBe('true');
      expect(by('feed-run')).toBeNull();
    }
    await type('feed-address', 'https://other.example/');
    expect(by('feed-fault')).toBeNull();
  });

  it('in_a_private_network_only_where_that_is_allowed', async () => {
    const { backend } = await open();
    await click('feed-add');
    await type('feed-address', 'https://cert.lan/');
    expect(by('feed-private')).toBeNull();
    await submit('feed-address');
    expect(text('feed-fault')).toContain('is in a private network');
    await click('feed-private');
    await submit('feed-address');
    await submit('feed-name');
    expect(edits(backend)).toEqual([expect.objectContaining({ kind: 'add_feed', allow_private: true })]);
  });

  it('once_and_one_of_several', async () => {
    await open();
    await click('feed-add');
    await type('feed-address', 'https://krebsonsecurity.example/');
    await submit('feed-address');
    expect(document.body.textContent).toContain('Already among your sources, as “Krebs on Security”');
    expect((by('feed-run') as HTMLButtonElement).disabled).toBe(true);
    await type('feed-address', 'https://several.example/');
    await submit('feed-address');
    expect(all('feed-found').map((one) => one.dataset.url)).toEqual(['https://several.example/feed.xml', 'https://several.example/advisories.json']);
    all('feed-found')[1]?.click();
    await settle();
    expect((by('feed-name') as HTMLInputElement).value).toBe('Several: advisories');
    expect(document.body.textContent).toContain('No entry in it now.');
  });

  it('is_not_the_answer_to_an_address_that_was_changed_meanwhile', async () => {
    await open();
    await click('feed-add');
    await type('feed-address', 'https://slow.example/');
    by('feed-address')?.closest('form')?.requestSubmit();
    await settle(10);
    await type('feed-address', 'https://slow.example/other');
    expect(by('feed-found')).toBeNull();
    expect((by('feed-look') as HTMLButtonElement).disabled).toBe(false);
  });

  it('from_the_well_known_ones', async () => {
    const { backend, snackbar } = await open();
    await click('presets');
    expect((by('preset-krebs') as HTMLInputElement).disabled).toBe(true);
    expect((by('presets-run') as HTMLButtonElement).disabled).toBe(true);
    expect(await violations()).toEqual([]);
    await type('preset-find', 'bruce');
    expect(document.body.textContent).toContain('None of them fits.');
    await type('preset-find', 'crypto');
    expect(by('preset-bleepingcomputer')).toBeNull();
    await click('preset-schneier');
    await type('preset-find', '');
    await click('preset-project-zero');
    await click('presets-run');
    expect(edits(backend)).toEqual([{ kind: 'add_presets', ids: ['schneier', 'project-zero'] }]);
    expect(snackbar.current?.text).toBe('2 feeds added and collected now');
    expect(shownSources()).toContain('project-zero');
  });

  it('from_a_list_of_another_reader_and_written_to_one', async () => {
    const { backend } = await open();
    await click('opml-import');
    await type('opml-path', '/home/ana/notes.txt');
    await submit('opml-path');
    expect(document.body.textContent).toContain('/home/ana/notes.txt is not an OPML file.');
    await type('opml-path', '/home/ana/feeds.opml');
    await submit('opml-path');
    expect(text('opml-result')).toBe('1 feed added and collected now, 2 known already, 1 refused.');
    expect(document.body.textContent).toContain('Old wiki');
    expect(shownSources()).toContain('imported-feed');
    expect(await violations()).toEqual([]);
    [...document.querySelectorAll<HTMLElement>('dialog .primary')].at(-1)?.click();
    await settle();
    backend.keeping.files.add('/home/ana/mine.opml');
    await click('opml-export');
    expect((by('opml-path') as HTMLInputElement).value).toMatch(/\.opml$/);
    await type('opml-path', '/home/ana/mine.opml');
    await submit('opml-path');
    expect(document.body.textContent).toContain('/home/ana/mine.opml exists already.');
    await click('opml-replace');
    expect(text('opml-result')).toBe('11 feeds written to /home/ana/mine.opml.');
  });
});

describe('nvd', () => {
  it('takes_its_key_and_never_shows_it', async () => {
    const { backend } = await open();
    backend.settings.setSecret('nvd_api_key', null);
    backend.tell({ kind: 'source_changed', source: 'nvd' });
    await hide();
    const sources = new Sources(backend, new Snackbar());
    show(SourcesScreen, { sources });
    await Promise.all([sources.refresh(), sources.refreshSettings()]);
    await settle();
    expect(text('source-nvd')).toContain('at most 5 requests in 30 seconds');
    await type('nvd-key', 'tocsin-test-secret-key');
    await click('nvd-key-save');
    expect(backend.calls.findLast(({ name }) => name === 'secret_set')?.request).toEqual({ name: 'nvd_api_key', value: 'tocsin-test-secret-key' });
    expect(text('source-nvd')).toContain('at most 50 requests in 30 seconds');
    expect(document.body.innerHTML).not.toContain('tocsin-test-secret-key');
    document.querySelector<HTMLElement>('a[href^="https://nvd.nist.gov"]')?.click();
    expect(backend.opened).toEqual(['https://nvd.nist.gov/developers/request-an-api-key']);
  });

  it('reads_all_its_years_with_progress_pause_and_cancel', async () => {
    const { backend } = await open();
    const year = by('backfill-year') as HTMLSelectElement;
    year.value = '2020';
    year.dispatchEvent(new window.Event('change', { bubbles: true }));
    await settle(0);
    await submit('backfill-start');
    expect(backend.calls.findLast(({ name }) => name === 'backfill_start')?.request).toEqual({ from_year: 2020 });
    await settle(1500);
    const bar = (): string | null | undefined => by('backfill')?.querySelector('[role="progressbar"]')?.getAttribute('aria-valuenow');
    expect(Number(bar())).toBeGreaterThan(0);
    expect(text('backfill')).toMatch(/\d[\d,]+ of 361,204 records \(\d+\s?%\) · published up to .* · 9,800 a minute · \d+ minutes left/);
    await click('backfill-pause');
    expect(by('backfill')?.dataset.state).toBe('paused');
    // While it runs a timer is always pending, and the check changes the clocks.
    expect(await violations()).toEqual([]);
    const at = bar();
    await settle(2000);
    expect(bar()).toBe(at);
    await click('backfill-resume');
    await settle(9000);
    expect(text('backfill')).toMatch(/All 361,204 records published from .*2020 to .* were read\./);
    await submit('backfill-start');
    await click('backfill-cancel');
    expect(text('backfill')).toContain('Cancelled; what was read stays');
  });

  it('says_why_reading_stopped_or_waits_also_after_a_restart', async () => {
    const { backend } = await open();
    const fault = { code: 'x', params: {}, message: 'NVD refused the key (403).' };
    backend.sources.plantBackfill({ state: 'failed', fault });
    await settle();
    expect(text('backfill')).toMatch(/Stopped: NVD refused the key \(403\)\. 121,000 of 361,204 records \(33\s?%\) · published up to .*2014 /);
    expect(text('backfill-resume')).toBe('Try again');
    backend.sources.plantBackfill({ state: 'waiting', total: null, fault });
    await settle();
    expect(text('backfill')).toContain('Waiting: NVD refused the key (403). 121,000 records read');
    backend.failNext.set('backfill_pause', { code: 'y', params: {}, message: 'It is over already.' });
    await click('backfill-pause');
    expect(by('backfill')?.querySelector('[role="alert"]')?.textContent).toBe('It is over already.');
  });
});
