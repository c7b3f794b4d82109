// Keys to acts. A key is a letter, not a place on the keyboard; `g` opens a short sequence. Keys do
// nothing while somebody types, and leave every combination alone that is not theirs.
export type Act =
  | { kind: 'move'; by: number } | { kind: 'open' } | { kind: 'back' } | { kind: 'first' } | { kind: 'last' } | { kind: 'page'; by: number }
  | { kind: 'state'; state: 'done' | 'not_applicable' | 'action_needed' }
  | { kind: 'ask'; what: 'snooze' | 'reason' | 'tag' } | { kind: 'note' }
  | { kind: 'feedback'; relevant: boolean } | { kind: 'watch' } | { kind: 'mute' }
  | { kind: 'toggle' } | { kind: 'extend'; by: number } | { kind: 'all' }
  | { kind: 'read' } | { kind: 'source' } | { kind: 'copy' } | { kind: 'undo' }
  | { kind: 'search' } | { kind: 'help' } | { kind: 'collect' }
  | { kind: 'go'; screen: 'inbox' | 'notifications' | 'watches' | 'sources' | 'settings' } | { kind: 'view'; index: number } | { kind: 'own_view'; index: number };

const SEQUENCE_MS = 1200;

const SINGLE: Record<string, Act> = {
  j: { kind: 'move', by: 1 }, k: { kind: 'move', by: -1 }, ArrowDown: { kind: 'move', by: 1 }, ArrowUp: { kind: 'move', by: -1 },
  PageDown: { kind: 'page', by: 1 }, PageUp: { kind: 'page', by: -1 }, Home: { kind: 'first' }, End: { kind: 'last' },
  o: { kind: 'open' }, Enter: { kind: 'open' }, Escape: { kind: 'back' },
  e: { kind: 'state', state: 'done' }, n: { kind: 'state', state: 'not_applicable' },
  a: { kind: 'state', state: 'action_needed' },
  s: { kind: 'ask', what: 'snooze' }, E: { kind: 'ask', what: 'reason' }, t: { kind: 'ask', what: 'tag' }, c: { kind: 'note' },
  '+': { kind: 'feedback', relevant: true }, '-': { kind: 'feedback', relevant: false }, w: { kind: 'watch' }, m: { kind: 'mute' },
  x: { kind: 'toggle' }, J: { kind: 'extend', by: 1 }, K: { kind: 'extend', by: -1 }, G: { kind: 'last' },
  r: { kind: 'read' }, v: { kind: 'source' }, y: { kind: 'copy' }, u: { kind: 'undo' },
  '/': { kind: 'search' }, '?': { kind: 'help' },
};

const AFTER_G: Record<string, Act> = {
  g: { kind: 'first' }, i: { kind: 'go', screen: 'inbox' }, n: { kind: 'go', screen: 'notifications' }, w: { kind: 'go', screen: 'watches' }, s: { kind: 'go', screen: 'sources' }, t: { kind: 'go', screen: 'settings' },
};

/** Keys that native controls use themselves; they are only ours where no control has the focus. */
const NATIVE = new Set(['Enter', 'ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End']);

export class Keys {
  #sequenceUntil = 0;

  /** What a key press means; null where it is not ours. `now` in milliseconds. */
  read(event: KeyboardEvent, now: number): Act | null {
    if (event.isComposing || event.defaultPrevented) return null;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'r') return { kind: 'collect' };
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'a' && !isTyping(event.target)) return { kind: 'all' };
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return null;
    if (now < this.#sequenceUntil) {
      this.#sequenceUntil = 0;
      const act = AFTER_G[event.key];
      if (act) return act;
      if (/^[1-9]$/.test(event.key)) return { kind: 'own_view', index: Number(event.key) - 1 };
    }
    if (event.key === 'g') {
      this.#sequenceUntil = now + SEQUENCE_MS;
      return null;
    }
    if (NATIVE.has(event.key) && isControl(event.target)) return null;
    if (/^[1-9]$/.test(event.key)) return { kind: 'view', index: Number(event.key) - 1 };
    return Object.hasOwn(SINGLE, event.key) ? (SINGLE[event.key] ?? null) : null;
  }
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type);
}

const isControl = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('button, a, summary, input, [role="separator"], [data-scrolls]') !== null;
