// The state of Settings, Analysis: the models, the threshold with its preview, what was learnt, its labels a page
// at a time, and the long work on them. What an answer is for is checked before it is shown.
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { AnalysisStatus, Fault, LabelRow, Labels, ThresholdPreview } from '$lib/ipc/generated';
import { debounce, throttle } from '$lib/later';
import { t } from '$lib/text';
import { faultText } from '$lib/text/faults';
import { testid } from '$lib/testids';
import type { Snackbar } from '$lib/ui/snackbar.svelte';

/** What can be done with what was learnt, by the card that offers it. */
export type Task = 'learnt' | 'keep' | 'again';

export const PAGE = 20;
const PREVIEW_MS = 200;

export class Analysis {
  status = $state.raw<AnalysisStatus | null>(null);
  fault = $state.raw<Fault | null>(null);
  labels = $state.raw<Labels | null>(null);
  labelsFault = $state.raw<Fault | null>(null);
  /** The first label of the page that is shown. */
  offset = $state(0);
  /** The threshold that is tried; null for the one in force. */
  tried = $state<number | null>(null);
  preview = $state.raw<ThresholdPreview | null>(null);
  previewFault = $state.raw<Fault | null>(null);
  isLooking = $state(false);
  /** Whether the user is asked before what was learnt is forgotten. */
  isConfirming = $state(false);
  /** A file that is there already and may be replaced. */
  existing = $state<string | null>(null);
  /** How the last act ended, and which it was. */
  result = $state.raw<{ of: Task; text: string; isFault: boolean } | null>(null);
  isBusy = $state(false);

  readonly refreshSoon = throttle(() => void this.refresh(), 400);
  readonly #lookSoon = debounce(() => void this.#look(), PREVIEW_MS);
  #turn = 0;

  constructor(
    private readonly backend: Backend,
    private readonly snackbar: Snackbar,
  ) {}

  /** The threshold that the slider stands at. */
  get threshold(): number {
    return this.tried ?? this.status?.threshold ?? 0.5;
  }

  /** The section is shown: everything is read, and nothing is tried yet. */
  async open(): Promise<void> {
    this.tried = null;
    this.result = null;
    this.existing = null;
    await this.refresh();
    this.isLooking = true;
    await this.#look();
  }

  async refresh(): Promise<void> {
    try {
      this.status = await this.backend.call('analysis_status', {});
      this.fault = null;
    } catch (error) {
      this.fault = faultOf(error);
    }
    await this.#readLabels();
  }

