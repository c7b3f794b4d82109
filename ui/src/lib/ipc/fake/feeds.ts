// The fake backend's feeds that are not sources yet: the catalogue, what is found at an address, lists of feeds.
import { CallError } from '../backend';
import type { Commands, Discovered, FoundFeed, OpmlExported, OpmlImported, Preset } from '../generated';
import type { FakeBackend } from './backend';
import { NOW } from './data';

type Names = 'presets_list' | 'feed_discover' | `opml_${'import' | 'export'}` | `backfill_${'start' | 'pause' | 'resume' | 'cancel'}`;
type Handlers = { [K in Names]: (request: Commands[K]['request']) => Commands[K]['response'] | Promise<Commands[K]['response']> };

const ANSWER_MS = 250;
export const CATALOGUE: Omit<Preset, 'added'>[] = [
  ['thehackernews', 'The Hacker News', 'feeds.example/TheHackersNews', 'News', 'thehackernews.example', 'Daily news of vulnerabilities, breaches and attacks'],
  ['bleepingcomputer', 'BleepingComputer', 'www.bleepingcomputer.example/feed/', 'News', 'www.bleepingcomputer.example', 'Daily news of malware, ransomware and patches'],
  ['krebs', 'Krebs on Security', 'krebsonsecurity.example/feed/', 'News', 'krebsonsecurity.example', 'Cybercrime and fraud, a few articles a week'],
  ['schneier', 'Schneier on Security', 'www.schneier.example/feed/atom/', 'News', 'www.schneier.example', 'Security, privacy and cryptography'],
  ['cisa', 'CISA advisories', 'www.cisa.example/cybersecurity-advisories/all.xml', 'Advisories', 'www.cisa.example', 'Alerts and advisories of the US agency'],
  ['cert-fr-avis', 'CERT-FR avis', 'www.cert.example/avis/feed/', 'Advisories', 'www.cert.example', 'Advisories of the French CERT, in French'],
  ['project-zero', 'Google Project Zero', 'projectzero.example/feed.xml', 'Research', 'projectzero.example', 'Deep analyses of vulnerabilities; a large document'],
  ['debian', 'Debian security (DSA)', 'www.debian.example/security/dsa', 'Distributions', 'www.debian.example', 'Security advisories for Debian'],
  ['oss-security', 'oss-security', 'seclists.example/rss/oss-sec.rss', 'Mailing lists', 'seclists.example', 'Vulnerabilities in open source, as they become public'],
].map(([id = '', name = '', url = '', group = '', site = '', about = '']) => ({ id, name, url: `https://${url}`, group, site: `https://${site}/`, about }));

const found = (url: string, title: string, format: FoundFeed['format'], entries = 10): FoundFeed => ({
  url, title, format, entries, site: new URL('/', url).href, known: null,
  newest: Array.from({ length: Math.min(3, entries) }, (_, i) => ({ title: `${title}: entry ${i + 1} about a flaw in OpenSSL`, url: `${url}#${i}`, published: new Date(NOW - (i + 1) * 5_400_000).toISOString() })),
});

export class FakeFeeds {
  constructor(private readonly backend: FakeBackend) {}

  presets(): Preset[] {
    const urls = new Set(this.backend.sources.rows.map(({ url }) => url));
    const ids = new Set(this.backend.sources.rows.map(({ id }) => id));
    return CATALOGUE.map((one) => ({ ...one, added: ids.has(one.id) || urls.has(one.url) }));
  }

  async #discover(address: string, isPrivateAllowed: boolean): Promise<Discovered> {
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    const refuse = (code: string, message: string): never => {
      throw new CallError({ code, params: { url: address }, message });
    };
    const url = URL.parse(address.includes('://') ? address : `https://${address}`) ?? refuse('url_invalid', 'It must be an address that begins with http:// or https://.');
    if (url.hostname === 'nowhere.example') refuse('dns_failed', 'nowhere.example does not exist, or its name cannot be looked up.');
    if (url.hostname === 'empty.example') return { feeds: [] };
    if (url.hostname.endsWith('.lan') && !isPrivateAllowed) refuse('address_refused', 'cert.lan is in a private network, which is only read where you allow it.');
    const own = this.backend.sources.rows.find((row) => new URL(row.url).hostname === url.hostname);
    if (own) return { feeds: [{ ...found(own.url, own.name, 'rss'), known: own.id }] };
    if (url.hostname === 'several.example') {
      return { feeds: [found('https://several.example/feed.xml', 'Several: all posts', 'atom'), found('https://several.example/advisories.json', 'Several: advisories', 'json', 0)] };
    }
    return { feeds: [found(`${url.origin}/feed/`, `News of ${url.hostname}`, 'rss')] };
  }

  async #import(path: string): Promise<OpmlImported> {
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    if (!path.endsWith('.opml')) throw new CallError({ code: 'opml_unreadable', params: { path }, message: `${path} is not an OPML file.` });
    this.backend.settings.addFeed({ name: 'Imported feed', url: 'https://imported.example/feed', group: 'Imported' });
    return {
      added: 1, known: 2,
      refused: [{ subject: 'Old wiki', fault: { code: 'url_invalid', params: {}, message: 'It must be an address that begins with http:// or https://.' } }],
    };
  }

  #export(path: string, overwrite: boolean): OpmlExported {
    const { files } = this.backend.keeping;
    if (files.has(path) && !overwrite) throw new CallError({ code: 'file_exists', params: { path }, message: `${path} exists already.` });
    files.add(path);
    return { path, feeds: this.backend.sources.rows.filter(({ kind }) => kind === 'feed').length };
  }

  readonly handlers: Handlers = {
    presets_list: () => this.presets(),
    feed_discover: ({ address, allow_private }) => this.#discover(address, allow_private),
    opml_import: ({ path }) => this.#import(path),
    opml_export: ({ path, overwrite }) => this.#export(path, overwrite),
    backfill_start: ({ from_year }) => (this.backend.sources.backfill('start', from_year), {}),
    backfill_pause: () => (this.backend.sources.backfill('pause'), {}),
    backfill_resume: () => (this.backend.sources.backfill('resume'), {}),
    backfill_cancel: () => (this.backend.sources.backfill('cancel'), {}),
  };
}
