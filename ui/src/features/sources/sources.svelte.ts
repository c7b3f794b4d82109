// The sources' state: their rows, and collecting. The frame's sync state reads it too.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { Fault, Run, SecretState, SettingsNow, SourceFields, SourceId, SourceRow } from '$lib/ipc/generated';
import { throttle } from '$lib/later';
import { faultText } from '$lib/text/faults';
import type { Snackbar } from '$lib/ui/snackbar.svelte';

const PAUSE_MS = 300;

export class Sources {
  rows = $state.raw<SourceRow[] | null>(null);
  fault = $state.raw<Fault | null>(null);
  settings = $state.raw<SettingsNow | null>(null);
  /** The run log that is open, and whose. */
  logOf = $state<SourceId | null>(null);
  runs = $state.raw<Run[] | null>(null);
  runsFault = $state.raw<Fault | null>(null);

  readonly refreshSoon = throttle(() => void this.refresh(), PAUSE_MS);

  constructor(
    private readonly backend: Backend,
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
  async set(id: SourceId, fields: SourceFields): Promise<string | null> {
    try {
      await this.backend.call('settings_edit', { edit: { kind: 'set_source', id, fields } });
      await Promise.all([this.refresh(), this.refreshSettings()]);
      return null;
    } catch (error) {
      return faultText(faultOf(error));
    }
  }

  async setEnabled(row: SourceRow, enabled: boolean): Promise<void> {
    const problem = await this.set(row.id, { enabled });
    if (problem !== null) this.snackbar.show({ tone: 'fault', text: problem });
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