  async #readLabels(): Promise<void> {
    const { offset } = this;
    try {
      const labels = await this.backend.call('analysis_labels', { offset, limit: PAGE });
      if (offset !== this.offset) return;
      // The last ones of the last page are gone: the page before is the last one.
      if (labels.labels.length === 0 && offset > 0) return await this.toPage(Math.max(0, (Math.ceil(labels.total / PAGE) - 1) * PAGE));
      this.labels = labels;
      this.labelsFault = null;
    } catch (error) {
      if (offset === this.offset) this.labelsFault = faultOf(error);
    }
  }

  toPage(offset: number): Promise<void> {
    this.offset = offset;
    return this.#readLabels();
  }

  // --- the threshold ---

  /** Tries a threshold: what it would change is looked at, nothing is set. */
  try(value: number): void {
    this.tried = value === this.status?.threshold ? null : value;
    this.isLooking = true;
    this.#turn += 1;
    this.#lookSoon();
  }

  async #look(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const preview = await this.backend.call('analysis_threshold_preview', { threshold: this.threshold });
      if (turn !== this.#turn) return;
      this.preview = preview;
      this.previewFault = null;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.previewFault = faultOf(error);
    }
    this.isLooking = false;
  }

  async apply(): Promise<void> {
    const { tried } = this;
    if (tried === null) return;
    // What is offered to be undone from here on is this.
    this.snackbar.dismiss();
    // What was set before, if anything was: 0 puts back what was calibrated.
    const before = await this.backend.call('settings_get', {}).then(({ settings }) => settings.analysis.threshold ?? 0, () => null);
    if (!(await this.#setThreshold(tried))) return;
    const run = (): void => void (before !== null && this.#setThreshold(before));
    this.snackbar.show({ text: t.analysis.settings.threshold.applied(tried), action: { label: t.analysis.settings.threshold.undo, testid: testid.undo, run } });
  }

  async #setThreshold(threshold: number): Promise<boolean> {
    const problem = await this.#attempt(() => this.backend.call('settings_edit', { edit: { kind: 'set_analysis', threshold } }));
    if (problem !== null) {
      this.snackbar.show({ tone: 'fault', text: t.analysis.settings.failedAct(problem) });
      return false;
    }
    this.tried = null;
    void this.#look();
    return true;
  }

  /** Another model file, or the built-in one for an empty path; the sentence of what is wrong, or null. */
  setModelFile(path: string): Promise<string | null> {
    return this.#attempt(() => this.backend.call('settings_edit', { edit: { kind: 'set_analysis', model_file: path } }));
  }

  async useEmbedded(): Promise<void> {
    const problem = await this.setModelFile('');
    if (problem !== null) this.snackbar.show({ tone: 'fault', text: t.analysis.settings.failedAct(problem) });
  }

  // --- labels ---

  /** Takes a label away, or turns it round; with undo. */
  async setLabel(label: LabelRow, relevant: boolean | null): Promise<void> {
    const words = t.analysis.settings.labels;
    try {
      const { undo } = await this.backend.call('triage_act', { target: { kind: 'ids', ids: [label.alert] }, act: { kind: 'feedback', relevant } });
      const run = (): void => void this.#undo(undo);
      this.snackbar.show({
        text: relevant === null ? words.removed(label.uid.startsWith('feed:') ? label.title : label.uid) : words.turned(label.uid.startsWith('feed:') ? label.title : label.uid, relevant),
        ...(undo === null ? {} : { action: { label: words.undo, testid: testid.undo, run } }),
      });
    } catch (error) {
      this.snackbar.show({ tone: 'fault', text: words.actFailed(faultText(faultOf(error))) });
    }
    await this.refresh();
  }

  async #undo(id: number | null): Promise<void> {
    if (id === null) return;
    try {
      await this.backend.call('triage_undo', { id });
    } catch (error) {
      this.snackbar.show({ tone: 'fault', text: t.triage.undoFailed(faultText(faultOf(error))) });
    }
    await this.refresh();
  }

  // --- what was learnt as a whole ---

  retrain(): Promise<void> {
    return this.#do('learnt', () => this.backend.call('analysis_retrain', {}), null);
  }

  reanalyse(): Promise<void> {
    return this.#do('again', () => this.backend.call('analysis_reanalyse', {}), null);
  }

  export(path: string, overwrite = false): Promise<void> {
    return this.#do('keep', () => this.backend.call('analysis_export', { path, overwrite }), t.analysis.settings.keep.exported(path), path);
  }

  import(path: string): Promise<void> {
    return this.#do('keep', () => this.backend.call('analysis_import', { path }), t.analysis.settings.keep.imported);
  }

  reset(): Promise<void> {
    this.isConfirming = false;
    this.offset = 0;
    return this.#do('keep', () => this.backend.call('analysis_reset', {}), t.analysis.settings.keep.wasReset);
  }

  async #do(of: Task, ask: () => Promise<unknown>, said: string | null, path: string | null = null): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.existing = null;
    this.result = null;
    try {
      await ask();
      this.result = said === null ? null : { of, text: said, isFault: false };
    } catch (error) {
      const fault = faultOf(error);
      if (fault.code === 'file_exists' && path !== null) this.existing = path;
      else this.result = { of, text: faultText(fault), isFault: true };
    }
    this.isBusy = false;
    await this.refresh();
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
