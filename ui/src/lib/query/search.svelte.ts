// What a box for a query offers while a query is typed: completions at the cursor, one of which may be active.
// Answers that come late are dropped. Places count characters (Unicode scalar values), as the backend does.
import type { Backend } from '$lib/ipc/backend';
import type { Completion, CompletionItem } from '$lib/ipc/generated';
import { throttle } from '$lib/later';

const PAUSE_MS = 60;

/** A text and where the cursor stands in it, in UTF-16 units as an input has it. */
export interface Typed {
  text: string;
  cursor: number;
}

export class Search {
  completion = $state.raw<Completion | null>(null);
  /** The active item, or -1. */
  active = $state(-1);

  #typed: Typed = { text: '', cursor: 0 };
  #turn = 0;
  readonly #askSoon = throttle(() => void this.#ask(), PAUSE_MS);

  constructor(private readonly backend: Backend) {}

  get items(): readonly CompletionItem[] {
    return this.completion?.items ?? [];
  }

  get isOpen(): boolean {
    return this.items.length > 0;
  }

  /** Something was typed: what fits there is offered. */
  typed(typed: Typed): void {
    this.#typed = typed;
    this.#turn += 1;
    this.#askSoon();
  }

  close(): void {
    this.#turn += 1;
    this.#askSoon.cancel();
    this.completion = null;
    this.active = -1;
  }

  /** Goes round through the items and past them, where none is active. */
  move(by: number): void {
    const places = this.items.length + 1;
    this.active = ((this.active + 1 + by + places) % places) - 1;
  }

  /** The text with an item put in; null where there is none. */
  accept(at = this.active): Typed | null {
    const item = this.items[at];
    const { completion } = this;
    if (!item || !completion) return null;
    this.close();
    return inserted(this.#typed.text, completion.start, completion.end, item.insert);
  }

  async #ask(): Promise<void> {
    const turn = this.#turn;
    const { text, cursor } = this.#typed;
    let completion: Completion | null = null;
    try {
      completion = await this.backend.call('query_complete', { text, cursor: [...text.slice(0, cursor)].length });
    } catch {
      // Typing goes on without suggestions; what is wrong with the query, the list says.
    }
    if (turn !== this.#turn) return;
    this.completion = completion;
    this.active = -1;
  }
}

/** Puts a text in place of characters; the cursor stands behind it, and one blank is enough there. */
export function inserted(text: string, start: number, end: number, insert: string): Typed {
  const characters = [...text];
  const before = characters.slice(0, start).join('') + insert;
  const rest = characters.slice(end).join('');
  return { text: before + (insert.endsWith(' ') ? rest.replace(/^ /, '') : rest), cursor: before.length };
}
