// A rule as its form has it, and what the form makes of it.
import type { ChannelId, DigestTimes, Rule, RuleId, Severity, Trigger } from '$lib/ipc/generated';
import { t } from '$lib/text';
import { wholeNumber } from '$lib/ui/lists';

/** What a rule most often waits for, and what is below the fold, off. */
export const LOUD: readonly Trigger[] = ['new', 'exploited', 'raised_to_high', 'severity_raised', 'scored', 'epss_jump'];
export const QUIET: readonly Trigger[] = ['products_changed', 'reopened', 'severity_lowered', 'text_changed', 'rejected'];
export const LEVELS: readonly Severity[] = ['low', 'medium', 'high'];
export const WATCH_CHOICES = ['none', 'any', 'some'] as const;
const MOST = 10_000;
/** Every channel but those of the desktop. */
export const ALL: ChannelId = '*';

export interface Draft {
  name: string;
  enabled: boolean;
  query: string;
  watches: (typeof WATCH_CHOICES)[number];
  terms: readonly string[];
  level: Severity | 'any';
  changes: readonly Trigger[];
  channels: readonly ChannelId[];
  when: 'now' | 'digest';
  digest: DigestTimes;
  perHour: string;
  perDay: string;
}

export const emptyDraft = (): Draft => ({
  name: '', enabled: true, query: '', watches: 'none', terms: [], level: 'any', changes: ['new', 'raised_to_high', 'exploited'], channels: [], when: 'now',
  digest: { at: ['08:00'], days: [], zone: null }, perHour: '', perDay: '',
});

const cap = (n: number): string => (n === 0 ? '' : String(n));

export function draftOf(rule: Rule): Draft {
  const { name, enabled, query, changes, channels, when } = rule;
  const isAny = rule.watches.includes('*');
  return {
    name, enabled, query, changes, channels, watches: isAny ? 'any' : rule.watches.length > 0 ? 'some' : 'none', terms: isAny ? [] : rule.watches, level: rule.min_severity ?? 'any', when: when.kind,
    digest: when.kind === 'digest' ? { at: when.at, days: when.days, zone: when.zone } : emptyDraft().digest, perHour: cap(rule.per_hour), perDay: cap(rule.per_day),
  };
}

/** A cap as it was typed; null where it is none. */
const capOf = (text: string): number | null => (text.trim() === '' ? 0 : wholeNumber(text, 1, MOST));

export function toRule(draft: Draft): Rule {
  const { enabled, changes, channels } = draft;
  return {
    name: draft.name.trim(), enabled, query: draft.query.trim(), watches: draft.watches === 'any' ? ['*'] : draft.watches === 'some' ? [...draft.terms] : [], min_severity: draft.level === 'any' ? null : draft.level,
    // In one order, so that a rule that was not changed reads the same.
    changes: [...LOUD, ...QUIET].filter((trigger) => changes.includes(trigger)), channels: channels.includes(ALL) ? [ALL, ...channels.filter((id) => id !== ALL)] : [...channels],
    when: draft.when === 'now' ? { kind: 'now' } : { kind: 'digest', ...draft.digest }, per_hour: draft.when === 'now' ? (capOf(draft.perHour) ?? 0) : 0, per_day: draft.when === 'now' ? (capOf(draft.perDay) ?? 0) : 0,
  };
}

/** Whether it says enough to look what it would have sent. */
export const canLook = (draft: Draft): boolean => draft.changes.length > 0 && draft.channels.length > 0 && (draft.watches !== 'some' || draft.terms.length > 0) && capOf(draft.perHour) !== null && capOf(draft.perDay) !== null;

/** What is wrong with it, if anything; `taken` are the other rules' names. */
export function problemOf(draft: Draft, taken: readonly string[]): string | null {
  const words = t.settings.routing;
  const name = draft.name.trim();
  if (name === '') return words.needsName;
  if (taken.some((other) => other.toLowerCase() === name.toLowerCase())) return words.nameTaken(name);
  if (draft.watches === 'some' && draft.terms.length === 0) return words.needsWatch;
  if (draft.changes.length === 0) return words.needsChange;
  if (draft.channels.length === 0) return words.needsChannel;
  if (draft.when === 'now' && (capOf(draft.perHour) === null || capOf(draft.perDay) === null)) return words.capProblem;
  return null;
}

/** The rules that are always there, as they were at first: as `built_in_rules` of the backend has them. */
const BUILT_IN: Record<RuleId, Pick<Rule, 'name' | 'query' | 'watches' | 'channels'>> = {
  desktop: { name: 'High and exploited that match a watch', query: 'severity:high OR exploited:true', watches: ['*'], channels: ['desktop'] },
  default: { name: 'Relevant: new, raised to High, exploited', query: 'relevant:true', watches: [], channels: [ALL] },
};

export const isBuiltIn = (id: RuleId): boolean => Object.hasOwn(BUILT_IN, id);

/** Whether a built-in rule is no longer what it was at first; that it is off counts as well. */
export function isChanged(id: RuleId, rule: Rule): boolean {
  const first = BUILT_IN[id];
  if (!first) return false;
  const same = (one: Rule): string => JSON.stringify(toRule(draftOf(one)));
  return same(rule) !== same({ ...toRule(emptyDraft()), ...first });
}
