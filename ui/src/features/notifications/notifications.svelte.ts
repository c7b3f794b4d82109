// Messages: folders, a channel's alone, pages of them, one in full, and what is done with it.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { ChannelId, DeliveryDetail, DeliveryId, DeliveryRow, DeliveryState, Fault, Folder, FolderCounts } from '$lib/ipc/generated';
import { throttle } from '$lib/later';
import { t } from '$lib/text';
import { faultText } from '$lib/text/faults';
import type { Snackbar } from '$lib/ui/snackbar.svelte';

export const FOLDERS: readonly Folder[] = ['all', 'outbox', 'delivered', 'failed', 'digests'];
const PAGE = 50;
/** What one call gives at most. */
const MOST = 200;

/** What was given up by a channel, and waits for a decision. */
export const isLoose = (state: DeliveryState): boolean => state === 'failed' || state === 'unknown' || state === 'expired';
export const canDrop = (state: DeliveryState): boolean => isLoose(state) || state === 'waiting' || state === 'retrying';

export class Notifications {
  folder = $state<Folder>('all');
  channel = $state<ChannelId | null>(null);
  rows = $state.raw<readonly DeliveryRow[] | null>(null);
  counts = $state.raw<FolderCounts | null>(null);
  hasMore = $state(false);
  fault = $state.raw<Fault | null>(null);
  isPaging = $state(false);
  selected = $state<DeliveryId | null>(null);
  detail = $state.raw<DeliveryDetail | null>(null);
  detailFault = $state.raw<Fault | null>(null);
  /** Channels that the list can be narrowed to. */
  channels = $state.raw<readonly { id: ChannelId; name: string }[]>([]);
  /** What is asked of all that failed. */
  asking = $state<'resend' | 'drop' | null>(null);

  readonly refreshSoon = throttle(() => void this.refresh(), 300);
  #turn = 0;

  constructor(
    private readonly backend: Backend,
    private readonly snackbar: Snackbar,
  ) {}

  get #ask() {
    return { folder: this.folder, channel: this.channel };
  }

  async open(): Promise<void> {
    await Promise.all([this.refresh(), this.#readChannels()]);
  }

  /** Shows a folder, of one channel or of all. */
  async show(folder: Folder, channel: ChannelId | null = this.channel): Promise<void> {
    if (folder !== this.folder || channel !== this.channel) {
      this.rows = null;
      this.close();
    }
    this.folder = folder;
    this.channel = channel;
    await this.refresh();
  }

  /** Shows one message, wherever it is. */
  async reveal(id: DeliveryId): Promise<void> {
    this.select(id);
    const isHere = this.rows?.some((row) => row.delivery.id === id) ?? false;
    if (isHere) return this.refresh();
    // What is shown belongs to another folder.
    if (this.folder !== 'all' || this.channel !== null) this.rows = null;
    this.folder = 'all';
    this.channel = null;
    await this.refresh();
  }

  /** Reads again what is shown; what was paged to stays. */
  async refresh(): Promise<void> {
    const turn = ++this.#turn;
    const limit = Math.min(MOST, Math.max(PAGE, this.rows?.length ?? 0));
    try {
      const { rows, has_more, counts } = await this.backend.call('deliveries_list', { ...this.#ask, limit });
      if (turn !== this.#turn) return;
      const last = rows.at(-1)?.delivery.id ?? 0;
      const behind = has_more ? (this.rows ?? []).filter(({ delivery }) => delivery.id < last) : [];
      this.hasMore = behind.length > 0 ? this.hasMore : has_more;
      this.rows = [...rows, ...behind];
      this.counts = counts;
      this.fault = null;
    } catch (error) {
      if (turn === this.#turn) this.fault = faultOf(error);
    }
    if (this.selected !== null) await this.#readDetail();
  }

  async more(): Promise<void> {
    const before = this.rows?.at(-1)?.delivery.id;
    if (this.isPaging || before === undefined) return;
    this.isPaging = true;
    const turn = this.#turn;
    try {
      const { rows, has_more } = await this.backend.call('deliveries_list', { ...this.#ask, before, limit: PAGE });
      if (turn === this.#turn) {
        this.rows = [...(this.rows ?? []), ...rows];
        this.hasMore = has_more;
      }
    } catch (error) {
      this.#say(error);
    }
    this.isPaging = false;
  }

  select(id: DeliveryId): void {
    if (this.selected === id) return;
    this.selected = id;
    this.detail = null;
    this.detailFault = null;
    void this.#readDetail();
  }

  close(): void {
    this.selected = null;
    this.detail = null;
    this.detailFault = null;
  }

  /** Goes down or up the list. */
  move(by: number): void {
    const rows = this.rows ?? [];
    const at = rows.findIndex(({ delivery }) => delivery.id === this.selected);
    const to = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
    if (to) this.select(to.delivery.id);
  }

  resend(id: DeliveryId): Promise<void> {
    return this.#act(() => this.backend.call('delivery_resend', { id }), t.notifications.resent);
  }

  drop(id: DeliveryId): Promise<void> {
    return this.#act(() => this.backend.call('delivery_drop', { id }), t.notifications.dropped);
  }

  /** Does what was asked with all that failed. */
  actOnFailed(): Promise<void> {
    const resend = this.asking === 'resend';
    this.asking = null;
    return this.#act(() => this.backend.call('deliveries_act', { channel: this.channel, resend }), null);
  }

  async #act(ask: () => Promise<unknown>, said: string | null): Promise<void> {
    try {
      await ask();
      if (said !== null) this.snackbar.show({ text: said });
    } catch (error) {
      this.#say(error);
    }
    await this.refresh();
  }

  async #readDetail(): Promise<void> {
    const id = this.selected;
    if (id === null) return;
    try {
      const detail = await this.backend.call('delivery_get', { id });
      if (id !== this.selected) return;
      this.detail = detail;
      this.detailFault = null;
    } catch (error) {
      if (id === this.selected) this.detailFault = faultOf(error);
    }
  }

  async #readChannels(): Promise<void> {
    try {
      this.channels = (await this.backend.call('channels_list', {})).map(({ id, name }) => ({ id, name }));
    } catch {
      // The list is there without its filter; what is wrong, the list says itself.
    }
  }

  #say(error: unknown): void {
    this.snackbar.show({ tone: 'fault', text: faultText(faultOf(error)) });
  }
}
