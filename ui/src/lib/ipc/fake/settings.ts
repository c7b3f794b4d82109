// The fake backend's settings, secrets and channels.
import { CallError } from '../backend';
import type { ApiSettings, ChannelSettings, Edit, Fault, SecretName, SettingsNow, TestResult, ViewSettings, Watch, WatchSettings } from '../generated';
import { queryFault } from './search';

const refuse = (code: string, message: string): never => {
  throw new CallError({ code, params: {}, message });
};

/** Only what an edit names changes. */
function given<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as Partial<T>;
}

export class FakeSettings {
  watches: WatchSettings[];
  readonly faults: Fault[];
  #now: SettingsNow;

  constructor(watches: readonly Watch[], private readonly isBroken: boolean) {
    this.watches = watches.map((watch, i) => ({ ...watch, from_environment: i === 3 }));
    this.faults = isBroken
      ? [{ code: 'settings_broken', params: { file: '/home/ana/.config/tocsin/settings.toml', line: '14' }, message: 'Expected “=” after a key.' }]
      : [];
    this.#now = {
      settings: {
        theme: 'system',
        sources: {
          nvd: { kind: 'nvd', name: 'NVD', enabled: true, url: 'https://services.nvd.example/rest/json/cves/2.0', interval_min: 120, allow_private: false, first_days: 7, overlap_hours: 4, page_size: 2000, pause_ms: 6000, backoff_ms: 30000 },
          thehackernews: { kind: 'feed', name: 'The Hacker News', enabled: true, url: 'https://feeds.example/TheHackersNews', interval_min: 30, allow_private: false },
          owasp: { kind: 'owasp', name: 'OWASP Top 10', enabled: true, url: 'https://owasp.example/Top10/2025/', interval_min: 10080, allow_private: false, list: 'top10', editions: ['2025'] },
        },
        watches: [],
        views: [
          { name: 'Edge, likely soon', query: 'tag:edge epss>10%', sort: 'epss', columns: ['severity', 'score', 'epss', 'tags'] },
          { name: 'Mail gateways', query: 'mail', sort: 'newest', columns: ['severity', 'source', 'state'] },
        ],
        retention: { closed_days: 365, articles_days: 180, irrelevant_days: 0 },
        channels: {
          desktop: { kind: 'desktop', enabled: true },
          email: { kind: 'email', enabled: false, smtp_host: 'smtp.example.org', smtp_port: 587, smtp_tls: 'starttls', user: 'alerts@example.org', sender: null, sender_name: 'Tocsin', recipients: ['soc@example.org'], ca_file: null, allow_plain_auth: false },
        },
        api: { enabled: false, port: 8000, origins: ['http://localhost:3000'] },
        from_environment: {},
      },
      from_environment: { 'channels.email.smtp_host': 'SMTP_SERVER' },
      secrets: [{ name: 'email_password', state: { kind: 'not_set' } }, { name: 'nvd_api_key', state: { kind: 'set', from: 'environment', editable: false } }],
      file: '/home/ana/.config/tocsin/settings.toml',
      secrets_file: '/home/ana/.config/tocsin/.env',
      database: '/home/ana/.local/share/tocsin/tocsin.db',
      faults: this.faults,
      is_editable: !isBroken,
    };
  }

  get watchList(): Watch[] {
    return this.watches.map(({ term, aliases, exceptions }) => ({ term, aliases, exceptions }));
  }

  read(): SettingsNow {
    return { ...this.#now, settings: { ...this.#now.settings, watches: this.watches } };
  }

  /** Makes an edit; tells whether watches changed. */
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
        this.watches = [...this.watches, { ...edit.watch, from_environment: false }];
        return true;
      case 'replace_watch':
        this.watches = this.watches.map((watch) => (watch.term === edit.term ? { ...edit.watch, from_environment: false } : watch));
        return true;
      case 'remove_watch':
        this.watches = this.watches.filter((watch) => watch.term !== edit.term);
        return true;
      case 'set_channel': {
        const channel = settings.channels[edit.id];
        if (channel) settings.channels[edit.id] = { ...channel, ...given(edit.fields) } as ChannelSettings;
        return false;
      }
      case 'set_api':
        settings.api = { ...settings.api, ...given(edit.fields) } as ApiSettings;
        return false;
      case 'set_source':
        if (edit.fields.url?.includes('@')) refuse('url_with_password', 'The address must not hold a user name or a password.');
        return false;
      case 'set_retention':
        settings.retention = { ...settings.retention, ...given(edit.fields) };
        return false;
      case 'add_feed':
      case 'remove_source':
        return false;
      default:
        settings.views = this.#viewsAfter(edit, settings.views);
        return false;
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

  setSecret(name: SecretName, value: string | null): void {
    this.#now.secrets = this.#now.secrets.map((secret) =>
      secret.name === name ? { name, state: value === null ? { kind: 'not_set' } : { kind: 'set', from: 'file', editable: true } } : secret,
    );
  }

  test(channel: string): TestResult {
    const hasPassword = this.#now.secrets.some((secret) => secret.name === 'email_password' && secret.state.kind === 'set');
    if (channel === 'desktop' || hasPassword) return { fault: null };
    return { fault: { code: 'smtp_auth_failed', params: { host: 'smtp.example.org' }, message: 'smtp.example.org refused the user name or password (535). Check them here.' } };
  }
}
