// The built-in views: which states they hold, and what a view of the user's is called by.
import type { Column, Sort, State, ViewRow } from '$lib/ipc/generated';

export const SORTS: readonly Sort[] = ['newest', 'severity', 'score', 'epss', 'relevance', 'text_match'];
export const COLUMNS: readonly Column[] = ['severity', 'score', 'epss', 'category', 'matched', 'source', 'published', 'added', 'changed', 'state', 'tags'];

export const ownId = (name: string): string => `view:${name}`;

export const isClosed = (state: State): boolean => state === 'done' || state === 'not_applicable' || state === 'accepted_risk';

/** Whether an alert of a view stays in it in that state. What the user's own views hold, only the backend knows. */
export function staysIn(view: string, state: State): boolean {
  switch (view) {
    case 'new':
      return state === 'new';
    case 'in_progress':
      return state === 'reviewing' || state === 'action_needed';
    case 'snoozed':
      return state === 'snoozed';
    case 'muted':
      return !isClosed(state);
    case 'closed':
      return isClosed(state);
    case 'high':
    case 'exploited':
    case 'unscored':
    case 'watching':
      return !isClosed(state) && state !== 'snoozed';
    default:
      return true;
  }
}

/** One query that asks for what two ask for. */
export function joinQueries(first: string, second: string): string {
  const parts = [first.trim(), second.trim()].filter((part) => part !== '');
  return parts.length < 2 ? parts.join('') : parts.map((part) => (/\bOR\b/.test(part) ? `(${part})` : part)).join(' ');
}

/** A query as its list shows it: while it is typed, its last word stands for all that begin so. */
export function asShown(query: string): string {
  const [last] = /\S+$/.exec(query) ?? [];
  const isInQuotes = (query.match(/["“”„]/g) ?? []).length % 2 === 1;
  if (last === undefined || isInQuotes || /["“”„:<>=*)]/.test(last) || /^-?CVE-\d{4}-\d{4,}$/i.test(last)) return query;
  return /[\p{L}\p{N}]/u.test(last) && !/^\(*-?(AND|OR|NOT)$/.test(last) ? `${query}*` : query;
}

/** What a view asks for by itself, besides what is typed. */
export const baseQuery = (view: ViewRow | undefined): string => view?.query ?? '';
