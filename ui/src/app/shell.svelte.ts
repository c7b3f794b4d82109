// The window's state: which screen, the app's status, and what an event makes fresh. Composes the features.
import { Analysis } from '../features/analysis/analysis.svelte';
import { Inbox } from '../features/inbox/inbox.svelte';
import { label } from '../features/inbox/label';
import { SavedViews } from '../features/inbox/saved.svelte';
import { Bell } from '../features/notifications/bell.svelte';
import { Notifications } from '../features/notifications/notifications.svelte';
import { Recovering } from '../features/recovery/recovery.svelte';
import { Channels } from '../features/settings/channels/channels.svelte';
import { Data } from '../features/settings/data.svelte';
import { Rules } from '../features/settings/routing/rules.svelte';
import { Settings, type Section } from '../features/settings/settings.svelte';
import { Sources } from '../features/sources/sources.svelte';
import type { Part } from '../features/watches/draft';
import { choicesOf, ofTerm } from '../features/watches/prefill';
import { Watches } from '../features/watches/watches.svelte';
import { faultOf, type Backend } from '$lib/ipc/backend';
import type { AlertId, ChannelId, DeliveryId, Event, Fault, Status, ViewRow } from '$lib/ipc/generated';
import { throttle } from '$lib/later';
import { Search } from '$lib/query/search.svelte';
import { t } from '$lib/text';
import { faultText } from '$lib/text/faults';
import { clock } from '$lib/time/clock.svelte';
import { Snackbar } from '$lib/ui/snackbar.svelte';

export type Screen = 'inbox' | 'notifications' | 'watches' | 'sources' | 'settings';

const PAUSE_MS = 250;

export class Shell {
  screen = $state<Screen>('inbox');
  status = $state.raw<Status | null>(null);
  fault = $state.raw<Fault | null>(null);
  help = $state(false);
  searchHelp = $state(false);
  /** The database could not be opened; nothing else works until it can. */
  recovering = $state.raw<Recovering | null>(null);
  readonly snackbar = new Snackbar();
  readonly inbox: Inbox;
  readonly search: Search;
  readonly saved: SavedViews;
  readonly data: Data;
  readonly sources: Sources;
  readonly settings: Settings;
  readonly channels: Channels;
  readonly rules: Rules;
  readonly notifications: Notifications;
  readonly bell: Bell;
  readonly watches: Watches;
  readonly analysis: Analysis;

  readonly #refreshSoon = throttle(() => void this.refresh(), PAUSE_MS);
  #dismissed = $state.raw<ReadonlySet<string>>(new Set());

