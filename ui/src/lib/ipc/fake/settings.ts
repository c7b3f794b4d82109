// The fake backend's settings, secrets and channels.
import { CallError } from '../backend';
import type { AnalysisSettings, ApiSettings, Edit, Fault, Mute, SecretName, SettingsNow, SourceFields, SourceRow, SourceSettings, ViewSettings, Watch, WatchSettings } from '../generated';
import type { FakeChannels } from './channels';
import { CATALOGUE } from './feeds';
import { queryFault } from './search';

import type { FakeSources } from './sources';
import { checkRegex } from './watching';

const refuse = (code: string, message: string): never => {
  throw new CallError({ code, params: {}, message });
};

/** Only what an edit names changes. */
function given<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as Partial<T>;
}

export class FakeSettings {
  watches: WatchSettings[];
  mutes: Mute[];
  analysis: AnalysisSettings = { threshold: null, model_file: null };
  readonly faults: Fault[];
  #now: SettingsNow;

  /** What only some sources have. */
  #mirror = 'https://raw.example/cisagov/kev-data/kev.json';
  #editions: Record<string, string[]> = { owasp: ['2025'], 'owasp-api': ['2023'] };

  constructor(watches: readonly Watch[], mutes: readonly Mute[], private readonly isBroken: boolean, private readonly sources: () => FakeSources, private readonly channels: () => FakeChannels) {
    this.watches = watches.map((watch, i) => ({ ...watch, from_environment: i === 3 }));
    this.mutes = [...mutes];
    this.faults = isBroken
      ? [{ code: 'settings_broken', params: { file: '/home/ana/.config/tocsin/settings.toml', line: '14' }, message: 'Expected “=” after a key.' }]
      : [];
    this.#now = {
      settings: {
        theme: 'system',
        sources: {},
        watches: [],
        mutes: [],
        analysis: { threshold: null, model_file: null },
        views: [
          { name: 'Edge, likely soon', query: 'tag:edge epss>10%', sort: 'epss', columns: ['severity', 'score', 'epss', 'tags'] },
          { name: 'Mail gateways', query: 'mail', sort: 'newest', columns: ['severity', 'source', 'state'] },
        ],
        retention: { closed_days: 365, articles_days: 180, irrelevant_days: 0 },
        channels: {},
        rules: {},
        api: { enabled: false, port: 8000, origins: ['http://localhost:3000'] },
        from_environment: {},
      },
      from_environment: { 'channels.email.smtp_host': 'SMTP_SERVER' },
      secrets: [{ name: 'nvd_api_key', channel: null, variable: 'NVD_API_KEY', state: { kind: 'set', from: 'environment', editable: false } }],
      file: '/home/ana/.config/tocsin/settings.toml',
      secrets_file: '/home/ana/.config/tocsin/.env',
      keyring_fault: { code: 'keyring_none', params: { reason: 'no such service' }, message: 'This session has no keyring that Tocsin can use.' },
      zone: 'Europe/Berlin',
      database: '/home/ana/.local/share/tocsin/tocsin.db',
      faults: this.faults,
      is_editable: !isBroken,
    };
  }

  get watchList(): Watch[] {
    return this.watches.map(({ from_environment: _, ...watch }) => watch);
  }

  read(): SettingsNow {
    const sources = Object.fromEntries(this.sources().rows.map((row) => [row.id, this.#sourceOf(row)]));
    const { channels, rules } = this.channels();
    const secrets = [...this.#now.secrets, ...Object.keys(channels).flatMap((id) => this.channels().secrets(id))];
    return { ...this.#now, secrets, settings: { ...this.#now.settings, channels, rules, watches: this.watches, mutes: this.mutes, analysis: this.analysis, sources } };
  }

  /** Makes an edit; tells whether alerts are to be judged anew. */
  edit(edit: Edit): boolean {
    if (this.isBroken) refuse('settings_broken', 'The settings file cannot be read.');
    const { settings } = this.#now;
    const has = (term: string): boolean => this.watches.some((watch) => watch.term.toLowerCase() === term.toLowerCase());
    switch (edit.kind) {
      case 'set_theme':
        settings.theme = edit.theme;
        return false;
      case 'add_watch':
        if (has(edit.watch.term)) refuse('watch_exists', 'It is watched already.');
        checkRegex(edit.watch);
        this.watches = [...this.watches, { ...edit.watch, from_environment: false }];
        return true;
      case 'replace_watch':
        this.watches = this.watches.map((watch) => (watch.term === edit.term ? { ...edit.watch, from_environment: false } : watch));
        return true;
      case 'remove_watch':
        this.watches = this.watches.filter((watch) => watch.term !== edit.term);
        return true;
      case 'add_mute':
        if (this.mutes.some((mute) => mute.term.toLowerCase() === edit.mute.term.toLowerCase())) refuse('mute_exists', 'It is muted already.');
        checkRegex(edit.mute);
        this.mutes = [...this.mutes, edit.mute];
        return true;
      case 'replace_mute':
        this.mutes = this.mutes.map((mute) => (mute.term === edit.term ? edit.mute : mute));
        return true;
      case 'remove_mute':
        this.mutes = this.mutes.filter((mute) => mute.term !== edit.term);
        return true;
      case 'set_analysis':
        // 0 puts back what was calibrated, an empty name the built-in models.
        if (typeof edit.threshold === 'number') this.analysis.threshold = edit.threshold === 0 ? null : edit.threshold;
        if (typeof edit.model_file === 'string') this.analysis.model_file = edit.model_file === '' ? null : edit.model_file;
        return true;
      case 'set_channel':
      case 'add_channel':
      case 'remove_channel':
      case 'set_quiet_hours':
      case 'add_rule':
      case 'set_rule':
      case 'remove_rule':
        this.channels().edit(edit);
        return false;
      case 'set_api':
        settings.api = { ...settings.api, ...given(edit.fields) } as ApiSettings;
        return false;
      case 'set_source':
        this.#setSource(edit.id, edit.fields);
        return false;
      case 'set_retention':
        settings.retention = { ...settings.retention, ...given(edit.fields) };
        return false;
      case 'add_feed':
        this.addFeed({ name: edit.name, url: edit.url, group: edit.group ?? null, full_text: edit.full_text, allow_private: edit.allow_private });
        return false;
      case 'add_presets':
        for (const { id, ...one } of CATALOGUE.filter((known) => edit.ids.includes(known.id))) this.addFeed(one, id);
        return false;
      case 'remove_source':
        if (this.sources().rows.find(({ id }) => id === edit.id)?.built_in) refuse('source_built_in', 'This source is a part of Tocsin.');
        this.sources().remove(edit.id);
        return false;
      case 'restore_source':
        this.sources().add(edit.id, edit.source);
        return false;
      case 'add_view':
      case 'replace_view':
      case 'remove_view':
      case 'move_view':
        settings.views = this.#viewsAfter(edit, settings.views);
        return false;
    }
  }

  addFeed(feed: { name: string; url: string; group: string | null; full_text?: boolean; allow_private?: boolean }, id = feed.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')): void {
    const known = this.sources().rows.find(({ url }) => url === feed.url);
    if (known) throw new CallError({ code: 'source_exists', params: { name: known.name }, message: `${known.name} already reads this address.` });
    this.sources().add(id, { kind: 'feed', enabled: true, interval_min: 30, adaptive: true, full_text: false, allow_private: false, ...feed });
  }

  #setSource(id: string, fields: SourceFields): void {
    if (fields.url?.includes('@')) refuse('url_with_password', 'The address must not hold a user name or a password.');
    if (fields.editions?.length === 0) refuse('edition_missing', 'At least one edition must be chosen.');
    this.#mirror = fields.mirror ?? this.#mirror;
    if (fields.editions) this.#editions = { ...this.#editions, [id]: [...fields.editions].sort().reverse() };
    this.sources().apply(id, fields);
  }

  #sourceOf({ id, kind, name, enabled, url, interval_min, allow_private, adaptive, full_text, group }: SourceRow): SourceSettings {
    const common = { name, enabled, url, interval_min, allow_private };
    switch (kind) {
      case 'nvd': return { ...common, kind, first_days: 7, overlap_hours: 4, page_size: 2000, pause_ms: null, backoff_ms: 30_000 };
      case 'kev': return { ...common, kind, mirror: this.#mirror };
      case 'epss': return { ...common, kind };
      case 'owasp': return { ...common, kind, list: id === 'owasp-api' ? 'api' : 'top10', editions: this.#editions[id] ?? [] };
      case 'feed': return { ...common, kind, adaptive, full_text, group };
    }
  }

  get views(): ViewSettings[] {
    return this.#now.settings.views;
  }

  #viewsAfter(edit: Extract<Edit, { kind: 'add_view' | 'replace_view' | 'remove_view' | 'move_view' }>, views: ViewSettings[]): ViewSettings[] {
    const has = (name: string): boolean => views.some((view) => view.name.toLowerCase() === name.toLowerCase());
    const known = (name: string): ViewSettings => views.find((view) => view.name === name) ?? refuse('view_unknown', 'There is no such view.');
    const checked = (view: ViewSettings): ViewSettings => {
      const fault = queryFault(view.query);
      if (fault) throw new CallError(fault);
      return view;
    };
    switch (edit.kind) {
      case 'add_view':
        if (has(edit.view.name)) refuse('view_exists', 'There is a view of this name.');
        return [...views, checked(edit.view)];
      case 'replace_view':
        if (edit.view.name !== edit.name && has(edit.view.name)) refuse('view_exists', 'There is a view of this name.');
        known(edit.name);
        return views.map((view) => (view.name === edit.name ? checked(edit.view) : view));
      case 'remove_view':
        return views.filter((view) => view !== known(edit.name));
      case 'move_view': {
        const moved = known(edit.name);
        const others = views.filter((view) => view !== moved);
        return [...others.slice(0, edit.to), moved, ...others.slice(edit.to)];
      }
    }
  }

  setSecret(name: SecretName, value: string | null, channel: string | null = null): void {
    if (name !== 'nvd_api_key') return this.channels().setSecret(name, channel, value);
    this.#now.secrets = this.#now.secrets.map((secret) => ({ ...secret, state: value === null ? { kind: 'not_set' } : { kind: 'set', from: 'file', editable: true } }));
  }
}
