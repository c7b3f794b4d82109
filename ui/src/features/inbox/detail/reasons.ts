// Why an alert is relevant, or not, in sentences. Pure.
import type { Detail, Field, WatchMatch } from '$lib/ipc/generated';
import { t } from '$lib/text';

/** A sentence for each watch or mute that matches: its term, as what it is there, and where. */
export function matched(matches: readonly WatchMatch[]): string[] {
  const byWatch = new Map<string, { found: Set<string>; where: Set<Field>; versions: Set<string> }>();
  for (const match of matches) {
    const entry = byWatch.get(match.watch) ?? { found: new Set<string>(), where: new Set<Field>(), versions: new Set<string>() };
    entry.found.add(match.term);
    entry.where.add(match.field);
    if (match.version !== null) entry.versions.add(match.version);
    byWatch.set(match.watch, entry);
  }
  return [...byWatch].map(([watch, { found, where, versions }]) => {
    const places = (['title', 'text', 'products'] as const).filter((field) => where.has(field));
    const said = found.has(watch) ? t.detail.watchIn(watch, places) : t.detail.watchAs(watch, [...found], places);
    return [said, ...[...versions].map(t.analysis.why.version)].join(' ');
  });
}

/** All sentences on relevance, the one that decided first. */
export function reasons({ finding }: Pick<Detail, 'finding'>, view: string, hasWatches: boolean): string[] {
  const { relevance, abstained } = finding;
  const words = t.analysis.why;
  const watches = matched(relevance.matches);
  switch (relevance.reason) {
    case 'mute':
      return [...matched(relevance.muted_by).map(words.mutedIn), ...watches.map(words.watchToo)];
    case 'watch':
      return watches;
    case 'user_model':
    case 'base_model': {
      const model = words.model[relevance.reason];
      if (relevance.score === null) return [words.unsaid(model)];
      return [relevance.is_relevant ? words.holds(model, relevance.score) : words.holdsNot(model, relevance.score)];
    }
    case 'abstained':
      return [abstained === null ? words.abstainedOther : words.abstained[abstained]];
    case 'no_watch':
      return [hasWatches ? t.detail.noWatch(view) : t.detail.nothingWatched(view)];
  }
}