  constructor(
    readonly backend: Backend,
    isWide: () => boolean,
  ) {
    this.sources = new Sources(backend, this.snackbar);
    this.settings = new Settings(backend, this.snackbar);
    this.channels = new Channels(backend, this.snackbar, this.settings);
    this.rules = new Rules(backend, this.snackbar, this.settings);
    this.notifications = new Notifications(backend, this.snackbar);
    this.bell = new Bell(backend);
    this.watches = new Watches(backend, this.snackbar);
    this.analysis = new Analysis(backend, this.snackbar);
    this.inbox = new Inbox({
      backend,
      snackbar: this.snackbar,
      isWide,
      changed: () => this.#refreshSoon(),
      isFirstCollection: () => this.sources.isFirstCollection,
      views: () => this.views,
    });
    this.search = new Search(backend);
    this.saved = new SavedViews(backend, this.snackbar, this.inbox, () => this.views, () => this.refresh());
    this.data = new Data(backend, () => this.#replaced());
  }

  /** The views in the rail's order. */
  get views(): readonly ViewRow[] {
    return this.status?.views ?? [];
  }

  /** Whether a dialog is open: then keys are its own. */
  get isAsking(): boolean {
    return this.help || this.searchHelp || this.inbox.asking !== null || this.saved.draft !== null || this.data.confirming !== null || this.sources.asking !== null
      || this.watches.asking !== null || this.analysis.isConfirming || this.channels.asking !== null || this.notifications.asking !== null;
  }

  get notices(): Fault[] {
    const isShownThere = ({ code }: Fault): boolean => (this.screen === 'settings' && code === 'settings_broken') || (this.screen === 'sources' && OF_SOURCES.has(code)) || (this.isAtAnalysis && OF_MODELS.test(code));
    return this.status?.notices.filter((notice) => !this.#dismissed.has(noticeKey(notice)) && !isShownThere(notice)) ?? [];
  }

  dismiss(notice: Fault): void {
    this.#dismissed = new Set(this.#dismissed).add(noticeKey(notice));
  }

  /** Begins: listens, reads the status, opens the first view. Returns how to stop. */
  start(): () => void {
    const stops = [
      this.backend.on((event) => this.heard(event)),
      this.backend.onReconnect(() => this.everything()),
    ];
    void this.#first();
    return () => stops.forEach((stop) => stop());
  }

  async #first(): Promise<void> {
    await this.#readStatus();
    if (!this.status) return;
    void this.sources.refresh();
    void this.settings.refresh();
    void this.watches.refresh();
    void this.bell.refresh();
    // While nothing is watched, New is empty by definition: the window opens on All and says why.
    await this.inbox.show(this.status.has_watches ? 'new' : 'all', '');
  }

  async refresh(): Promise<void> {
    await (this.recovering ? this.#askAgain() : this.#readStatus());
  }

  async #readStatus(): Promise<void> {
    try {
      const status = await this.backend.call('status', {});
      // What was recovered here is read before anything else is shown.
      if (this.recovering?.isHeld) return;
      clock.set(status.now);
      const work = workKey(this.status);
      this.status = status;
      this.fault = null;
      this.recovering = null;
      // How far a work is changes many times a second; what is stored changes where one begins or ends.
      if (work !== workKey(status) && this.screen === 'settings' && this.settings.section === 'data') this.data.refreshSoon();
    } catch (error) {
      const fault = faultOf(error);
      if (fault.code === 'database_damaged') this.#recover(fault);
      else this.fault = fault;
    }
  }

  /** The database may have been recovered elsewhere, or by a call whose answer was lost. */
  async #askAgain(): Promise<void> {
    const { recovering } = this;
    if (!recovering || recovering.isHeld) return;
    await this.#first();
    if (this.recovering === recovering && !recovering.now) await recovering.refresh();
  }

