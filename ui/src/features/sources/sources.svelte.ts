// The sources' state: their rows, collecting, their settings and their run log. The frame's sync state reads it too.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { Edit, Fault, Run, SecretState, SettingsNow, SourceFields, SourceId, SourceRow } from '$lib/ipc/generated';
import { throttle } from '$lib/later';
import { t } from '$lib/text';
import { faultText } from '$lib/text/faults';
import type { Snackbar } from '$lib/ui/snackbar.svelte';

const PAUSE_MS = 300;

export type Asking = 'add' | 'presets' | 'import' | 'export';
export type Filter = 'all' | 'attention' | 'off';
export type BackfillAct = 'pause' | 'resume' | 'cancel';

export class Sources {
  rows = $state.raw<SourceRow[] | null>(null);
  fault = $state.raw<Fault | null>(null);
  settings = $state.raw<SettingsNow | null>(null);
  /** The dialog that is open. */
  asking = $state<Asking | null>(null);
  /** Which sources the screen shows. */
  filter = $state<Filter>('all');
  find = $state('');
  /** Sources whose details are open. */
  open = $state.raw<ReadonlySet<SourceId>>(new Set());
  /** The run log that is open, and whose. */
  logOf = $state<SourceId | null>(null);
  runs = $state.raw<Run[] | null>(null);
  runsFault = $state.raw<Fault | null>(null);

  readonly refreshSoon = throttle(() => void this.refresh(), PAUSE_MS);

  constructor(
    readonly backend: Backend,
    private readonly snackbar: Snackbar,
  ) {}

  get running(): SourceRow[] {
    return this.rows?.filter((row) => row.running !== null) ?? [];
  }

  get isFirstCollection(): boolean {
    return this.running.some((row) => !row.health.first_done);
  }

  nameOf(id: SourceId): string {
    return this.rows?.find((row) => row.id === id)?.name ?? id;
  }

  async refresh(): Promise<void> {
    try {
      this.rows = await this.backend.call('sources_list', {});
      this.fault = null;
    } catch (error) {
      this.fault = faultOf(error);
    }
    if (this.logOf !== null) await this.#readRuns(this.logOf);
  }

  async refreshSettings(): Promise<void> {
    try {
      this.settings = await this.backend.call('settings_get', {});
    } catch (error) {
      this.fault = faultOf(error);
    }
  }

  /** Collects one source, or all that are on schedule. */
  async collect(source?: SourceId): Promise<void> {
    await this.#tell(() => this.backend.call('collect_start', source === undefined ? {} : { source }));
  }

  async cancel(source?: SourceId): Promise<void> {
    await this.#tell(() => this.backend.call('collect_cancel', source === undefined ? {} : { source }));
  }

  async #tell(ask: () => Promise<unknown>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      this.snackbar.show({ tone: 'fault', text: faultText(faultOf(error)) });
    }
    await this.refresh();
  }

  /** Changes a source's settings; the sentence of what is wrong, or null. */
  set(id: SourceId, fields: SourceFields): Promise<string | null> {
    return this.edit({ kind: 'set_source', id, fields });
  }

  /** For switches, which have no place for a sentence: says what is wrong in the snackbar. */
  async setOrSay(id: SourceId, fields: SourceFields): Promise<void> {
    const problem = await this.set(id, fields);
    if (problem !== null) this.snackbar.show({ tone: 'fault', text: problem });
  }

  /** Makes an edit of the settings; the sentence of what is wrong, or null. */
  async edit(edit: Edit): Promise<string | null> {
    try {
      await this.backend.call('settings_edit', { edit });
    } catch (error) {
      return faultText(faultOf(error));
    }
    await Promise.all([this.refresh(), this.refreshSettings()]);
    return null;
  }

  /** The environment variable that sets a key of a source, if one does. */
  setBy(id: SourceId, key: string): string | undefined {
    return this.settings?.from_environment[`sources.${id}.${key}`];
  }

  /** The file is no TOML: nothing may be edited until it is repaired. */
  get isBroken(): boolean {
    return this.settings?.is_editable === false;
  }

  /** Takes a feed away; it can be put back as it was, and what it brought stays. */
  async remove(row: SourceRow): Promise<void> {
    const source = this.settings?.settings.sources[row.id];
    const problem = await this.edit({ kind: 'remove_source', id: row.id });
    if (problem !== null) {
      this.snackbar.show({ tone: 'fault', text: problem });
      return;
    }
    const back = async (): Promise<void> => {
      if (!source) return;
      const failed = await this.edit({ kind: 'restore_source', id: row.id, source });
      if (failed !== null) this.snackbar.show({ tone: 'fault', text: failed });
    };
    this.snackbar.show({
      text: t.sources.removed(row.name, row.alerts),
      ...(source ? { action: { label: t.sources.undo, testid: 'undo', run: () => void back() } } : {}),
    });
  }

  /** Begins to read all years of NVD; the sentence of what is wrong, or null. */
  startBackfill(fromYear: number | null): Promise<string | null> {
    return this.#backfill(() => this.backend.call('backfill_start', { from_year: fromYear }));
  }

  backfill(act: BackfillAct): Promise<string | null> {
    return this.#backfill(() => this.backend.call(`backfill_${act}`, {}));
  }

  async #backfill(ask: () => Promise<unknown>): Promise<string | null> {
    try {
      await ask();
    } catch (error) {
      return faultText(faultOf(error));
    }
    await this.refresh();
    return null;
  }

  toggleOpen(id: SourceId): void {
    const open = new Set(this.open);
    if (!open.delete(id)) open.add(id);
    else if (this.logOf === id) this.logOf = null;
    this.open = open;
  }

  say(text: string): void {
    this.snackbar.show({ text });
  }

  get nvdKey(): SecretState | null {
    return this.settings?.secrets.find((secret) => secret.name === 'nvd_api_key')?.state ?? null;
  }

  /** Sets or removes the NVD key; the sentence of what is wrong, or null. */
  async setNvdKey(value: string | null): Promise<string | null> {
    try {
      await this.backend.call('secret_set', { name: 'nvd_api_key', value });
      await this.refreshSettings();
      return null;
    } catch (error) {
      return faultText(faultOf(error));
    }
  }

  async toggleLog(id: SourceId): Promise<void> {
    this.runs = null;
    this.runsFault = null;
    this.logOf = this.logOf === id ? null : id;
    if (this.logOf !== null) await this.#readRuns(id);
  }

  async #readRuns(id: SourceId): Promise<void> {
    try {
      const runs = await this.backend.call('source_runs', { source: id });
      if (this.logOf === id) this.runs = runs;
    } catch (error) {
      if (this.logOf === id) this.runsFault = faultOf(error);
    }
  }
}
