// Why the models decided as they did, asked for when somebody wants to see it, and the places in the text that are
// shown for what is pointed at.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { Detail, Explained, Explanation, Fault, Span } from '$lib/ipc/generated';
import { keep, kept } from '$lib/ui/kept';

export type About = 'relevance' | 'category' | 'severity' | 'technique';

const KEPT = 'explain';

const isModel = ({ by }: Explained): boolean => by === 'base_model' || by === 'user_model';

export class Explaining {
  /** Whether the words that decided are shown; it stays so from alert to alert. */
  isOpen = $state(kept(KEPT) === 'open');
  explanation = $state.raw<Explanation | null>(null);
  fault = $state.raw<Fault | null>(null);
  /** What is pressed stays shown; what is pointed at is shown meanwhile. */
  pinned = $state.raw<{ key: string; spans: readonly Span[] } | null>(null);
  #pointed = $state.raw<readonly Span[] | null>(null);
  #key = '';
  #turn = 0;

  constructor(private readonly backend: Backend) {}

  /** The places to show now. */
  get spans(): readonly Span[] {
    return this.#pointed ?? this.pinned?.spans ?? [];
  }

  /** All that was explained, in the order in which it is told. */
  get parts(): { about: About; explained: Explained }[] {
    const { explanation } = this;
    if (!explanation) return [];
    // What a score or a weakness decided has no words; the sentences above say it.
    const one = (about: About, explained: Explained | null) => (explained && (explained.terms.length > 0 || isModel(explained)) ? [{ about, explained }] : []);
    return [
      ...one('relevance', explanation.relevance), ...one('category', explanation.category), ...one('severity', explanation.severity),
      ...explanation.techniques.flatMap((technique) => one('technique', technique)),
    ];
  }

  /** An alert is shown, or shown again: what was explained of it is asked for where it may have changed. */
  show({ row, finding }: Detail): void {
    const { relevance, category, severity_basis } = finding;
    const key = JSON.stringify([row.id, relevance.reason, relevance.score, category?.name, severity_basis.kind]);
    if (key === this.#key) return;
    if (!this.#key.startsWith(`[${row.id},`)) {
      this.explanation = null;
      this.pinned = null;
      this.#pointed = null;
    }
    this.#key = key;
    this.fault = null;
    if (this.isOpen) void this.#load(row.id);
  }

  toggle({ row }: Detail): void {
    this.isOpen = !this.isOpen;
    keep(KEPT, this.isOpen ? 'open' : 'closed');
    this.pinned = null;
    this.#pointed = null;
    if (this.isOpen && !this.explanation) void this.#load(row.id);
  }

  retry({ row }: Detail): void {
    void this.#load(row.id);
  }

  point(spans: readonly Span[] | null): void {
    this.#pointed = spans;
  }

  unpin(): void {
    this.pinned = null;
    this.#pointed = null;
  }

  pin(key: string, spans: readonly Span[]): void {
    this.pinned = this.pinned?.key === key ? null : { key, spans };
  }

  async #load(id: number): Promise<void> {
    const turn = ++this.#turn;
    this.fault = null;
    try {
      const explanation = await this.backend.call('alert_explain', { id });
      if (turn === this.#turn && this.#key.startsWith(`[${id},`)) this.explanation = explanation;
    } catch (error) {
      if (turn === this.#turn) this.fault = faultOf(error);
    }
  }
}