  /** Another database is in place: what was selected or could be undone was the former one's. */
  #replaced(): void {
    this.snackbar.dismiss();
    this.inbox.selection.clear();
    this.inbox.asking = null;
    this.watches.asking = null;
    this.analysis.isConfirming = false;
  }

  #recover(fault: Fault): void {
    this.fault = null;
    if (this.recovering) return;
    this.status = null;
    this.data.confirming = null;
    this.sources.asking = null;
    this.#replaced();
    this.recovering = new Recovering(
      this.backend,
      fault,
      () => {
        this.recovering = null;
        void this.#first();
      },
      () => {
        if (!this.recovering?.isHeld) void this.#first();
      },
    );
    void this.recovering.refresh();
  }

  cancelWork(id: number): void {
    this.backend.call('work_cancel', { id }).then(
      () => this.#refreshSoon(),
      (error: unknown) => this.snackbar.show({ tone: 'fault', text: t.work.cancelFailed(faultText(faultOf(error))) }),
    );
  }

  /** Reads everything that is shown again: after a failure, or when events may have been missed. */
  everything(): void {
    if (this.recovering) {
      this.#refreshSoon();
      return;
    }
    if (!this.status) {
      void this.#first();
      return;
    }
    void this.refresh();
    void this.sources.refresh();
    void this.settings.refresh();
    void this.watches.refresh();
    if (this.analysis.status) void this.analysis.refresh();
    this.inbox.heard();
    void this.bell.refresh();
    if (this.notifications.rows) void this.notifications.refresh();
    if (this.channels.rows) void this.channels.refresh();
    if (this.data.now) void this.data.refresh();
  }

  heard(event: Event): void {
    if (this.recovering) {
      this.#refreshSoon();
      return;
    }
    switch (event.kind) {
      case 'alerts_changed':
      case 'triage_changed':
        this.inbox.heard();
        if (this.isAtAnalysis) this.analysis.refreshSoon();
        if (this.screen === 'watches') this.watches.refreshSoon();
        this.#refreshSoon();
        return;
      case 'source_changed':
        this.sources.refreshSoon();
        this.#refreshSoon();
        return;
      case 'deliveries_changed':
        this.bell.refreshSoon();
        if (this.screen === 'notifications') this.notifications.refreshSoon();
        if (this.screen === 'settings' && this.settings.section === 'channels') this.channels.refreshSoon();
        this.#refreshSoon();
        return;
      case 'settings_changed':
        this.settings.refreshSoon();
        this.watches.refreshSoon();
        if (this.isAtAnalysis) this.analysis.refreshSoon();
        this.sources.refreshSoon();
        void this.sources.refreshSettings();
        this.inbox.heard();
        this.#refreshSoon();
        return;
      case 'work_changed':
        // A watch that is added is counted in the background, and models are trained and applied there.
        if (this.watches.isCounting) this.watches.refreshSoon();
        if (this.isAtAnalysis) this.analysis.refreshSoon();
        this.#refreshSoon();
        return;
      case 'open_alert':
        this.showAlert(event.id);
    }
  }

  go(screen: Screen): void {
    // A dialog goes with its screen, and so must what says that it is open: keys wait for its end.
    this.data.confirming = null;
    this.sources.asking = null;
    this.analysis.isConfirming = false;
    this.watches.asking = null;
    this.channels.asking = null;
    this.notifications.asking = null;
    if (screen !== 'inbox') this.inbox.asking = null;
    this.screen = screen;
    if (screen === 'sources') void Promise.all([this.sources.refresh(), this.sources.refreshSettings()]);
    if (screen === 'watches') void Promise.all([this.watches.refresh(), this.settings.refresh()]);
    if (screen === 'settings') void Promise.all([this.settings.refresh(), this.data.refresh(), this.channels.refresh()]);
    if (screen === 'notifications') void this.notifications.open();
    if (this.isAtAnalysis) void this.analysis.open();
  }

  goView(view: string): void {
    this.go('inbox');
    void this.inbox.show(view);
  }

  /** Tries an example of the query help. */
  tryQuery(query: string): void {
    this.searchHelp = false;
    this.go('inbox');
    void this.inbox.show('all', query);
  }

  goData(): void {
    this.goSettings('data');
  }

  /** Shows a section of the settings. */
  goSettings(section: Section): void {
    this.settings.section = section;
    this.go('settings');
  }

  /** Shows what was not delivered, by one channel or by all. */
  goUndelivered(channel: ChannelId | null = null): void {
    this.go('notifications');
    void this.notifications.show('failed', channel);
  }

  /** Shows one message. */
  goDelivery(id: DeliveryId): void {
    this.go('notifications');
    void this.notifications.reveal(id);
  }

  goWatches(part: Part = 'watches'): void {
    this.watches.part = part;
    this.go('watches');
  }

  goAnalysis(): void {
    this.goSettings('analysis');
  }

  /** Whether Settings, Analysis is shown. */
  get isAtAnalysis(): boolean {
    return this.screen === 'settings' && this.settings.section === 'analysis';
  }

  /** Opens the form that watches or mutes something of the alert that is shown; a name that was chosen, or what is selected, comes first. */
  askWatch(part: Part, name?: string): void {
    const { detail } = this.inbox;
    if (!detail) return;
    const choices = choicesOf(detail, globalThis.getSelection?.()?.toString() ?? '');
    this.watches.asking = { part, label: label(detail.row), choices: name === undefined ? choices : [{ label: name, draft: ofTerm(name) }, ...choices.filter((one) => one.label !== name)] };
  }

  /** Shows an alert, wherever it is. */
  showAlert(id: AlertId): void {
    this.go('inbox');
    void this.inbox.reveal(id);
  }

  get isCollecting(): boolean {
    return (this.status?.collecting.length ?? 0) > 0 || this.sources.running.length > 0;
  }

  collect(): void {
    if (!this.isCollecting) void this.sources.collect().then(() => this.refresh());
  }

  cancelCollecting(): void {
    void this.sources.cancel().then(() => this.refresh());
  }
}

/** Notices that Sources says itself, beside each source. */
export const OF_SOURCES: ReadonlySet<string> = new Set(['sources_down', 'sources_silent']);

/** Notices that Settings, Channels says itself. */
export const OF_CHANNELS: ReadonlySet<string> = new Set(['channel_stopped', 'telegram_chat_moved']);

/** Notices that Settings, Analysis says itself. */
export const OF_MODELS = /^(?:user_)?model_/;

const workKey = (status: Status | null): string => status?.work.map(({ id }) => id).join() ?? '';
const noticeKey = (notice: Fault): string => `${notice.code}\n${notice.message}`;
