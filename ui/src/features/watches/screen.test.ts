import { describe, expect, it } from 'vitest';
import { FakeBackend, type FakeOptions } from '$lib/ipc/fake/backend';
import { term } from '$lib/ipc/fake/watching';
import { by, edits, text, within, screenTests } from '$lib/screen';
import { Snackbar } from '$lib/ui/snackbar.svelte';
import { Watches } from './watches.svelte';
import WatchesScreen from './WatchesScreen.svelte';

const { settle, show, click, type, submit, violations } = screenTests();

async function open(options: FakeOptions = {}, isBroken = false) {
  const backend = new FakeBackend({ alerts: 400, feeds: 'some', ...options });
  const snackbar = new Snackbar();
  const watches = new Watches(backend, snackbar);
  const asked: string[] = [];
  show(WatchesScreen, { watches, isBroken, sources: backend.sources.rows, onquery: (query: string) => asked.push(query) });
  await watches.refresh();
  await settle();
  return { backend, snackbar, watches, asked };
}

describe('the list of watches', () => {
  it('tells_each_with_its_hits_and_leads_to_them', async () => {
    const { asked } = await open();
    expect(text('watch-apache http server')).toMatch(/also “httpd”; except “apache license” \d+ alerts \d+ in 30 days Edit Remove/);
    expect(text('watch-openssl')).toContain('versions 2.4.1 and >=3.0 <3.0.7');
    by('watch-nginx')?.querySelector<HTMLElement>('.hits')?.click();
    expect(asked).toEqual(['watch:"nginx"']);
    expect(await violations()).toEqual([]);
  });

  it('shows_those_of_the_environment_as_read_only', async () => {
    await open();
    expect(text('watch-ransomware')).toContain('From KEYWORDS');
    expect(within('watch-ransomware', 'watch-edit')).toBeNull();
    expect(within('watch-ransomware', 'watch-switch')).toBeNull();
  });

  it('says_why_it_is_empty_why_it_cannot_be_read_and_that_it_is_still_counted', async () => {
    const { backend, watches } = await open({ watches: [] });
    expect(document.body.textContent).toContain('Nothing is watched yet. Until something is, New stays empty');
    backend.failNext.set('mutes_list', { code: 'x', params: {}, message: 'The database is busy.' });
    await watches.refresh();
    await settle();
    expect(document.querySelector('[role="alert"]')?.textContent).toContain('The watches could not be read. The database is busy.');
    document.querySelector<HTMLElement>('[role="alert"] button')?.click();
    await settle();
    expect(document.querySelector('[role="alert"]')).toBeNull();
    watches.watches = [{ watch: term('new one'), from_environment: false, alerts: null, recent: null }];
    await settle();
    expect(text('watch-new one')).toContain('counting…');
  });

  it('finds_one_among_very_many', async () => {
    await open({ alerts: 20, watches: Array.from({ length: 240 }, (_, i) => term(`watch number ${i + 1}`, i === 200 ? { aliases: ['needle'] } : {})) });
    const shown = (): number => document.querySelectorAll('li[data-testid^="watch-"]').length;
    expect(shown()).toBe(100);
    document.querySelector<HTMLElement>('button.more')?.click();
    await settle();
    expect(shown()).toBe(200);
    await type(by('watch-find'), 'needle');
    expect([shown(), by('watch-watch number 201') !== null]).toEqual([1, true]);
    await type(by('watch-find'), 'no such thing');
    expect(document.body.textContent).toContain('None fits.');
  });

  it('cannot_be_edited_while_the_settings_file_is_broken', async () => {
    await open({}, true);
    expect(by('watch-term')).toBeNull();
    expect((within('watch-nginx', 'watch-remove') as HTMLButtonElement).disabled).toBe(true);
  });
});

