// The settings' state. Every edit is applied as it is made; the only place that knows the shape of edits
// and secrets.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type {
  ApiFields, ChannelFields, ChannelId, Edit, Fault, SecretName, SecretState, SettingsNow, TestResult, Theme,
} from '$lib/ipc/generated';
import { throttle } from '$lib/later';
import { faultText } from '$lib/text/faults';
import type { Snackbar } from '$lib/ui/snackbar.svelte';

export type Section = 'general' | 'channels' | 'analysis' | 'api' | 'data' | 'about';
export const SECTIONS: readonly Section[] = ['general', 'channels', 'analysis', 'api', 'data', 'about'];

export class Settings {
  now = $state.raw<SettingsNow | null>(null);
  fault = $state.raw<Fault | null>(null);
  section = $state<Section>('general');
  /** Channels that a test message is on its way to, and how the last ones fared. */
  testing = $state<Record<ChannelId, boolean>>({});
  tested = $state.raw<Record<ChannelId, TestResult>>({});

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

  secret(name: SecretName): SecretState | null {
    return this.now?.secrets.find((secret) => secret.name === name)?.state ?? null;
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

  setSecret(name: SecretName, value: string | null): Promise<string | null> {
    return this.#attempt(() => this.backend.call('secret_set', { name, value }));
  }

  /** For switches, which have no place for a sentence: says what is wrong in the snackbar. */
  async orSay(attempt: Promise<string | null>): Promise<void> {
    const problem = await attempt;
    if (problem !== null) this.snackbar.show({ tone: 'fault', text: problem });
  }

  async test(channel: ChannelId): Promise<void> {
    if (this.testing[channel]) return;
    this.testing = { ...this.testing, [channel]: true };
    const { [channel]: _, ...others } = this.tested;
    this.tested = others;
    let result: TestResult;
    try {
      result = await this.backend.call('channel_test', { channel });
    } catch (error) {
      result = { fault: faultOf(error) };
    }
    this.tested = { ...this.tested, [channel]: result };
    this.testing = { ...this.testing, [channel]: false };
  }

  async #attempt(ask: () => Promise<unknown>): Promise<string | null> {
    try {
      await ask();
    } catch (error) {
      return faultText(faultOf(error));
    }
    await this.refresh();
    return null;
  }
}
