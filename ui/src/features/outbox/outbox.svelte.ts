// Messages: what waits, what went out, what needs a decision.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { DeliveryId, DeliveryRow, Fault } from '$lib/ipc/generated';
import { throttle } from '$lib/later';
import { faultText } from '$lib/text/faults';
import type { Snackbar } from '$lib/ui/snackbar.svelte';

export type Filter = 'attention' | 'waiting' | 'all';

export const needsDecision = ({ delivery: { state } }: DeliveryRow): boolean => state === 'failed' || state === 'unknown';
const isWaiting = ({ delivery: { state } }: DeliveryRow): boolean => state === 'waiting' || state === 'sending';

export class Outbox {
  rows = $state.raw<DeliveryRow[] | null>(null);
  fault = $state.raw<Fault | null>(null);
  filter = $state<Filter>('all');
  readonly refreshSoon = throttle(() => void this.refresh(), 300);

  constructor(
    private readonly backend: Backend,
    private readonly snackbar: Snackbar,
  ) {}

  get attention(): number {
    return this.rows?.filter(needsDecision).length ?? 0;
  }

  get shown(): DeliveryRow[] {
    const rows = this.rows ?? [];
    if (this.filter === 'attention') return rows.filter(needsDecision);
    return this.filter === 'waiting' ? rows.filter(isWaiting) : rows;
  }

  async refresh(): Promise<void> {
    try {
      this.rows = await this.backend.call('deliveries_list', {});
      this.fault = null;
    } catch (error) {
      this.fault = faultOf(error);
    }
  }

  resend(id: DeliveryId): Promise<void> {
    return this.#act('delivery_resend', id);
  }

  drop(id: DeliveryId): Promise<void> {
    return this.#act('delivery_drop', id);
  }

  async #act(command: 'delivery_resend' | 'delivery_drop', id: DeliveryId): Promise<void> {
    try {
      await this.backend.call(command, { id });
    } catch (error) {
      this.snackbar.show({ tone: 'fault', text: faultText(faultOf(error)) });
    }
    await this.refresh();
  }
}
