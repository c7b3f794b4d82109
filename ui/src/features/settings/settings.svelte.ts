// The settings' state. Every edit is applied as it is made; the only place that knows the shape of edits
// and secrets.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type {
  ApiFields, ChannelFields, ChannelId, Edit, Fault, SecretName, SecretState, SettingsNow, Theme,
} from '$lib/ipc/generated';
import { throttle } from '$lib/later';
import { faultText } from '$lib/text/faults';
import type { Snackbar } from '$lib/ui/snackbar.svelte';

export type Section = 'general' | 'channels' | 'routing' | 'analysis' | 'api' | 'data' | 'about';
export const SECTIONS: readonly Section[] = ['general', 'channels', 'routing', 'analysis', 'api', 'data', 'about'];

export class Settings {
  now = $state.raw<SettingsNow | null>(null);
  fault = $state.raw<Fault | null>(null);
  section = $state<Section>('general');

  readonly refreshSoon = throttle(() => void this.refresh(), 300);

  constructor(
    private readonly backend: Backend,
    private readonly snackbar: Snackbar,
  ) {}

  /** The file is no TOML: nothing may be edited until it is repaired. */
  get isBroken(): boolean {
    return this.now?.is_editable === false;
  }

  async refresh(): Promise<void> {
    try {
      this.now = await this.backend.call('settings_get', {});
      this.fault = null;
    } catch (error) {
      this.fault = faultOf(error);
    }
  }

  /** The environment variable that sets a key, if one does. */
  setBy(key: string): string | undefined {
    return this.now?.from_environment[key];
  }

  /** Whether a secret is set, and by whom; a channel's where one is named. */
  secret(name: SecretName, channel?: ChannelId): SecretState | null {
    return this.now?.secrets.find((secret) => secret.name === name && (channel === undefined || (secret.channel ?? builtIn(name)) === channel))?.state ?? null;
  }

  /** Makes an edit; the sentence of what is wrong, or null. */
  async edit(edit: Edit): Promise<string | null> {
    return this.#attempt(() => this.backend.call('settings_edit', { edit }));
  }

  setTheme(theme: Theme): Promise<string | null> {
    return this.edit({ kind: 'set_theme', theme });
  }

  setChannel(id: ChannelId, fields: ChannelFields): Promise<string | null> {
    return this.edit({ kind: 'set_channel', id, fields });
  }

  setApi(fields: ApiFields): Promise<string | null> {
    return this.edit({ kind: 'set_api', fields });
  }

  setSecret(name: SecretName, value: string | null, channel: ChannelId | null = null): Promise<string | null> {
    return this.#attempt(() => this.backend.call('secret_set', { name, channel, value }));
  }

  /** For switches, which have no place for a sentence: says what is wrong in the snackbar. */
  async orSay(attempt: Promise<string | null>): Promise<void> {
    const problem = await attempt;
    if (problem !== null) this.snackbar.show({ tone: 'fault', text: problem });
  }

  /** Waits until what was changed so far is kept: a test that is asked for right after is one of that. */
  async saved(): Promise<void> {
    await Promise.allSettled([...this.#saving]);
  }

  readonly #saving = new Set<Promise<unknown>>();

  async #attempt(ask: () => Promise<unknown>): Promise<string | null> {
    const saving = ask();
    this.#saving.add(saving);
    try {
      await saving;
    } catch (error) {
      return faultText(faultOf(error));
    } finally {
      this.#saving.delete(saving);
    }
    await this.refresh();
    return null;
  }
}

/** The channel that a secret without one belongs to: `slack_token` is Slack's. */
const builtIn = (name: SecretName): ChannelId => name.split('_', 1)[0] ?? '';
