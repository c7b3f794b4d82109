// The state of watches and mutes: what there is with its hits, edits with undo, and the form that an alert opens.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { Edit, Fault, Mute, MuteRow, ProductSuggestion, Watch, WatchPreview, WatchRow } from '$lib/ipc/generated';
import { throttle } from '$lib/later';
import { t } from '$lib/text';
import { faultText } from '$lib/text/faults';
import { testid } from '$lib/testids';
import { clock } from '$lib/time/clock.svelte';
import type { Snackbar } from '$lib/ui/snackbar.svelte';
import { isMute, toMute, toWatch, type Draft, type Part } from './draft';
import type { Choice } from './prefill';

/** A form that was asked for on an alert. */
export interface Asking {
  part: Part;
  /** What the alert is called. */
  label: string;
  choices: readonly Choice[];
}

const MOST_SUGGESTED = 12;

export class Watches {
  part = $state<Part>('watches');
  watches = $state.raw<WatchRow[] | null>(null);
  mutes = $state.raw<MuteRow[] | null>(null);
  fault = $state.raw<Fault | null>(null);
  asking = $state.raw<Asking | null>(null);

  readonly refreshSoon = throttle(() => void this.refresh(), 300);

  constructor(
    private readonly backend: Backend,
    private readonly snackbar: Snackbar,
  ) {}

  /** Some row's alerts are still being counted. */
  get isCounting(): boolean {
    return [...(this.watches ?? []), ...(this.mutes ?? [])].some(({ alerts }) => alerts === null);
  }

  get count(): number {
    return this.watches?.length ?? 0;
  }

  /** Terms that are taken, but for one that is being edited. */
  taken(part: Part, but?: string): string[] {
    const terms = part === 'watches' ? this.watches?.map((row) => row.watch.term) : this.mutes?.map((row) => row.mute.term);
    return (terms ?? []).filter((term) => term !== but);
  }

  async refresh(): Promise<void> {
    try {
      const [watches, mutes] = await Promise.all([this.backend.call('watches_list', {}), this.backend.call('mutes_list', {})]);
      this.watches = watches;
      this.mutes = mutes;
      this.fault = null;
    } catch (error) {
      this.fault = faultOf(error);
    }
  }

  preview(part: Part, draft: Draft, instead: string | null): Promise<WatchPreview> {
    return part === 'watches'
      ? this.backend.call('watch_preview', { watch: toWatch(draft), instead_of: instead })
      : this.backend.call('mute_preview', { mute: toMute(draft, clock.now), instead_of: instead });
  }

  /** Products that are stored and begin so. Typing goes on without them. */
  async suggest(text: string): Promise<ProductSuggestion[]> {
    try {
      return (await this.backend.call('product_suggest', { text })).slice(0, MOST_SUGGESTED);
    } catch {
      return [];
    }
  }

  /** Stores a draft in place of another, or as a new one; the sentence of what is wrong, or null. */
  async save(part: Part, draft: Draft, instead: Watch | Mute | null): Promise<string | null> {
    const enabled = instead?.enabled ?? true;
    if (part === 'watches') {
      const watch = toWatch(draft, enabled);
      return this.#edit(instead === null ? { kind: 'add_watch', watch } : { kind: 'replace_watch', term: instead.term, watch });
    }
    const mute = toMute(draft, clock.now, enabled);
    return this.#edit(instead === null ? { kind: 'add_mute', mute } : { kind: 'replace_mute', term: instead.term, mute });
  }

  async setEnabled(one: Watch | Mute, enabled: boolean): Promise<void> {
    const { term } = one;
    const problem = await this.#edit(isMute(one) ? { kind: 'replace_mute', term, mute: { ...one, enabled } } : { kind: 'replace_watch', term, watch: { ...one, enabled } });
    if (problem !== null) this.#say(problem);
  }

  remove(one: Watch | Mute): Promise<void> {
    const { term } = one;
    return isMute(one)
      ? this.#remove({ kind: 'remove_mute', term }, { kind: 'add_mute', mute: one }, t.watches.removedMute(term))
      : this.#remove({ kind: 'remove_watch', term }, { kind: 'add_watch', watch: one }, t.watches.removed(term));
  }

  /** What was asked for on an alert is stored: says so, and offers to take it back. */
  async answer(draft: Draft): Promise<string | null> {
    const { asking } = this;
    if (!asking) return null;
    const { part } = asking;
    const problem = await this.save(part, draft, null);
    if (problem !== null) return problem;
    if (this.asking === asking) this.asking = null;
    const { term } = toWatch(draft);
    const back: Edit = part === 'watches' ? { kind: 'remove_watch', term } : { kind: 'remove_mute', term };
    this.#offerUndo(part === 'watches' ? t.watches.added(term) : t.watches.addedMute(term), back);
    return null;
  }

  async #remove(edit: Edit, back: Edit, said: string): Promise<void> {
    const problem = await this.#edit(edit);
    if (problem === null) this.#offerUndo(said, back);
    else this.#say(problem);
  }

  #offerUndo(text: string, back: Edit): void {
    const run = (): void => void this.#edit(back).then((problem) => problem !== null && this.#say(problem));
    this.snackbar.show({ text, action: { label: t.watches.undo, testid: testid.undo, run } });
  }

  #say(problem: string): void {
    this.snackbar.show({ tone: 'fault', text: t.watches.saveFailed(problem) });
  }

  async #edit(edit: Edit): Promise<string | null> {
    try {
      await this.backend.call('settings_edit', { edit });
    } catch (error) {
      return faultText(faultOf(error));
    }
    await this.refresh();
    return null;
  }
}
