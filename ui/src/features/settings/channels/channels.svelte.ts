// Channels as they do: how each fares, tests, places that messages could go to, previews. Their settings are edited
// through the settings' state.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { ChannelId, ChannelRow, Fault, Place, Preview, TestResult } from '$lib/ipc/generated';
import { throttle } from '$lib/later';
import { t } from '$lib/text';
import { faultText } from '$lib/text/faults';
import type { Snackbar } from '$lib/ui/snackbar.svelte';
import type { Settings } from '../settings.svelte';

export type Kind = 'email' | 'slack' | 'telegram';
export const KINDS: readonly Kind[] = ['email', 'slack', 'telegram'];

/** Places that were found, or why none were. */
export interface Found {
  places: readonly Place[];
  fault: Fault | null;
}

export class Channels {
  rows = $state.raw<readonly ChannelRow[] | null>(null);
  fault = $state.raw<Fault | null>(null);
  /** Channels that a test message is on its way to, and how the last ones fared. */
  testing = $state<Record<ChannelId, boolean>>({});
  tested = $state.raw<Record<ChannelId, TestResult>>({});
  finding = $state<Record<ChannelId, boolean>>({});
  found = $state.raw<Record<ChannelId, Found>>({});
  /** What is asked: a new channel's name, or whether one is to go. */
  asking = $state.raw<{ kind: 'add' } | { kind: 'remove'; row: ChannelRow } | null>(null);

  readonly refreshSoon = throttle(() => void this.refresh(), 300);

  constructor(
    private readonly backend: Backend,
    private readonly snackbar: Snackbar,
    private readonly settings: Settings,
  ) {}

  async refresh(): Promise<void> {
    try {
      this.rows = await this.backend.call('channels_list', {});
      this.fault = null;
    } catch (error) {
      this.fault = faultOf(error);
    }
  }

  async test(channel: ChannelId): Promise<void> {
    if (this.testing[channel]) return;
    this.testing = { ...this.testing, [channel]: true };
    const { [channel]: _, ...others } = this.tested;
    this.tested = others;
    let result: TestResult;
    try {
      await this.settings.saved();
      result = await this.backend.call('channel_test', { channel });
    } catch (error) {
      result = { steps: [], fault: faultOf(error), switched_on: false };
    }
    this.tested = { ...this.tested, [channel]: result };
    this.testing = { ...this.testing, [channel]: false };
    await Promise.all([this.refresh(), result.switched_on ? this.settings.refresh() : null]);
  }

  async find(channel: ChannelId): Promise<void> {
    if (this.finding[channel]) return;
    this.finding = { ...this.finding, [channel]: true };
    let found: Found;
    try {
      found = { places: await this.backend.call('channel_places', { channel }), fault: null };
    } catch (error) {
      found = { places: [], fault: faultOf(error) };
    }
    this.found = { ...this.found, [channel]: found };
    this.finding = { ...this.finding, [channel]: false };
  }

  /** One of the places that were found is chosen. */
  async use(row: Pick<ChannelRow, 'id' | 'kind'>, place: Place): Promise<void> {
    const problem = await this.settings.setChannel(row.id, row.kind === 'slack' ? { channel: place.id } : { chat_id: place.id });
    if (problem !== null) return this.#say(problem);
    const { [row.id]: _, ...others } = this.found;
    this.found = others;
    await this.refresh();
  }

  preview(channel: ChannelId, digest: boolean): Promise<Preview> {
    return this.backend.call('channel_preview', { channel, digest });
  }

  async resume({ id, name }: Pick<ChannelRow, 'id' | 'name'>): Promise<void> {
    try {
      await this.backend.call('channel_resume', { channel: id });
      this.snackbar.show({ text: t.settings.channels.resumed(name) });
    } catch (error) {
      this.#say(faultText(faultOf(error)));
    }
    await this.refresh();
  }

  /** Adds a channel; the sentence of what is wrong, or null. */
  async add(name: string, channel_kind: Kind): Promise<string | null> {
    const problem = await this.settings.edit({ kind: 'add_channel', name, channel_kind });
    if (problem === null) {
      this.asking = null;
      await this.refresh();
    }
    return problem;
  }

  async remove({ id, name }: Pick<ChannelRow, 'id' | 'name'>): Promise<void> {
    this.asking = null;
    const problem = await this.settings.edit({ kind: 'remove_channel', id });
    if (problem !== null) return this.#say(problem);
    this.snackbar.show({ text: t.settings.channels.removed(name) });
    await this.refresh();
  }

  #say(text: string): void {
    this.snackbar.show({ tone: 'fault', text });
  }
}
