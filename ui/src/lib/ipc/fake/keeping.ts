// The fake backend's keeping of data: backups, long work in steps, exports and imports, and the recovery of a
// database that cannot be opened.
import { CallError } from '../backend';
import type { Backup, Commands, DataStatus, Fault, Kind, Recovered, Work, WorkKind } from '../generated';
import type { FakeBackend } from './backend';
import { NOW } from './data';

const FOLDER = '/home/ana/.local/share/tocsin';
const STEP_MS = 250;
const STEPS = 8;
const iso = (ms: number): string => new Date(ms).toISOString();
const DAY = 86_400_000;

type Names = 'work_cancel' | `data_${'status' | 'backup' | 'restore' | 'clean' | 'optimise'}` | `export_${'suggest' | 'run'}` | 'import_run' | `recovery_${'get' | 'restore' | 'salvage' | 'new'}`;
type Handlers = { [K in Names]: (request: Commands[K]['request']) => Commands[K]['response'] | Promise<Commands[K]['response']> };

export const DAMAGED: Fault = {
  code: 'database_damaged', params: { path: `${FOLDER}/tocsin.db`, reason: 'database disk image is malformed' },
  message: 'The database cannot be opened: database disk image is malformed.',
};

export class FakeKeeping {
  work: Work[] = [];
  backups: Backup[] = [
    { path: `${FOLDER}/backups/tocsin-2026-11-21.db`, made: iso(NOW - DAY - 3_600_000), size_bytes: 412_300_000, reason: 'manual' },
    { path: `${FOLDER}/backups/tocsin-before-0.2.0.db`, made: iso(NOW - 9 * DAY), size_bytes: 398_700_000, reason: 'migration' },
  ];
  /** Files that are there already. */
  readonly files = new Set<string>(['/home/ana/Documents/alerts.csv']);
  #next = 1;
  #cancelled = new Set<number>();
  #removed = 0;
  #optimised: string | null = iso(NOW - 31 * DAY);

  constructor(private readonly backend: FakeBackend, public isDamaged: boolean) {}

  /** Long work in steps; rejects where it is cancelled. */
  run<T>(kind: WorkKind, total: number | null, can_cancel: boolean, end: () => T): Promise<T> {
    const id = this.#next++;
    this.#set([...this.work, { id, kind, done: 0, total, can_cancel }]);
    return new Promise((resolve, reject) => {
      let step = 0;
      const timer = setInterval(() => {
        step += 1;
        const isCancelled = this.#cancelled.has(id);
        if (step < STEPS && !isCancelled) {
          this.#set(this.work.map((one) => (one.id === id ? { ...one, done: Math.round(((total ?? 8000) * step) / STEPS) } : one)));
          return;
        }
        clearInterval(timer);
        this.#set(this.work.filter((one) => one.id !== id));
        if (isCancelled) reject(new CallError({ code: kind === 'export' || kind === 'import' ? `${kind}_cancelled` : 'work_cancelled', params: {}, message: 'It was stopped.' }));
        else resolve(end());
      }, STEP_MS);
    });
  }

  #set(work: Work[]): void {
    this.work = work;
    this.backend.tell({ kind: 'work_changed' });
  }

  get #status(): DataStatus {
    const kinds: Kind[] = ['vulnerability', 'article', 'guidance'];
    const rows = this.backend.alerts.map(({ detail }) => detail.row);
    const { closed_days, articles_days, irrelevant_days } = this.backend.settings.read().settings.retention;
    return {
      path: `${FOLDER}/tocsin.db`, size_bytes: 431_882_240, free_bytes: 82_300_000_000, oldest: rows.at(-1)?.published ?? null, backups: this.backups,
      alerts: kinds.map((kind) => ({ kind, count: rows.filter((row) => row.kind === kind).length })),
      removable: closed_days + articles_days + irrelevant_days === 0 || this.#removed > 0 ? 0 : 1_284, tombstones: 310 + this.#removed, last_optimised: this.#optimised,
    };
  }

  #recovered(path: string | null, lost: number | null): Recovered {
    this.isDamaged = false;
    if (path === null && lost === null) this.backend.alerts.splice(0);
    return { alerts: this.backend.alerts.length, lost, kept: `${FOLDER}/damaged/tocsin-2026-11-22.db` };
  }

  #known(path: string): Backup {
    const backup = this.backups.find((one) => one.path === path);
    if (!backup) throw new CallError({ code: 'file_unreadable', params: { path }, message: `${path} cannot be read: no such file.` });
    return backup;
  }

  readonly handlers: Handlers = {
    work_cancel: ({ id }) => (this.#cancelled.add(id), {}),
    data_status: () => this.#status,
    data_backup: ({ path }) =>
      this.run('backup', 105_000, true, () => {
        const backup: Backup = { path: path ?? `${FOLDER}/backups/tocsin-2026-11-22.db`, made: iso(NOW), size_bytes: 431_882_240, reason: 'manual' };
        this.backups = [backup, ...this.backups];
        return backup;
      }),
    data_restore: ({ path }) => (this.#known(path), this.run('restore', 105_000, false, () => {
      const kept = `${FOLDER}/backups/tocsin-before-restore.db`;
      this.backups = [{ path: kept, made: iso(NOW), size_bytes: 431_882_240, reason: 'restore' }, ...this.backups];
      return { alerts: this.backend.alerts.length, kept };
    })),
    data_clean: () => this.run('retention', 1_284, true, () => ((this.#removed = 1_284), { removed: 1_284 })),
    data_optimise: () => this.run('optimise', null, true, () => ((this.#optimised = iso(NOW)), { before_bytes: 431_882_240, after_bytes: 377_000_000 })),
    export_suggest: ({ name, format }) => ({ path: `/home/ana/Documents/tocsin-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-2026-11-22.${{ csv: 'csv', json: 'json', stix: 'stix.json', markdown: 'md' }[format]}` }),
    export_run: ({ target, path, overwrite }) => {
      if (this.files.has(path) && !overwrite) throw new CallError({ code: 'file_exists', params: { path }, message: `${path} exists.` });
      const alerts = this.backend.aimed(target).length;
      return this.run('export', alerts, true, () => (this.files.add(path), { path, alerts, bytes: alerts * 1400 }));
    },
    import_run: ({ path }) => {
      if (!path.startsWith('/')) throw new CallError({ code: 'file_unreadable', params: { path }, message: `${path} cannot be read: no such file.` });
      return this.run('import', 1_240, true, () => ({
        added: 1_180, changed: 0, known: 57, refused: 3,
        problems: [{ subject: 'line 14', fault: { code: 'date_unreadable', params: {}, message: 'The date “soon” could not be read.' } }, { subject: 'line 90', fault: { code: 'title_missing', params: {}, message: 'It has no title.' } }],
      }));
    },
    recovery_get: () => ({ path: DAMAGED.params.path ?? '', reason: DAMAGED.params.reason ?? '', backups: this.backups }),
    recovery_restore: ({ path }) => (this.#known(path), later(() => this.#recovered(path, null))),
    recovery_salvage: () => later(() => this.#recovered(null, 12)),
    recovery_new: () => later(() => this.#recovered(null, null)),
  };
}

const later = <T>(end: () => T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(end()), 900));
