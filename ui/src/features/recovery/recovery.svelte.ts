// The database cannot be opened: what is wrong with it, what can be done, and how that goes. Nothing else works
// until one of the three has.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { Fault, Recovered, Recovery } from '$lib/ipc/generated';

export type Way = 'restore' | 'salvage' | 'new';

export class Recovering {
  now = $state.raw<Recovery | null>(null);
  /** Why it could not be opened, or why the last attempt failed. */
  fault = $state.raw<Fault | null>(null);
  running = $state<Way | null>(null);
  done = $state.raw<Recovered | null>(null);

  constructor(
    private readonly backend: Backend,
    /** What the first status answered. */
    readonly found: Fault,
    /** Everything works again. */
    readonly goOn: () => void,
    /** It may be in order after all, recovered elsewhere: the status is asked again. */
    private readonly askAgain: () => void = () => {},
  ) {}

  /** Whether this screen stays, whatever the status says: something runs, or what it did is to be read. */
  get isHeld(): boolean {
    return this.running !== null || this.done !== null;
  }

  get path(): string {
    return this.now?.path ?? this.found.params.path ?? '';
  }

  get reason(): string {
    return this.now?.reason ?? this.found.params.reason ?? this.found.message;
  }

  async refresh(): Promise<void> {
    try {
      this.now = await this.backend.call('recovery_get', {});
    } catch (error) {
      this.fault = faultOf(error);
      if (this.fault.code === 'database_not_damaged') this.askAgain();
    }
  }

  restore(path: string): Promise<void> {
    return this.#run('restore', () => this.backend.call('recovery_restore', { path }));
  }

  salvage(): Promise<void> {
    return this.#run('salvage', () => this.backend.call('recovery_salvage', {}));
  }

  startAnew(): Promise<void> {
    return this.#run('new', () => this.backend.call('recovery_new', {}));
  }

  async #run(way: Way, work: () => Promise<Recovered>): Promise<void> {
    if (this.running !== null) return;
    this.running = way;
    this.fault = null;
    try {
      this.done = await work();
    } catch (error) {
      this.fault = faultOf(error);
    }
    this.running = null;
    if (this.done === null) this.askAgain();
  }
}
