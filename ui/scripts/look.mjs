// `npm run look [-- NAME]`: opens every screen and state over the fake backend in Debian's Chromium, judges
// each with axe (WCAG 2.2 AA, also what unit tests cannot: contrast and target sizes) and leaves pictures in
// LOOK_DIR. Exits with 1 where axe finds something or the page reports an error.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const folder = process.env.LOOK_DIR ?? join(tmpdir(), 'tocsin-look');
const only = (process.argv[2] ?? '').split(',');

const id = (name) => `[data-testid="${name}"]`;
const go = (...names) => async (page) => {
  for (const name of names) await page.click(id(name));
};
const keys = (...names) => async (page) => {
  for (const name of names) await page.keyboard.press(name);
};
const search = (text) => async (page) => {
  await page.keyboard.press('2');
  await page.fill(id('search'), text);
};

/** The first alert that a query finds. */
const first = (query) => async (page) => {
  await search(query)(page);
  await page.waitForTimeout(500);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('j');
  await page.waitForTimeout(300);
};
const article = first('entity:PaperLantern');

const LOOKS = [
  ['inbox', {}, async () => {}],
  ['inbox-dark', { dark: true }, keys('j', 'j')],
  ['compact', {}, async (page) => (await page.keyboard.press('2'), await go('density-compact')(page))],
  ['compact-columns', { dark: true }, async (page) => (await page.keyboard.press('2'), await go('density-compact', 'columns', 'column-epss', 'column-tags')(page))],
  ['compact-900', { width: 900 }, async (page) => (await page.keyboard.press('2'), await go('density-compact')(page))],
  ['width-900', { width: 900 }, keys('2', 'j', 'j')],
  ['width-900-dark', { width: 900, dark: true }, async (page) => (await search('nginx memory')(page), await page.waitForTimeout(400))],
  ['complete', {}, async (page) => (await page.click(id('search')), await page.keyboard.type('severity:high st', { delay: 30 }), await page.waitForTimeout(300), await page.keyboard.press('ArrowDown'))],
  ['complete-dark', { dark: true }, async (page) => (await page.click(id('search')), await page.keyboard.press('ArrowDown'), await page.waitForTimeout(300))],
  ['complete-value', {}, async (page) => (await page.click(id('search')), await page.keyboard.type('tag:', { delay: 30 }), await page.waitForTimeout(300))],
  ['query-fault', {}, async (page) => (await search('openssl')(page), await page.waitForTimeout(400), await page.fill(id('search'), 'openssl (memory OR crafted'), await page.waitForTimeout(600))],
  ['query-fault-dark', { dark: true, width: 900 }, async (page) => (await page.fill(id('search'), 'severty:high openssl'), await page.waitForTimeout(600))],
  ['query-help', {}, go('search-help')],
  ['query-help-dark', { dark: true, width: 900 }, go('search-help')],
  ['sorted', {}, async (page) => (await page.keyboard.press('2'), await page.selectOption(id('sort'), 'epss'))],
  ['ranked', {}, async (page) => (await search('a')(page), await page.waitForTimeout(300), await page.keyboard.press('Escape'))],
  ['save-view', {}, async (page) => (await search('openssl OR nginx')(page), await page.waitForTimeout(400), await go('save-view')(page), await page.fill(id('view-name'), 'Web servers'))],
  ['save-view-dark', { dark: true }, async (page) => (await search('nginx')(page), await page.waitForTimeout(400), await go('save-view')(page), await page.fill(id('view-name'), 'mail gateways'))],
  ['view-menu', {}, async (page) => (await go('view-view:Edge, likely soon')(page), await page.hover(id('view-view:Edge, likely soon')), await go('view-menu-view:Edge, likely soon')(page))],
  ['selection', {}, keys('2', 'j', 'j', 'x', 'J', 'J')],
  ['selection-all-dark', { dark: true, width: 900 }, keys('2', 'j', 'Control+a', 'j', 'x')],
  ['selection-more', {}, async (page) => (await keys('2', 'j', 'Control+a')(page), await go('bulk-more')(page))],
  ['snooze', {}, keys('2', 'j', 's')],
  ['snooze-dark', { dark: true }, async (page) => (await keys('2', 'j', 's')(page), await page.fill(id('snooze-day'), '2026-11-01'), await go('snooze-confirm')(page))],
  ['reason', {}, async (page) => (await keys('2', 'j', 'E')(page), await page.click('text=Not used here'))],
  ['tag', {}, async (page) => (await keys('2', 'j', 't')(page), await page.keyboard.type('e'), await page.waitForTimeout(200))],
  ['tag-dark', { dark: true }, keys('2', 'j', 't')],
  ['snoozed', {}, keys('8')],
  ['closed-dark', { dark: true }, keys('9', 'j')],
  ['timeline', { height: 1700 }, async (page) => (await keys('2', 'j')(page), await page.click('[data-uid="CVE-2026-29989"]'), await page.waitForTimeout(300), await page.click('text=Show what changed'))],
  ['timeline-dark', { dark: true, height: 1700 }, async (page) => (await keys('2', 'j')(page), await page.click('[data-uid="CVE-2026-29989"]'), await page.waitForTimeout(300), await page.click('text=Show what changed'), await page.keyboard.press('c'), await page.keyboard.type('Ask the platform team.'))],
  ['export', {}, async (page) => (await keys('2')(page), await go('export')(page))],
  ['export-running', {}, async (page) => (await keys('2')(page), await go('export', 'export-run')(page), await page.waitForTimeout(600))],
  ['export-exists-dark', { dark: true }, async (page) => (await keys('2')(page), await go('export')(page), await page.fill(id('export-path'), '/home/ana/Documents/alerts.csv'), await go('export-run')(page))],
  ['export-done', {}, async (page) => (await keys('2')(page), await go('export', 'export-run')(page), await page.waitForTimeout(2600))],
  ['done', {}, keys('j', 'e')],
  ['done-dark', { dark: true }, keys('j', 'e')],
  ['search', {}, search('nginx memory')],
  ['search-none', { dark: true }, search('zzzz')],
  ['long-title', {}, search('goes on and on')],
  ['exploited', {}, keys('4')],
  ['empty', { fake: 'empty' }, async () => {}],
  ['unwatched', { fake: 'unwatched' }, async () => {}],
  ['unwatched-new', { fake: 'unwatched' }, keys('1')],
  ['offline', { fake: 'offline' }, async () => {}],
  ['collecting', {}, async (page) => (await keys('2', 'j')(page), await page.click(id('collect')), await page.waitForTimeout(1500))],
  ['sources', { height: 1500 }, async (page) => (await go('nav-sources', 'source-nvd-runs')(page), await page.waitForTimeout(300))],
  ['sources-dark', { dark: true, height: 1900 }, async (page) => (await go('nav-sources', 'collect', 'source-kev-edit', 'source-owasp-edit')(page), await page.waitForTimeout(900))],
  ['sources-900', { width: 900, height: 1700 }, go('nav-sources', 'source-darkreading-more', 'source-darkreading-edit', 'source-darkreading-runs')],
  ['sources-feed', { height: 1900 }, async (page) => (await go('nav-sources', 'source-filter-attention', 'source-thehackernews-more')(page).catch(() => {}), await page.fill(id('source-find'), 'a'), await go('source-lab-more', 'source-lab-edit')(page))],
  ['sources-feed-dark', { dark: true, height: 1700 }, async (page) => (await go('nav-sources')(page), await page.fill(id('source-find'), 'news'), await go('source-thehackernews-more', 'source-thehackernews-edit', 'source-thehackernews-runs')(page), await page.click(id('run-problems')))],
  ['sources-many', { fake: 'many' }, go('nav-sources', 'source-filter-attention')],
  ['sources-nofeeds', { fake: 'nofeeds', dark: true }, go('nav-sources')],
  ['sources-broken', { fake: 'broken' }, go('nav-sources')],
  ['sources-small', { width: 480, height: 900 }, async (page) => (await go('nav-sources')(page), await page.fill(id('source-find'), 'landes'), await go('source-lab-more')(page))],
  ['backfill-running', {}, async (page) => (await go('nav-sources')(page), await page.evaluate(() => window.fake.sources.plantBackfill({})))],
  ['backfill-failed-dark', { dark: true, width: 900 }, async (page) => (await go('nav-sources')(page), await page.evaluate(() => window.fake.sources.plantBackfill({ state: 'failed', fault: { code: 'x', params: {}, message: 'NVD refused the key (403). Check it here.' } })))],
  ['backfill-done', {}, async (page) => (await go('nav-sources')(page), await page.evaluate(() => window.fake.sources.plantBackfill({ state: 'done', done: 361204 })))],
  ['feed-add', {}, async (page) => (await go('nav-sources', 'feed-add')(page), await page.fill(id('feed-address'), 'news.site.example'), await go('feed-look')(page), await page.waitForTimeout(500))],
  ['feed-add-several-dark', { dark: true, width: 900 }, async (page) => (await go('nav-sources', 'feed-add')(page), await page.fill(id('feed-address'), 'https://several.example/'), await go('feed-look')(page), await page.waitForTimeout(500))],
  ['feed-add-refused', {}, async (page) => (await go('nav-sources', 'feed-add')(page), await page.fill(id('feed-address'), 'https://cert.lan/'), await go('feed-look')(page), await page.waitForTimeout(500))],
  ['presets', {}, async (page) => (await go('nav-sources', 'presets')(page), await page.waitForTimeout(300), await page.check(id('preset-schneier')))],
  ['presets-dark', { dark: true, width: 900 }, async (page) => (await go('nav-sources', 'presets')(page), await page.fill(id('preset-find'), 'fr'))],
  ['opml-import', {}, async (page) => (await go('nav-sources', 'opml-import')(page), await page.fill(id('opml-path'), '/home/ana/feeds.opml'), await go('opml-run')(page), await page.waitForTimeout(500))],
  ['opml-export-dark', { dark: true }, async (page) => (await go('nav-sources', 'opml-export')(page), await page.waitForTimeout(300))],
  ['settings', {}, go('nav-settings')],
  ['watches', {}, async (page) => (await go('nav-watches')(page), await page.fill(id('watch-term'), 'grafana'), await page.waitForTimeout(500))],
  ['watches-dark', { dark: true }, async (page) => (await go('nav-watches')(page), await page.click(`${id('watch-apache http server')} >> ${id('watch-edit')}`), await page.waitForTimeout(600))],
  ['watches-product', { height: 1100 }, async (page) => (await go('nav-watches', 'watch-kind-product', 'watch-more')(page), await page.fill(id('watch-field-product'), 'nginx'), await page.fill(id('watch-field-versions'), '2.4.1'), await page.waitForTimeout(600))],
  ['watches-regex-dark', { dark: true, width: 900 }, async (page) => (await go('nav-watches', 'watch-kind-regex')(page), await page.fill(id('watch-term'), 'CVE-2026-(1[0-9]{4}'), await page.waitForTimeout(600))],
  ['watches-small', { width: 480, height: 900 }, go('nav-watches')],
  ['watches-none', { fake: 'unwatched' }, go('nav-watches')],
  ['watches-many-dark', { fake: 'many', dark: true }, go('nav-watches')],
  ['watches-broken', { fake: 'broken' }, go('nav-watches')],
  ['mutes', {}, async (page) => (await go('nav-watches', 'watch-part-mutes')(page), await page.fill(id('watch-term'), 'gitlab'), await page.selectOption(id('watch-field-end'), 'day'), await page.fill(id('watch-field-end-day'), '2026-12-24'), await page.waitForTimeout(600))],
  ['mutes-dark', { dark: true, width: 900 }, async (page) => (await go('nav-watches', 'watch-part-mutes')(page), await page.click(`${id('mute-wordpress')} >> ${id('watch-edit')}`), await page.waitForTimeout(600))],
  ['ask-watch', {}, async (page) => (await article(page), await page.keyboard.press('w'), await page.waitForTimeout(500))],
  ['ask-mute-dark', { dark: true, width: 900 }, async (page) => (await keys('2', 'j', 'm')(page), await page.waitForTimeout(500))],
  ['why-article', { height: 1500 }, async (page) => (await article(page), await go('explain')(page), await page.waitForTimeout(300), await page.focus(`${id('explain-term')} >> nth=0`))],
  ['why-article-dark', { dark: true, height: 1500 }, async (page) => (await article(page), await go('explain', 'feedback-relevant')(page), await page.waitForTimeout(300), await page.click(`${id('explain-term')} >> nth=1`))],
  ['why-900', { width: 900, height: 1400 }, async (page) => (await article(page), await page.waitForTimeout(300))],
  ['why-880', { width: 880, height: 1400 }, async (page) => (await article(page), await page.keyboard.press('o'), await page.waitForTimeout(300))],
  ['why-cwe', { height: 1200 }, async (page) => (await keys('2', 'j')(page))],
  ['why-estimated', {}, async (page) => (await first('estimated:yes')(page), await go('explain')(page))],
  ['why-muted', { dark: true }, async (page) => (await go('view-muted')(page), await page.waitForTimeout(300), await page.keyboard.press('j'))],
  ['why-german', {}, first('Telekommunikations')],
  ['why-short-dark', { dark: true, width: 900 }, async (page) => (await first('kind:article')(page), await keys('j', 'j', 'j')(page))],
  ['feedback-many', {}, async (page) => (await keys('2', 'j', 'x', 'J', 'J', '+')(page), await page.waitForTimeout(300))],
  ['analysis', { height: 2000 }, go('nav-settings', 'settings-analysis')],
  ['analysis-taught', { fake: 'taught', height: 2500 }, async (page) => (await go('nav-settings', 'settings-analysis')(page), await page.waitForTimeout(300), await page.fill(id('threshold'), '30'), await page.waitForTimeout(500))],
  ['analysis-taught-dark', { fake: 'taught', dark: true, width: 900, height: 2600 }, async (page) => (await go('nav-settings', 'settings-analysis')(page), await page.waitForTimeout(300), await page.fill(id('threshold'), '80'), await go('reanalyse')(page), await page.waitForTimeout(700))],
  ['analysis-heldback', { fake: 'heldback', height: 1500 }, go('nav-settings', 'settings-analysis')],
  ['analysis-badmodel', { fake: 'badmodel', height: 1700 }, go('nav-settings', 'settings-analysis')],
  ['analysis-nomodel-dark', { fake: 'nomodel', dark: true, height: 1700 }, go('nav-settings', 'settings-analysis')],
  ['analysis-reset', { fake: 'taught' }, go('nav-settings', 'settings-analysis', 'learnt-reset')],
  ['analysis-small', { fake: 'taught', width: 420, height: 3000 }, go('nav-settings', 'settings-analysis')],
  ['channels', { height: 1900 }, go('nav-settings', 'settings-channels', 'email-test', 'slack-test')],
  ['channels-dark', { dark: true, height: 1900 }, async (page) => (await go('nav-settings', 'settings-channels')(page), await page.fill(id('email-smtp_port'), 'x'), await page.keyboard.press('Enter'))],
  ['channels-900', { width: 900, height: 2600 }, async (page) => (await go('nav-settings', 'settings-channels')(page), await page.fill(id('telegram-token'), '1:x'), await go('telegram-token-save', 'telegram-find', 'soc-on-call-part-quiet', 'slack-part-timing')(page))],
  ['channels-add', {}, async (page) => (await go('nav-settings', 'settings-channels', 'channel-add')(page), await page.fill(id('channel-add-name'), 'slack'), await go('channel-add-run')(page))],
  ['channels-remove-dark', { dark: true }, go('nav-settings', 'settings-channels', 'soc-on-call-remove')],
  ['channels-preview', { height: 3400 }, go('nav-settings', 'settings-channels', 'email-part-preview', 'slack-part-preview', 'telegram-part-preview', 'desktop-part-preview')],
  ['channels-preview-dark', { dark: true, height: 3600, width: 900 }, async (page) => (await go('nav-settings', 'settings-channels', 'email-part-preview', 'slack-part-preview', 'telegram-part-preview')(page), await go('email-preview-digest', 'slack-preview-digest', 'telegram-preview-digest')(page))],
  ['routing', {}, go('nav-settings', 'settings-routing')],
  ['routing-form', { height: 1900 }, async (page) => (await go('nav-settings', 'settings-routing', 'rule-add')(page), await page.fill(id('rule-field-name'), 'Edge'), await page.fill(id('rule-field-query'), 'severity:high'), await go('rule-channel-slack', 'rule-channel-soc-on-call', 'rule-watches-some', 'rule-quiet-changes')(page), await go('rule-watches-any')(page), await page.waitForTimeout(700))],
  ['routing-form-dark', { dark: true, width: 900, height: 1900 }, async (page) => (await go('nav-settings', 'settings-routing', 'rule-night-shift-edit')(page), await page.waitForTimeout(700))],
  ['routing-query', {}, async (page) => (await go('nav-settings', 'settings-routing', 'rule-add')(page), await page.click(id('rule-field-query')), await page.keyboard.type('severity:', { delay: 30 }), await page.waitForTimeout(400))],
  ['routing-fault-dark', { dark: true }, async (page) => (await go('nav-settings', 'settings-routing', 'rule-add', 'rule-channel-slack')(page), await page.fill(id('rule-field-query'), 'severty:high'), await page.waitForTimeout(800))],
  ['routing-small', { width: 480, height: 1900 }, async (page) => (await go('nav-settings', 'settings-routing', 'rule-night-shift-edit')(page), await page.waitForTimeout(700))],
  ['notifications', { height: 1100 }, async (page) => (await go('nav-notifications')(page), await page.click('[data-state="sent"]'))],
  ['notifications-failed-dark', { dark: true }, async (page) => (await go('nav-notifications', 'folder-failed')(page), await page.click('[data-state="unknown"]'))],
  ['notifications-900', { width: 900 }, async (page) => (await go('nav-notifications', 'folder-digests')(page), await page.click('[data-state="waiting"]'))],
  ['notifications-880', { width: 880 }, go('nav-notifications', 'folder-outbox')],
  ['notifications-880-detail-dark', { width: 880, dark: true }, async (page) => (await go('nav-notifications', 'folder-outbox')(page), await page.click('[data-state="retrying"]'))],
  ['notifications-resend', {}, go('nav-notifications', 'folder-failed', 'resend-all')],
  ['notifications-none-dark', { fake: 'quiet', dark: true }, go('nav-notifications')],
  ['notifications-small', { width: 420, height: 800 }, go('nav-notifications')],
  ['bell', {}, go('bell')],
  ['bell-dark', { dark: true, width: 900 }, go('bell')],
  ['notified', { height: 2200 }, keys('2', 'j', 'k')],
  ['api', {}, go('nav-settings', 'settings-api')],
  ['data', { height: 1250 }, go('nav-settings', 'settings-data')],
  ['data-dark', { dark: true, height: 1250 }, async (page) => (await go('nav-settings', 'settings-data', 'data-backup', 'data-optimise')(page), await page.fill(id('import-path'), '/home/ana/alerts.json'), await go('import-run')(page), await page.waitForTimeout(2600))],
  ['data-work', { width: 900, height: 1250 }, async (page) => (await go('nav-settings', 'settings-data', 'data-backup', 'data-optimise', 'data-clean')(page), await page.waitForTimeout(500))],
  ['data-restore', {}, async (page) => (await go('nav-settings', 'settings-data')(page), await page.click(`${id('backup')} >> ${id('backup-restore')} >> nth=0`))],
  ['about', {}, go('nav-settings', 'settings-about')],
  ['full', { fake: 'full' }, async () => {}],
  ['damaged', { fake: 'damaged' }, async () => {}],
  ['damaged-dark', { fake: 'damaged', dark: true, width: 900 }, async (page) => (await go('recovery-salvage')(page), await page.waitForTimeout(300))],
  ['damaged-done', { fake: 'damaged' }, async (page) => (await go('recovery-salvage')(page), await page.waitForTimeout(1500))],
  ['broken', { fake: 'broken' }, go('nav-settings')],
  ['help', {}, keys('?')],
  ['stacked-list', { width: 880 }, async () => {}],
  ['stacked-detail', { width: 880 }, keys('j', 'o')],
  ['zoom-200', { width: 720, height: 450 }, async () => {}],
  ['zoom-200-detail', { width: 720, height: 450 }, keys('j', 'o')],
  ['small', { width: 400, height: 900 }, go('nav-settings', 'settings-channels')],
];