describe('a new watch', () => {
  it('is_looked_at_while_it_is_typed_and_added', async () => {
    const { backend } = await open();
    await type(by('watch-term'), 'grafana');
    expect(text('watch-preview')).toMatch(/Would have matched \d+ of 400 alerts of the last 30 days:/);
    expect(document.querySelector('[data-testid="watch-example"] mark')?.textContent).toBe('Grafana');
    // Text from outside stays text.
    expect(document.querySelector('[data-testid="watch-preview"] b')).toBeNull();
    await submit('watch-add');
    expect(edits(backend)).toEqual([{ kind: 'add_watch', watch: term('grafana') }]);
    expect(text('watch-grafana')).toMatch(/grafana \d+ alerts/);
    expect((by('watch-term') as HTMLInputElement).value).toBe('');
    await type(by('watch-term'), 'Grafana');
    await submit('watch-add');
    expect(document.body.textContent).toContain('“grafana” is watched already.');
    expect(await violations()).toEqual([]);
  });

  it('asks_once_for_many_keys_and_drops_an_answer_that_is_overtaken', async () => {
    const { backend, watches } = await open();
    const asks = (): number => backend.calls.filter(({ name }) => name === 'watch_preview').length;
    let answer: (() => void) | undefined;
    const real = watches.preview.bind(watches);
    watches.preview = (part, draft, instead) => (draft.term === 'nginx' ? new Promise((resolve) => (answer = () => void real(part, draft, instead).then(resolve))) : real(part, draft, instead));
    for (const value of ['n', 'ng', 'ngi', 'nginx']) {
      const input = by('watch-term') as HTMLInputElement;
      input.value = value;
      input.dispatchEvent(new window.Event('input', { bubbles: true }));
      await settle(50);
    }
    await settle();
    expect(asks()).toBe(0);
    expect(text('watch-preview')).toBe('Looking…');
    await type(by('watch-term'), 'redis');
    expect(asks()).toBe(1);
    const before = text('watch-preview');
    answer?.();
    await settle();
    expect(text('watch-preview')).toBe(before);
    expect(before).toContain('Redis');
  });

  it('that_is_a_product_takes_its_vendor_and_its_name_from_what_is_stored', async () => {
    const { backend } = await open();
    await click('watch-kind-product');
    await type(by('watch-field-product'), 'http_server');
    expect([...document.querySelectorAll('datalist option')].map((one) => (one as HTMLOptionElement).value)).toContain('http_server');
    expect((by('watch-term') as HTMLInputElement).value).toBe('http server');
    await type(by('watch-field-vendor'), 'apache');
    await type(by('watch-field-versions'), '2.4.1, >=2.4.50 <2.4.58');
    expect(text('watch-preview')).toContain('affects your 2.4.1');
    await submit('watch-add');
    expect(edits(backend)).toMatchObject([{ watch: { term: 'http server', kind: 'product', product: { vendor: 'apache', product: 'http_server', versions: ['2.4.1', '>=2.4.50 <2.4.58'] } } }]);
    expect(await violations()).toEqual([]);
  });

  it('that_is_a_wrong_expression_shows_the_character_and_is_not_saved', async () => {
    const { backend } = await open();
    await click('watch-kind-regex');
    await type(by('watch-term'), '🚨CVE-(2026');
    expect(text('watch-fault')).toContain('cannot be read at character 6: unclosed group');
    expect(document.querySelector('[data-testid="watch-fault"] mark')?.textContent).toBe('(');
    expect(by('watch-term')?.getAttribute('aria-invalid')).toBe('true');
    await submit('watch-add');
    expect(edits(backend)).toEqual([]);
    await type(by('watch-term'), 'CVE-2026-2999[0-9]');
    expect(by('watch-fault')).toBeNull();
    await submit('watch-add');
    expect(edits(backend)).toMatchObject([{ watch: { kind: 'regex', term: 'CVE-2026-2999[0-9]' } }]);
  });

  it('counts_only_where_it_is_told_to', async () => {
    const { backend } = await open();
    await type(by('watch-term'), 'ransomware group');
    await click('watch-more');
    for (const scope of ['watch-scope-article', 'watch-scope-title', 'watch-scope-thehackernews']) await click(scope);
    await type(by('watch-field-exceptions'), 'opinion, podcast');
    await submit('watch-add');
    expect(edits(backend)).toMatchObject([{ watch: { exceptions: ['opinion', 'podcast'], scope: { kinds: ['article'], fields: ['title'], sources: ['thehackernews'] } } }]);
  });
});

