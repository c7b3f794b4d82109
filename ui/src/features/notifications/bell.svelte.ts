// The bell: what rules sent anywhere, the newest first, and how much of it nobody has looked at.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { Fault, Ring } from '$lib/ipc/generated';
import { throttle } from '$lib/later';

export class Bell {
  unseen = $state(0);
  rings = $state.raw<readonly Ring[] | null>(null);
  fault = $state.raw<Fault | null>(null);

  readonly refreshSoon = throttle(() => void this.refresh(), 500);
  #isOpen = false;

  constructor(private readonly backend: Backend) {}

  async refresh(): Promise<void> {
    // What somebody looks at keeps what is new in it.
    if (!this.#isOpen) await this.#read();
  }

  /** Somebody looks: what is new is marked as such, and seen from now on. */
  async look(): Promise<void> {
    this.#isOpen = true;
    await this.#read();
    if (this.unseen === 0) return;
    try {
      await this.backend.call('bell_seen', {});
      this.unseen = 0;
    } catch (error) {
      this.fault = faultOf(error);
    }
  }

  closed(): void {
    this.#isOpen = false;
    this.refreshSoon();
  }

  async #read(): Promise<void> {
    try {
      const { unseen, rings } = await this.backend.call('bell_get', {});
      this.unseen = unseen;
      this.rings = rings;
      this.fault = null;
    } catch (error) {
      this.fault = faultOf(error);
    }
  }
}
