// The database's state for the settings: what is stored, how long it is kept, backups, and the long work on it.
// Each kind of work says its own result, also while another runs.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { DataStatus, Fault, Problem, RetentionFields } from '$lib/ipc/generated';
import { throttle } from '$lib/later';
import { t } from '$lib/text';
import { faultText } from '$lib/text/faults';

export type Task = 'backup' | 'restore' | 'clean' | 'optimise' | 'import';

export interface Result {
  text: string;
  isFault: boolean;
  problems: readonly Problem[];
}

export class Data {
  now = $state.raw<DataStatus | null>(null);
  fault = $state.raw<Fault | null>(null);
  running = $state.raw<ReadonlySet<Task>>(new Set());
  results = $state.raw<Partial<Record<Task, Result>>>({});
  /** The backup that the user is asked about before it is restored. */
  confirming = $state<string | null>(null);

  readonly refreshSoon = throttle(() => void this.refresh(), 500);

  constructor(
    private readonly backend: Backend,
    /** Another database is in place. */
    private readonly replaced: () => void = () => {},
  ) {}

  async refresh(): Promise<void> {
    try {
      this.now = await this.backend.call('data_status', {});
      this.fault = null;
    } catch (error) {
      this.fault = faultOf(error);
    }
  }

  backUp(): Promise<void> {
    return this.#run('backup', async () => said(t.settings.data.backedUp((await this.backend.call('data_backup', { path: null })).path)));
  }

  restore(path: string): Promise<void> {
    this.confirming = null;
    return this.#run('restore', async () => {
      const { alerts, kept } = await this.backend.call('data_restore', { path });
      this.replaced();
      return said(t.settings.data.restored(alerts, kept));
    });
  }

  clean(): Promise<void> {
    return this.#run('clean', async () => said(t.settings.data.cleaned((await this.backend.call('data_clean', {})).removed)));
  }

  optimise(): Promise<void> {
    return this.#run('optimise', async () => {
      const { before_bytes, after_bytes } = await this.backend.call('data_optimise', {});
      return said(t.settings.data.optimisedTo(before_bytes, after_bytes));
    });
  }

  import(path: string): Promise<void> {
    return this.#run('import', async () => {
      const { added, changed, known, refused, problems } = await this.backend.call('import_run', { path });
      return { ...said(t.settings.data.imported(added, changed, known, refused)), problems };
    });
  }

  /** Sets how long something is kept; the sentence of what is wrong, or null. */
  async setRetention(fields: RetentionFields): Promise<string | null> {
    try {
      await this.backend.call('settings_edit', { edit: { kind: 'set_retention', fields } });
    } catch (error) {
      return faultText(faultOf(error));
    }
    await this.refresh();
    return null;
  }

  async #run(task: Task, work: () => Promise<Result>): Promise<void> {
    if (this.running.has(task)) return;
    this.running = new Set(this.running).add(task);
    this.results = { ...this.results, [task]: undefined };
    let result: Result;
    try {
      result = await work();
    } catch (error) {
      result = { text: faultText(faultOf(error)), isFault: true, problems: [] };
    }
    this.results = { ...this.results, [task]: result };
    const running = new Set(this.running);
    running.delete(task);
    this.running = running;
    await this.refresh();
  }
}

const said = (text: string): Result => ({ text, isFault: false, problems: [] });