describe('a watch that is there', () => {
  it('is_edited_with_what_it_would_lose_and_keeps_its_switch', async () => {
    const { backend } = await open();
    within('watch-nginx', 'watch-switch')?.click();
    await settle();
    expect(text('watch-nginx')).toContain('off');
    within('watch-nginx', 'watch-edit')?.click();
    await settle();
    await type(document.querySelector('[data-testid="watch-nginx"] input[id$="-term"]'), 'nginx plus');
    expect(document.querySelector('[data-testid="watch-nginx"] .lost')?.textContent).toMatch(/\d+ alerts that it matches now would no longer match/);
    document.querySelector<HTMLFormElement>('[data-testid="watch-nginx"] form')?.requestSubmit();
    await settle();
    expect(edits(backend).at(-1)).toMatchObject({ kind: 'replace_watch', term: 'nginx', watch: { term: 'nginx plus', enabled: false } });
    expect(by('watch-nginx plus')).not.toBeNull();
  });

  it('is_removed_with_undo', async () => {
    const { watches, snackbar } = await open();
    within('watch-kubernetes', 'watch-remove')?.click();
    await settle();
    expect(by('watch-kubernetes')).toBeNull();
    snackbar.act();
    await settle();
    expect(watches.watches?.find((row) => row.watch.term === 'kubernetes')?.watch.aliases).toEqual(['k8s']);
  });

  it('says_why_it_could_not_be_changed', async () => {
    const { backend, snackbar } = await open();
    backend.failNext.set('settings_edit', { code: 'x', params: {}, message: 'The disk is full.' });
    within('watch-kubernetes', 'watch-remove')?.click();
    await settle();
    expect(snackbar.current?.text).toBe('It was not saved. The disk is full.');
    expect(by('watch-kubernetes')).not.toBeNull();
  });
});

describe('mutes', () => {
  it('are_added_with_an_end_and_tell_when_they_end', async () => {
    const { backend } = await open();
    await click('watch-part-mutes');
    expect(text('mute-wordpress')).toMatch(/only vulnerabilities .* no end/);
    expect(text('mute-phishing kit')).toMatch(/until (24 Dec|Dec 24,) 2026/);
    await type(by('watch-term'), 'gitlab');
    expect(text('watch-preview')).toMatch(/Would have silenced \d+ of 400/);
    const end = by('watch-field-end') as HTMLSelectElement;
    end.value = 'day';
    end.dispatchEvent(new window.Event('change', { bubbles: true }));
    await settle();
    await type(by('watch-field-end-day'), '24.12.');
    await submit('watch-add');
    expect(document.body.textContent).toContain('A day is written 2026-12-24 and lies ahead.');
    await type(by('watch-field-end-day'), '2026-12-31');
    await submit('watch-add');
    const [edit] = edits(backend) as { kind: string; mute: { term: string; until: string } }[];
    expect([edit?.kind, edit?.mute.term, new Date(edit?.mute.until ?? '').getDate()]).toEqual(['add_mute', 'gitlab', 31]);
    expect(backend.alerts.some(({ detail }) => detail.finding.relevance.muted_by.some(({ watch }) => watch === 'gitlab'))).toBe(true);
    expect(await violations()).toEqual([]);
  });

  it('that_are_over_say_so_and_none_says_so_too', async () => {
    const { watches } = await open({ mutes: [] });
    await click('watch-part-mutes');
    expect(document.body.textContent).toContain('Nothing is muted.');
    watches.mutes = [{ mute: { ...term('old'), until: '2026-01-01T00:00:00Z' }, has_ended: true, alerts: 0, recent: 0 }];
    await settle();
    expect(text('mute-old')).toContain('ended');
  });
});
