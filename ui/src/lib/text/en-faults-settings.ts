// Wordings of the faults of fields, settings, watches and secrets, in English: each stands beside the field it is about.
import { quote } from './en-words';

type Params = Record<string, string>;

const file = (p: Params): string => p.path ?? p.file ?? 'The file';
const because = (p: Params): string => (p.reason ? ` (${p.reason})` : '');
const range = (p: Params): string => (p.least && p.most ? `It must be from ${p.least} to ${p.most}.` : 'It is too small or too large.');

export const enSettingsFaults = {
  // Fields
  url_invalid: () => 'It must be an address that begins with http:// or https://.',
  url_with_password: () => 'The address must not hold a user name or a password.',
  url_insecure: () => 'It must begin with https://. http:// is for this machine alone, because the token goes there.',
  webhook_invalid: () => 'A webhook is an address that begins with https://hooks.slack.com/.',
  host_invalid: () => 'It must be a server’s name or address, without http:// and without a port.',
  origin_invalid: (p: Params) => `${p.origin ? quote(p.origin) : 'This'} is no origin. One is written http://localhost:3000.`,
  text_invalid: () => 'It must be one line of at most 200 characters.',
  port_invalid: range,
  number_out_of_range: range,
  secret_invalid: () => 'A password or key is one line of text and not empty.',
  set_by_environment: (p: Params) => `The environment variable ${p.variable ?? ''} sets this. Change or remove it there.`.replace('  ', ' '),

  // Queries and views
  query_too_long: (p: Params) => `A query has at most ${p.most ?? '?'} characters.`,
  view_name_invalid: (p: Params) => `A view’s name is one line of 1 to ${p.most ?? '60'} characters.`,
  too_many_views: (p: Params) => `There are at most ${p.most ?? '?'} views. Remove one first.`,

  // Watches and mutes
  watch_empty: () => 'A watch needs at least one letter or digit; without, it would match everything.',
  watch_too_long: (p: Params) => `A watch has at most ${p.most ?? '?'} characters, a regular expression ${p.most_of_regex ?? '?'}.`,
  watch_unknown: (p: Params) => `${p.term ? quote(p.term) : 'It'} is not watched any more.`,
  watch_without_product: () => 'A watch for a product needs the product’s name.',
  mute_unknown: (p: Params) => `${p.term ? quote(p.term) : 'It'} is not muted any more.`,
  regex_invalid: (p: Params) => `The regular expression cannot be read${p.at ? ` at character ${Number(p.at) + 1}` : ''}${p.reason ? `: ${p.reason}` : ''}.`,
  regex_matches_nothing: () => 'The regular expression also matches the empty text, so it would match everything.',
  regex_too_large: () => 'The regular expression needs too much memory. Use smaller counts, or fewer of them.',
  version_invalid: () => 'A version is written like 2.4.1, 2.4.x or >=2.0 <2.4.',
  until_invalid: (p: Params) => `${p.until ? quote(p.until) : 'This'} is neither a moment nor a day such as 2026-12-31.`,

  // Triage
  tag_empty: () => 'A tag has at least one character.',
  tag_too_long: (p: Params) => `A tag has at most ${p.most ?? '?'} characters.`,
  note_empty: () => 'A note has at least one character.',
  note_too_long: (p: Params) => `A note has at most ${p.most ?? '?'} characters.`,
  reason_too_long: (p: Params) => `A reason has at most ${p.most ?? '?'} characters.`,
  note_needs_one_alert: () => 'A note is written about one alert at a time.',
  snooze_needs_until: () => 'Say until when the alert is to sleep.',
  snooze_in_the_past: () => 'This moment has passed already. Choose a later one.',
  too_many_alerts: (p: Params) => `At most ${p.most ?? '?'} alerts can be named at once.`,

  // Files
  settings_wrong_shape: (p: Params) => `${p.key ?? 'A key'} in settings.toml is not what it must be. Mend it by hand first.`,
  settings_secret_key: (p: Params) => `settings.toml${p.line ? `, line ${p.line}` : ''}: ${p.key ?? 'a secret'} is not read, because secrets never stand in this file. Take it out and set it in Settings, or in .env.`,
  setting_is_secret: () => 'This looks like a token or a webhook. Secrets have fields of their own and are never written to the settings.',
  secrets_file_broken: (p: Params) => `Line ${p.line ?? '?'} of ${file(p)} cannot be read, so nothing was written. Mend that line first.`,
  environment_bad_value: (p: Params) => `The variable ${p.variable ?? ''} is not used${because(p)}.`.replace('  ', ' '),
  path_not_absolute: (p: Params) => `${file(p)} does not say in which folder it is. Choose the file anew.`,
  folder_missing: (p: Params) => `There is no folder ${p.path ?? 'of this name'}.`,
  link_refused: () => 'Only http and https addresses are opened.',
} satisfies Record<string, (params: Params) => string>;
