// The user's saved views: made, changed, moved and deleted by edits of the settings.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { Column, Edit, ViewRow, ViewSettings } from '$lib/ipc/generated';
import { t } from '$lib/text';
import { faultText } from '$lib/text/faults';
import { testid } from '$lib/testids';
import type { Snackbar } from '$lib/ui/snackbar.svelte';
import type { Inbox } from './inbox.svelte';
import { asShown, baseQuery, joinQueries, ownId } from './views';

/** A view in the dialog, before it is saved. */
export interface Draft {
  /** The name of the view that is edited; null for a new one. */
  of: string | null;
  view: ViewSettings;
}

export class SavedViews {
  draft = $state.raw<Draft | null>(null);

  constructor(
    private readonly backend: Backend,
    private readonly snackbar: Snackbar,
    private readonly inbox: Inbox,
    private readonly views: () => readonly ViewRow[],
    /** What the rail shows is read again. */
    private readonly refresh: () => Promise<void>,
  ) {}

  get own(): ViewRow[] {
    return this.views().filter((view) => !view.built_in);
  }

  /** Begins a view of what is shown now. */
  begin(): void {
    const { inbox } = this;
    const row = inbox.viewRow;
    this.draft = {
      of: null,
      view: { name: '', query: joinQueries(baseQuery(row), asShown(inbox.query)), sort: inbox.sort ?? inbox.list?.sort ?? 'newest', columns: row?.columns ?? [] },
    };
  }

  edit(row: ViewRow): void {
    this.draft = { of: row.name, view: settingsOf(row) };
  }

  /** Saves the view; the sentence of what is wrong, or null. */
  async save(draft: Draft): Promise<string | null> {
    const replaced = draft.of ?? this.own.find((row) => row.name?.toLowerCase() === draft.view.name.toLowerCase())?.name ?? null;
    const problem = await this.#edit(replaced === null ? { kind: 'add_view', view: draft.view } : { kind: 'replace_view', name: replaced, view: draft.view });
    if (problem !== null) return problem;
    this.draft = null;
    this.snackbar.show({ text: t.savedViews.saved(draft.view.name) });
    if (draft.of === null || this.inbox.view === ownId(draft.of)) await this.inbox.show(ownId(draft.view.name), '');
    return null;
  }

  async remove(row: ViewRow): Promise<void> {
    const { name } = row;
    if (name === null) return;
    const at = this.own.findIndex((view) => view.id === row.id);
    const isShown = this.inbox.view === row.id;
    const problem = await this.#edit({ kind: 'remove_view', name });
    if (problem !== null) return this.#say(problem);
    if (isShown) await this.inbox.show('all', '');
    const undo = (): void => void this.#putBack(settingsOf(row), at);
    this.snackbar.show({ text: t.savedViews.removed(name), action: { label: t.savedViews.undo, testid: testid.undo, run: undo } });
  }

  async move(row: ViewRow, by: number): Promise<void> {
    const to = this.own.findIndex((view) => view.id === row.id) + by;
    if (row.name === null || to < 0 || to >= this.own.length) return;
    const problem = await this.#edit({ kind: 'move_view', name: row.name, to });
    if (problem !== null) this.#say(problem);
  }

  /** Changes the columns of one of the user's views. */
  async setColumns(row: ViewRow, columns: Column[]): Promise<void> {
    if (row.name === null) return;
    const problem = await this.#edit({ kind: 'replace_view', name: row.name, view: { ...settingsOf(row), columns } });
    if (problem !== null) this.#say(problem);
  }

  async #putBack(view: ViewSettings, at: number): Promise<void> {
    const isLast = at >= this.own.length;
    const problem = (await this.#edit({ kind: 'add_view', view })) ?? (isLast ? null : await this.#edit({ kind: 'move_view', name: view.name, to: at }));
    if (problem !== null) this.#say(problem);
  }

  #say(problem: string): void {
    this.snackbar.show({ tone: 'fault', text: t.savedViews.failed(problem) });
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

const settingsOf = ({ name, query, sort, columns }: ViewRow): ViewSettings => ({ name: name ?? '', query, sort, columns });