mkdirSync(folder, { recursive: true });
const server = await createServer({ logLevel: 'error', server: { port: 0, strictPort: false } });
await server.listen();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
let faults = 0;
for (const [name, how, act] of LOOKS.filter(([name]) => only.some((part) => name.includes(part)))) {
  const context = await browser.newContext({
    viewport: { width: how.width ?? 1440, height: how.height ?? 900 }, colorScheme: how.dark ? 'dark' : 'light', locale: 'en-GB', timezoneId: 'Europe/Berlin',
  });
  const page = await context.newPage();
  // A machine that builds at the same time is slow.
  page.setDefaultTimeout(120_000);
  const say = (text) => {
    faults += 1;
    console.log(`${name}: ${text}`);
  };
  page.on('pageerror', (error) => say(error.message));
  page.on('console', (message) => message.type() === 'error' && say(message.text()));
  await page.goto(`${server.resolvedUrls.local[0]}?fake=${how.fake ?? ''}`);
  await page.waitForSelector(how.fake === 'offline' ? '[role="alert"]' : how.fake === 'damaged' ? id('recovery') : id('app-ready'));
  await page.waitForTimeout(400);
  await act(page);
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
  for (const { id: rule, nodes } of violations) say(`${rule}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  await context.close();
}
await browser.close();
await server.close();
console.log(`${faults} faults; pictures in ${folder}`);
process.exitCode = faults > 0 ? 1 : 0;
