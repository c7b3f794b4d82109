// The built-in views: their order in the rail, and which states they hold.
import type { Severity, State, View } from '$lib/ipc/generated';

/** In the rail's order; the keys 1 to 8 follow it. All stands beside New. */
export const VIEWS: readonly View[] = ['new', 'all', 'high', 'exploited', 'unscored', 'watching', 'in_progress', 'closed'];

export const isClosed = (state: State): boolean => state === 'done' || state === 'not_applicable';

/** Whether an alert of a view stays in it in that state. */
export function staysIn(view: View, state: State): boolean {
  switch (view) {
    case 'new':
      return state === 'new';
    case 'all':
      return true;
    case 'in_progress':
      return state === 'reviewing' || state === 'action_needed';
    case 'closed':
      return isClosed(state);
    case 'high':
    case 'exploited':
    case 'unscored':
    case 'watching':
      return !isClosed(state);
  }
}

export const levelOf = (severity: Severity | null): Severity | 'unscored' => severity ?? 'unscored';
