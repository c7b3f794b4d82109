// Texts of Settings, Routing, in English.
import type { Rule, Severity } from '../ipc/generated';
import { enNotify } from './en-notify';
import { alerts, count, quote } from './en-words';
import { list, number } from './format';

const severities: Record<Severity, string> = { low: 'Low', medium: 'Medium', high: 'High' };

export const enRouting = {
  intro: 'Rules say which alerts go to which channels, and when. An alert goes to a channel once for each thing that happens to it, however many rules ask for it.',
  listLabel: 'Rules',
  add: 'Add a rule',
  edit: 'Edit',
  editLabel: (name: string): string => `Edit ${name}`,
  save: 'Save',
  addSave: 'Add rule',
  cancel: 'Cancel',
  remove: 'Delete',
  removeLabel: (name: string): string => `Delete ${name}`,
  removed: (name: string): string => `Rule ${quote(name)} deleted`,
  reset: 'Reset',
  resetLabel: (name: string): string => `Put ${name} back as it was at first`,
  wasReset: (name: string): string => `Rule ${quote(name)} is as it was at first`,
  undo: 'Undo',
  builtIn: 'built in',
  changed: 'changed',
  off: 'off',
  on: (name: string): string => `Rule ${name}`,
  saveFailed: (why: string): string => `It was not saved. ${why}`,

  /** A rule in one line. */
  summary: (rule: Rule, channels: readonly string[]): string => {
    const which = [
      rule.min_severity === null ? '' : `${severities[rule.min_severity]}${rule.min_severity === 'high' ? '' : ' or higher'}, or exploited`,
      rule.watches.includes('*') ? 'any watch matched' : rule.watches.length > 0 ? `watch ${list(rule.watches.map(quote))}` : '',
    ].filter((part) => part !== '');
    const when = rule.when.kind === 'now' ? 'at once' : `as a digest, ${enNotify.times(rule.when.at, rule.when.days, rule.when.zone)}`;
    const caps = [rule.per_hour > 0 ? `${number(rule.per_hour)} an hour` : '', rule.per_day > 0 ? `${number(rule.per_day)} a day` : ''].filter((part) => part !== '');
    return `${which.length > 0 ? `${list(which)}; ` : ''}to ${channels.length > 0 ? list(channels) : 'no channel'} ${when}${caps.length > 0 ? `, at most ${list(caps)}` : ''}`;
  },
  everything: 'every alert',

  name: 'Name',
  namePlaceholder: 'Night shift: what is exploited',
  query: 'Alerts',
  queryPlaceholder: 'every alert; or a query: severity:high product:nginx',
  queryLabel: 'Which alerts, as a query',
  watches: 'Watches',
  watchChoices: { none: 'Whatever is watched', any: 'Any watch matched', some: 'One of these matched' },
  noWatches: 'Nothing is watched yet.',
  severity: 'At least',
  severities: { any: 'Any, unscored too', low: 'Low', medium: 'Medium', high: 'High' },
  severityHint: 'What is exploited passes whatever its level.',
  changes: 'When it is',
  quietChanges: 'Quiet changes',
  channels: 'To',
  allChannels: 'Every channel but the desktop',
  channelOff: 'off',
  when: 'Send',
  whens: { now: 'At once', digest: 'As a digest' },
  nowHint: 'Gathered for as long as the channel says.',
  caps: 'At most',
  perHour: 'an hour',
  perDay: 'a day',
  perHourLabel: 'At most so many alerts an hour and channel',
  perDayLabel: 'At most so many alerts a day and channel',
  capsHint: 'Alerts that go out at once, for each channel. The rest joins its next digest, the worst first. Empty for no cap.',
  capProblem: 'A cap is a whole number from 1 to 10000, or empty.',
  needsName: 'A rule needs a name.',
  nameTaken: (name: string): string => `There is a rule ${quote(name)} already.`,
  needsChange: 'Choose at least one thing that it waits for.',
  needsChannel: 'Choose at least one channel.',
  needsWatch: 'Choose at least one watch, or another choice.',

  backtest: {
    label: 'What it would have sent',
    looking: 'Looking…',
    failed: 'It could not be looked up.',
    waiting: 'Choose what it waits for and a channel to see what it would have sent.',
    none: (days: number): string => `Would have sent nothing in the last ${number(days)} days.`,
    some: (n: number, changes: number, days: number): string =>
      `Would have told of ${alerts(n)}${changes > n ? ` (${count(changes, 'change', 'changes')})` : ''} in the last ${number(days)} days.`,
    alone: (n: number, changes: number): string =>
      n === changes ? 'No other rule would have sent any of it.' : n === 0 ? 'Other rules would have sent all of it anyway.' : `${count(n, 'change', 'changes')} only because of this rule.`,
    since: (day: string): string => `Stored history begins on ${day}.`,
    chart: (most: number, day: string): string => `Alerts a day; at most ${number(most)}, on ${day}.`,
    chartEmpty: 'Alerts a day: none.',
    channel: 'Channel',
    messages: 'At once',
    digests: 'Digests',
    capped: 'Held by a cap',
    quiet: 'Held by quiet hours',
    channelsLabel: 'Messages for each channel',
    examples: 'The newest of them',
  },
};
