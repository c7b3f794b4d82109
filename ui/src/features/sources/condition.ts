// How a source does, in a sentence: by the condition that the backend names, its fault and its last run.
import type { Run, SourceRow } from '$lib/ipc/generated';
import { t } from '$lib/text';
import { faultText } from '$lib/text/faults';
import { historyTime, untilTime } from '$lib/text/format';
import { span } from '$lib/time/relative';

export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'idle';
export interface Said {
  tone: Tone;
  icon: 'check' | 'progress' | 'clock' | 'warn' | 'circle';
  text: string;
}

const words = t.sources;

export function said(row: SourceRow, now: number): Said {
  const ago = (iso: string): string => t.time.ago(span(Math.max(0, now - Date.parse(iso))));
  const since = (iso: string): string => historyTime(iso, now);
  const until = (iso: string): string => t.time.until(span(Math.max(0, Date.parse(iso) - now)));
  const why = row.health.fault ? faultText(row.health.fault) : words.failingUnknown;
  const warn = (text: string): Said => ({ tone: 'warn', icon: 'clock', text });
  const idle = (text: string): Said => ({ tone: 'idle', icon: 'circle', text });
  // What runs is known first from the progress, which comes more often than anything else.
  if (row.running) return { tone: 'busy', icon: 'progress', text: words.running(row.running.done, row.running.total) };
  const { condition } = row;
  switch (condition.kind) {
    case 'off':
      return idle(words.off);
    case 'paused':
      return warn(words.paused);
    case 'never':
      return idle(row.health.next_attempt ? words.neverDue(until(row.health.next_attempt)) : words.never);
    case 'collecting':
      return { tone: 'busy', icon: 'progress', text: words.collecting };
    case 'empty':
      return warn(words.empty(since(condition.since)));
    case 'offline':
      return warn(words.offline(since(condition.since)));
    case 'waiting':
      return warn(words.waiting(faultText(condition.fault), until(condition.until)));
    case 'failing':
      return { tone: 'bad', icon: 'warn', text: words.failing(why, condition.failures, since(condition.since)) };
    case 'down':
      return { tone: 'bad', icon: 'warn', text: words.down(why, since(condition.since), ago(condition.since)) };
    case 'silent':
      return warn(words.silent(since(condition.since), ago(condition.since), condition.usual_days));
    case 'fine':
      return { tone: 'ok', icon: 'check', text: fine(row, ago) };
  }
}

function fine(row: SourceRow, ago: (iso: string) => string): string {
  const run = row.last_run;
  if (run?.finished) {
    if (run.outcome === 'cancelled') return words.cancelled(ago(run.finished));
    if (run.outcome === 'interrupted') return words.interrupted(ago(run.finished));
    if (run.outcome === 'succeeded') {
      return run.note?.kind === 'not_modified' ? words.notModified(ago(run.finished)) : words.collected(ago(run.finished), run.counts);
    }
  }
  return row.health.last_success ? words.succeededAgo(ago(row.health.last_success)) : words.fine;
}

/** What a person should know of a run; nothing where the sentence says it already. */
export function noteOf(run: Run, now: number): string {
  return run.note ? words.note(run.note, (iso) => untilTime(iso, now)) : '';
}

/** How often a source is read, in words. */
export function scheduleOf(row: SourceRow): string {
  if (row.kind !== 'feed' || !row.adaptive) return words.every(row.interval_min);
  return row.health.rhythm_min === null ? words.adaptive : words.adaptiveNow(row.health.rhythm_min);
}

export const needsAttention = ({ tone }: Said): boolean => tone === 'bad' || tone === 'warn';
