// The fake backend's channels and rules: their settings and secrets, how each channel does, tests, places and previews.
import { CallError } from '../backend';
import type { ChannelId, ChannelRow, ChannelSettings, ChannelState, Commands, DigestTimes, Edit, Fault, Place, Rule, SecretName, SecretRow, SecretState, TestResult, TestStep } from '../generated';
import type { FakeBackend } from './backend';
import { NOW } from './data';
import { rendered } from './messages';
import { queryFault } from './search';

const iso = (ms: number): string => new Date(ms).toISOString();
const fault = (code: string, params: Record<string, string>, message: string): Fault => ({ code, params, message });
const refuse = (code: string, params: Record<string, string>, message: string): never => {
  throw new CallError(fault(code, params, message));
};

export const MORNING: DigestTimes = { at: ['08:00'], days: [], zone: null };
const base = (name: string, enabled: boolean) => ({ name, enabled, group_s: 30, quiet: null, digest: MORNING, weekly_test: false, limits: null });
const emailOf = (name: string): ChannelSettings => ({ ...base(name, false), kind: 'email', smtp_host: 'smtp.example.org', smtp_port: 587, smtp_tls: 'starttls', user: 'alerts@example.org', sender: null, sender_name: 'Tocsin', recipients: ['soc@example.org'], ca_file: null, allow_plain_auth: false });
const slackOf = (name: string, channel: string | null): ChannelSettings => ({ ...base(name, channel !== null), kind: 'slack', base_url: 'https://slack.com/api/', channel });
const telegramOf = (name: string, chat_id: string | null): ChannelSettings => ({ ...base(name, chat_id !== null), kind: 'telegram', base_url: 'https://api.telegram.org/', chat_id });

const RULE: Omit<Rule, 'name' | 'query' | 'watches' | 'channels'> = { enabled: true, min_severity: null, changes: ['new', 'raised_to_high', 'exploited'], when: { kind: 'now' }, per_hour: 0, per_day: 0 };
export const rule = (name: string, more: Partial<Rule> = {}): Rule => ({ ...RULE, name, query: '', watches: [], channels: ['slack'], ...more });

const builtInRules = (): Record<string, Rule> => ({
  desktop: rule('High and exploited that match a watch', { query: 'severity:high OR exploited:true', watches: ['*'], channels: ['desktop'] }),
  default: rule('Relevant: new, raised to High, exploited', { query: 'relevant:true', channels: ['*'] }),
});

const SECRETS: Record<string, readonly SecretName[]> = { desktop: [], email: ['email_password'], slack: ['slack_token', 'slack_webhook'], telegram: ['telegram_token'] };
const VARIABLES: Record<SecretName, string> = { email_password: 'EMAIL_PASS', nvd_api_key: 'NVD_API_KEY', slack_token: 'SLACK_TOKEN', slack_webhook: 'SLACK_WEBHOOK', telegram_token: 'TELEGRAM_TOKEN' };
const NOT_IN_CHANNEL = fault('slack_not_in_channel', { channel: '#alerts' }, 'The app is not in #alerts. Invite it there: /invite @Tocsin.');

type Health = Partial<Pick<ChannelRow, 'state' | 'fault' | 'last_success' | 'last_failure' | 'failures' | 'waiting' | 'oldest_waiting' | 'undelivered' | 'held_until' | 'quiet_until' | 'next_digest'>>;
type Names = `channel${'s_list' | '_test' | '_places' | '_preview' | '_resume'}`;
type Handlers = { [K in Names]: (request: Commands[K]['request']) => Commands[K]['response'] };

