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
const only = process.argv[2] ?? '';

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

const LOOKS = [
  ['inbox', {}, async () => {}],
  ['inbox-dark', { dark: true }, keys('j', 'j')],
  ['compact', {}, async (page) => (await page.keyboard.press('2'), await page.click('[aria-label="One line"]'))],
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
  ['sources', {}, async (page) => (await go('nav-sources')(page), await page.click('text=Run log'))],
  ['sources-dark', { dark: true }, async (page) => (await go('nav-sources', 'collect')(page), await page.click('text=Address and schedule'))],
  ['settings', {}, go('nav-settings')],
  ['watches', {}, async (page) => (await go('nav-settings', 'settings-watches')(page), await page.fill(id('watch-term'), 'grafana'), await page.waitForTimeout(400))],
  ['watches-dark', { dark: true }, async (page) => (await go('nav-settings', 'settings-watches')(page), await page.click('text=Edit'))],
  ['channels', { height: 1500 }, go('nav-settings', 'settings-channels', 'email-test')],
  ['channels-dark', { dark: true, height: 1500 }, async (page) => (await go('nav-settings', 'settings-channels')(page), await page.fill(id('email-smtp_port'), 'x'), await page.keyboard.press('Enter'))],
  ['api', {}, go('nav-settings', 'settings-api')],
  ['data', { dark: true }, go('nav-settings', 'settings-data')],
  ['broken', { fake: 'broken' }, go('nav-settings')],
  ['help', {}, keys('?')],
  ['stacked-list', { width: 880 }, async () => {}],
  ['stacked-detail', { width: 880 }, keys('j', 'o')],
  ['zoom-200', { width: 720, height: 450 }, async () => {}],
  ['zoom-200-detail', { width: 720, height: 450 }, keys('j', 'o')],
  ['small', { width: 400, height: 700 }, go('nav-settings', 'settings-channels')],
];

mkdirSync(folder, { recursive: true });
const server = await createServer({ logLevel: 'error', server: { port: 0, strictPort: false } });
await server.listen();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
let faults = 0;
for (const [name, how, act] of LOOKS.filter(([name]) => name.includes(only))) {
  const context = await browser.newContext({
    viewport: { width: how.width ?? 1440, height: how.height ?? 900 }, colorScheme: how.dark ? 'dark' : 'light', locale: 'en-GB', timezoneId: 'Europe/Berlin',
  });
  const page = await context.newPage();
  const say = (text) => {
    faults += 1;
    console.log(`${name}: ${text}`);
  };
  page.on('pageerror', (error) => say(error.message));
  page.on('console', (message) => message.type() === 'error' && say(message.text()));
  await page.goto(`${server.resolvedUrls.local[0]}?fake=${how.fake ?? ''}`);
  await page.waitForSelector(how.fake === 'offline' ? '[role="alert"]' : id('app-ready'));
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