export class FakeChannels {
  channels: Record<ChannelId, ChannelSettings> = {
    desktop: { ...base('Desktop', true), kind: 'desktop' },
    email: emailOf('E-mail'),
    slack: slackOf('Slack', '#alerts'),
    telegram: telegramOf('Telegram', null),
    'soc-on-call': { ...telegramOf('SOC on call', '-1002003004'), quiet: { from: '22:00', to: '07:00', days: [], zone: 'Europe/Berlin', pass_high: true, pass_exploited: true } },
  };
  rules: Record<string, Rule> = {
    ...builtInRules(),
    'night-shift': rule('Night shift', { query: 'exploited:yes', min_severity: 'medium', channels: ['soc-on-call', 'slack'], when: { kind: 'digest', at: ['07:00', '19:00'], days: ['mon', 'tue', 'wed', 'thu', 'fri'], zone: 'Europe/Berlin' }, per_day: 40 }),
  };
  /** How each does, where it is on and nothing is missing. */
  readonly health = new Map<ChannelId, Health>([
    ['desktop', { last_success: iso(NOW - 720_000) }],
    ['email', { undelivered: 2 }],
    ['slack', { state: 'stopped', fault: NOT_IN_CHANNEL, last_success: iso(NOW - 9_000_000), last_failure: iso(NOW - 1_900_000), failures: 1, waiting: 4, oldest_waiting: iso(NOW - 1_900_000) }],
    ['soc-on-call', { state: 'held', held_until: iso(NOW + 240_000), last_success: iso(NOW - 60_000), last_failure: iso(NOW - 30_000), failures: 1, waiting: 1, oldest_waiting: iso(NOW - 30_000), next_digest: [iso(NOW + 20_000_000), 14] }],
  ]);
  #secrets = new Map<string, SecretState>([
    ['slack slack_token', { kind: 'set', from: 'keyring', editable: true }],
    ['soc-on-call telegram_token', { kind: 'set', from: 'environment', editable: false }],
  ]);
  #switchedOff = new Set<ChannelId>();

  constructor(private readonly backend: FakeBackend) {}

  edit(edit: Edit): boolean {
    switch (edit.kind) {
      case 'set_channel': {
        const channel = this.channels[edit.id];
        if (!channel) return false;
        const given = Object.fromEntries(Object.entries(edit.fields).filter(([, value]) => value !== null && value !== undefined).map(([key, value]) => [key, value === '' ? null : value]));
        if (edit.fields.enabled === false) this.#switchedOff.add(edit.id);
        this.channels = { ...this.channels, [edit.id]: { ...channel, ...given } as ChannelSettings };
        return true;
      }
      case 'add_channel': {
        const name = edit.name.trim();
        if (Object.values(this.channels).some((one) => one.name.toLowerCase() === name.toLowerCase())) refuse('channel_exists', { name }, 'There is a channel of this name.');
        const made = edit.channel_kind === 'email' ? emailOf(name) : edit.channel_kind === 'slack' ? slackOf(name, null) : telegramOf(name, null);
        this.channels = { ...this.channels, [idOf(name)]: made };
        return true;
      }
      case 'remove_channel': {
        if (edit.id in SECRETS) refuse('channel_built_in', {}, 'This channel is a part of Tocsin.');
        const { [edit.id]: _, ...others } = this.channels;
        this.channels = others;
        return true;
      }
      case 'set_quiet_hours': {
        const channel = this.channels[edit.id];
        if (channel) this.channels = { ...this.channels, [edit.id]: { ...channel, quiet: edit.quiet } };
        return true;
      }
      case 'add_rule':
        this.#check(edit.rule, null);
        this.rules = { ...this.rules, [idOf(edit.rule.name)]: edit.rule };
        return true;
      case 'set_rule':
        this.#check(edit.rule, edit.id);
        this.rules = { ...this.rules, [edit.id]: edit.rule };
        return true;
      case 'remove_rule': {
        const first = builtInRules()[edit.id];
        const { [edit.id]: _, ...others } = this.rules;
        this.rules = first ? { ...this.rules, [edit.id]: first } : others;
        return true;
      }
      default:
        return false;
    }
  }

  #check(one: Rule, id: string | null): void {
    const found = queryFault(one.query);
    if (found) throw new CallError(found);
    if (Object.entries(this.rules).some(([other, { name }]) => other !== id && name.toLowerCase() === one.name.toLowerCase())) refuse('rule_exists', { name: one.name }, 'There is a rule of this name.');
  }

  setSecret(name: SecretName, channel: ChannelId | null, value: string | null): void {
    const id = channel ?? name.split('_', 1)[0] ?? '';
    this.#secrets.set(`${id} ${name}`, value === null ? { kind: 'not_set' } : { kind: 'set', from: 'file', editable: true });
  }

  secrets(id: ChannelId): SecretRow[] {
    const names = SECRETS[this.channels[id]?.kind ?? ''] ?? [];
    return names.map((name) => ({ name, channel: id, variable: VARIABLES[name], state: this.#secrets.get(`${id} ${name}`) ?? { kind: 'not_set' } }));
  }

  #isSet(id: ChannelId): boolean {
    const rows = this.secrets(id);
    return rows.length === 0 || rows.some(({ state }) => state.kind === 'set');
  }

  #missing(id: ChannelId): Fault | null {
    const channel = this.channels[id];
    if (channel?.kind === 'email' && !this.#isSet(id)) return fault('email_no_password', { channel: id }, 'The mail server wants a password, and none is set.');
    if (channel?.kind === 'slack' && !this.#isSet(id)) return fault('slack_no_token', { channel: id }, 'No bot token is set.');
    if (channel?.kind === 'slack' && channel.channel === null) return fault('slack_no_channel', { channel: id }, 'No Slack channel is set.');
    if (channel?.kind === 'telegram' && !this.#isSet(id)) return fault('telegram_no_token', { channel: id }, 'No bot token is set.');
    if (channel?.kind === 'telegram' && channel.chat_id === null) return fault('telegram_no_chat', { channel: id }, 'No chat is set.');
    return null;
  }

  #row(id: ChannelId, { name, kind, enabled }: ChannelSettings): ChannelRow {
    const health = this.health.get(id) ?? {};
    const missing = this.#missing(id);
    const state: ChannelState = !enabled ? 'off' : missing ? 'incomplete' : (health.state ?? 'works');
    return {
      id, name, kind, enabled, is_removable: !(id in SECRETS), last_success: null, last_failure: null, failures: 0, waiting: 0, oldest_waiting: null, undelivered: 0, held_until: null, quiet_until: null,
      next_digest: null, ...health, state, fault: enabled ? (missing ?? health.fault ?? null) : null, secrets: this.secrets(id),
    };
  }

  #test(id: ChannelId): TestResult {
    const channel = this.channels[id];
    if (!channel) throw new CallError(fault('channel_gone', { channel: id }, 'There is no such channel.'));
    const step = (name: string, found: string | null, failed: Fault | null = null): TestStep => ({ step: name, found, fault: failed });
    const ended = (steps: TestStep[]): TestResult => {
      const failed = steps.at(-1)?.fault ?? null;
      const switched_on = failed === null && !channel.enabled && !this.#switchedOff.has(id);
      if (switched_on) this.edit({ kind: 'set_channel', id, fields: { enabled: true } });
      if (failed === null) this.health.set(id, { last_success: iso(NOW) });
      this.backend.tell({ kind: 'deliveries_changed' });
      return { steps, fault: failed, switched_on };
    };
    switch (channel.kind) {
      case 'desktop':
        return ended([step('connect', 'GNOME Shell 47'), step('message', null)]);
      case 'email': {
        const refused = fault('smtp_auth_failed', { host: channel.smtp_host, user: channel.user ?? '', reply: '535 5.7.8 Bad credentials' }, `${channel.smtp_host} refused the user name or password (535). Check them here.`);
        return this.#isSet(id) ? ended([step('connect', `${channel.smtp_host}, TLS 1.3`), step('log_in', channel.user), step('message', null)]) : ended([step('connect', `${channel.smtp_host}, TLS 1.3`), step('log_in', null, refused)]);
      }
      case 'slack': {
        const missing = this.#missing(id);
        if (missing) return ended([step('log_in', null, missing)]);
        const isOut = channel.channel === '#alerts';
        return ended([step('log_in', 'Tocsin in Acme (T024BE7LD)'), step('message', null, isOut ? NOT_IN_CHANNEL : null)]);
      }
      case 'telegram': {
        const missing = this.#missing(id);
        return missing ? ended([step('log_in', null, missing)]) : ended([step('log_in', '@tocsin_bot'), step('destination', 'SOC team'), step('message', null)]);
      }
    }
  }

  #places(id: ChannelId): Place[] {
    const channel = this.channels[id];
    const missing = this.#isSet(id) ? null : this.#missing(id);
    if (missing) throw new CallError(missing);
    if (channel?.kind === 'slack') return [{ id: 'C024BE7LR', name: '#alerts', what: 'channel' }, { id: 'C024BE9XY', name: '#soc-night', what: 'channel' }];
    if (channel?.kind === 'telegram') return [{ id: '-1002003004', name: 'SOC team', what: 'supergroup' }, { id: '77001', name: 'Ana', what: 'private' }, { id: '-1009009009', name: 'Telekommunikationsüberwachungsverordnungsbehörde', what: 'group' }];
    throw new CallError(fault('places_unsupported', {}, 'This channel cannot be asked where messages could go.'));
  }

  readonly handlers: Handlers = {
    channels_list: () => Object.entries(this.channels).map(([id, channel]) => this.#row(id, channel)),
    channel_test: ({ channel }) => this.#test(channel),
    channel_places: ({ channel }) => this.#places(channel),
    channel_preview: ({ channel, alert, digest }) => {
      const rows = this.backend.alerts.map(({ detail }) => detail.row);
      const chosen = digest ? rows.slice(0, 6) : rows.filter((row) => (alert == null ? row.is_relevant : row.id === alert)).slice(0, 1);
      const used = chosen.length > 0 ? chosen : rows.slice(0, 1);
      return { message: used.length === 0 ? null : rendered(this.channels[channel]?.kind ?? 'desktop', used, digest) };
    },
    channel_resume: ({ channel }) => {
      this.health.set(channel, { ...this.health.get(channel), state: 'works', fault: null });
      this.backend.tell({ kind: 'deliveries_changed' });
      return {};
    },
  };
}

const idOf = (name: string): string => name.trim().toLowerCase().replace(/[^a-z0-9]+/g, '-');
