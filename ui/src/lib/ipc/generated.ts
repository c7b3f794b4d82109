// Written from the Rust types of crates/core and crates/analysis. Not edited by hand.

// analysis
export type Severity = "low" | "medium" | "high";
export type CvssVersion = "2.0" | "3.0" | "3.1" | "4.0";
export type Issuer = "nvd" | "cna" | "cisa-adp";
export type Score = { version: CvssVersion, issuer: Issuer, source: string, primary: boolean, score: number, vector: string };
export type ExploitedBy = "kev" | "ssvc";
export type SeverityBasis = { "kind": "score", score: Score } | { "kind": "exploited", by: ExploitedBy, score: Score | null } | { "kind": "named_cve", cve: string } | { "kind": "estimated", probability: number } | { "kind": "unscored" };
export type Watch = { term: string, aliases: Array<string>, exceptions: Array<string> };
export type Field = "title" | "text" | "products";
export type WatchMatch = { watch: string, term: string, field: Field, start: number, end: number };
export type Reason = "watch" | "no_watch";
export type Relevance = { is_relevant: boolean, reason: Reason, matches: Array<WatchMatch> };
export type Category = { name: string, probability: number };
export type Entity = { kind: string, name: string, start: number, end: number };
export type Estimate = { severity: Severity, probability: number };
export type Finding = { severity: Severity | null, severity_basis: SeverityBasis, relevance: Relevance, category: Category | null, entities: Array<Entity>, estimate: Estimate | null };

// model
export type Fault = { code: string, params: { [key in string]: string }, message: string };
export type Time = string;
export type AlertId = number;
export type Kind = "vulnerability" | "article" | "guidance";
export type ChangeKind = "new" | "scored" | "severity_raised" | "severity_lowered" | "exploited" | "products_changed" | "text_changed" | "rejected";
export type Change = { kind: ChangeKind, at: Time, before: string | null, after: string | null };
export type ChannelId = string;
export type DeliveryId = number;
export type DeliveryState = "waiting" | "sending" | "sent" | "failed" | "unknown";
export type Delivery = { id: DeliveryId, channel: ChannelId, state: DeliveryState, created: Time, attempts: number, next_attempt: Time | null, finished: Time | null, fault: Fault | null };
export type Problem = { subject: string, fault: Fault };
export type Product = { vendor: string, product: string, versions: string };
export type Reference = { url: string, tags: Array<string> };
export type Kev = { added: Time | null, due: Time | null, name: string | null, action: string | null };
export type LocalText = { lang: string, text: string };
export type OwaspEntry = { list: string, edition: string, code: string };
export type Facts = { status: string | null, issued_by: string | null, scores: Array<Score>, cwes: Array<string>, products: Array<Product>, references: Array<Reference>, tags: Array<string>, kev: Kev | null, ssvc_exploitation: string | null, other_languages: Array<LocalText>, cves: Array<string>, owasp: OwaspEntry | null };
export type SourceId = string;
export type RunOutcome = "running" | "succeeded" | "failed" | "cancelled" | "interrupted";
export type RunCounts = { read: number, new: number, changed: number, unchanged: number, problems: number };
export type Run = { id: number, source: SourceId, started: Time, finished: Time | null, outcome: RunOutcome, counts: RunCounts, fault: Fault | null, problems: Array<Problem> };
export type Progress = { done: number, total: number | null };
export type Health = { last_success: Time | null, last_attempt: Time | null, fault: Fault | null, failures: number, next_attempt: Time | null, first_done: boolean };
export type State = "new" | "reviewing" | "action_needed" | "done" | "not_applicable";
export type TriageId = number;

// settings
export type Theme = "system" | "light" | "dark";
export type NvdSettings = { first_days: number, overlap_hours: number, page_size: number, pause_ms: number, backoff_ms: number };
export type SourceKind = { "kind": "nvd" } & NvdSettings | { "kind": "owasp" } | { "kind": "feed" };
export type SourceSettings = { name: string, enabled: boolean, url: string, interval_min: number, allow_private: boolean } & SourceKind;
export type WatchSettings = { from_environment: boolean } & Watch;
export type SmtpTls = "starttls" | "implicit" | "none";
export type EmailSettings = { smtp_host: string, smtp_port: number, smtp_tls: SmtpTls, user: string | null, sender: string | null, sender_name: string, recipients: Array<string>, ca_file: string | null, allow_plain_auth: boolean };
export type ChannelKind = { "kind": "desktop" } | { "kind": "email" } & EmailSettings;
export type ChannelSettings = { enabled: boolean } & ChannelKind;
export type ApiSettings = { enabled: boolean, port: number, origins: Array<string> };
export type Settings = { theme: Theme, sources: { [key in SourceId]: SourceSettings }, watches: Array<WatchSettings>, channels: { [key in ChannelId]: ChannelSettings }, api: ApiSettings, from_environment: { [key in string]: string } };
export type SecretName = "email_password" | "nvd_api_key";
export type SecretPlace = "environment" | "file";
export type SecretState = { "kind": "set", from: SecretPlace, editable: boolean } | { "kind": "not_set" };
export type SourceFields = { name: string | null, enabled: boolean | null, url: string | null, interval_min: number | null, allow_private: boolean | null, first_days: number | null, overlap_hours: number | null, page_size: number | null, pause_ms: number | null, backoff_ms: number | null };
export type ChannelFields = { enabled: boolean | null, smtp_host: string | null, smtp_port: number | null, smtp_tls: SmtpTls | null, user: string | null, sender: string | null, sender_name: string | null, recipients: Array<string> | null, ca_file: string | null, allow_plain_auth: boolean | null };
export type ApiFields = { enabled: boolean | null, port: number | null, origins: Array<string> | null };
export type Edit = { "kind": "set_theme", theme: Theme } | { "kind": "add_watch", watch: Watch } | { "kind": "replace_watch", term: string, watch: Watch } | { "kind": "remove_watch", term: string } | { "kind": "set_source", id: SourceId, fields: SourceFields } | { "kind": "add_feed", name: string, url: string } | { "kind": "remove_source", id: SourceId } | { "kind": "set_channel", id: ChannelId, fields: ChannelFields } | { "kind": "set_api", fields: ApiFields };

// commands
export type Nothing = Record<string, never>;
export type HostKind = "desktop" | "browser";
export type LastAct = { id: TriageId, state: State, alerts: number, label: string };
export type View = "new" | "all" | "high" | "exploited" | "unscored" | "watching" | "in_progress" | "closed";
export type ViewCount = { view: View, count: number, unread: number };
export type Status = { version: string, now: Time, host: HostKind, total: number, views: Array<ViewCount>, has_watches: boolean, collecting: Array<SourceId>, last_collected: Time | null, failing: Array<SourceId>, undelivered: number, undo: LastAct | null, notices: Array<Fault> };
export type OpenUrl = { url: string };
export type OpenList = { view: View, query: string, anchor?: AlertId };
export type ListOpened = { list: number, count: number, anchor_index: number | null };
export type ListRows = { list: number, offset: number, limit: number };
export type ListFresh = { list: number };
export type FreshCount = { count: number };
export type ShownScore = { score: number, version: string, issuer: Issuer };
export type Row = { id: AlertId, uid: string, kind: Kind, source: SourceId, source_name: string, title: string, published: Time, added: Time, changed: Time | null, severity: Severity | null, estimated: boolean, score: ShownScore | null, exploited: boolean, matched: Array<string>, is_relevant: boolean, state: State, unread: boolean };
export type AlertRef = { id: AlertId };
export type TriageEntry = { at: Time, before: State, after: State, undone: boolean };
export type Detail = { row: Row, text: string, url: string | null, updated: Time | null, facts: Facts, finding: Finding, changes: Array<Change>, triage: Array<TriageEntry>, deliveries: Array<Delivery> };
export type SetState = { ids: Array<AlertId>, state: State };
export type Triaged = { undo: TriageId | null, changed: number };
export type Undo = { id?: TriageId };
export type Undone = { ids: Array<AlertId>, state: State | null };
export type SetRead = { ids: Array<AlertId>, read: boolean };
export type SourceRow = { id: SourceId, kind: SourceKind, name: string, url: string, enabled: boolean, interval_min: number, health: Health, running: Progress | null, last_run: Run | null, alerts: number };
export type SourceRef = { source: SourceId };
export type OneOrAll = { source?: SourceId };
export type SecretRow = { name: SecretName, state: SecretState };
export type SettingsNow = { settings: Settings, from_environment: { [key in string]: string }, secrets: Array<SecretRow>, file: string, secrets_file: string, database: string, faults: Array<Fault> };
export type EditSettings = { edit: Edit };
export type SetSecret = { name: SecretName, value: string | null };
export type ChannelRef = { channel: ChannelId };
export type TestResult = { fault: Fault | null };
export type WatchRow = { watch: Watch, from_environment: boolean, alerts: number | null };
export type PreviewWatch = { watch: Watch };
export type WatchPreview = { alerts: number, more: boolean, examples: Array<Row> };
export type DeliveryRow = { delivery: Delivery, title: string, alerts: number };
export type DeliveryRef = { id: DeliveryId };

export interface Commands {
  status: { request: Nothing; response: Status };
  open_url: { request: OpenUrl; response: Nothing };
  list_open: { request: OpenList; response: ListOpened };
  list_rows: { request: ListRows; response: Array<Row> };
  list_fresh: { request: ListFresh; response: FreshCount };
  alert_get: { request: AlertRef; response: Detail };
  alert_set_state: { request: SetState; response: Triaged };
  alert_set_read: { request: SetRead; response: Nothing };
  triage_undo: { request: Undo; response: Undone };
  sources_list: { request: Nothing; response: Array<SourceRow> };
  source_runs: { request: SourceRef; response: Array<Run> };
  collect_start: { request: OneOrAll; response: Nothing };
  collect_cancel: { request: OneOrAll; response: Nothing };
  settings_get: { request: Nothing; response: SettingsNow };
  settings_edit: { request: EditSettings; response: Nothing };
  secret_set: { request: SetSecret; response: Nothing };
  channel_test: { request: ChannelRef; response: TestResult };
  watches_list: { request: Nothing; response: Array<WatchRow> };
  watch_preview: { request: PreviewWatch; response: WatchPreview };
  deliveries_list: { request: Nothing; response: Array<DeliveryRow> };
  delivery_resend: { request: DeliveryRef; response: Nothing };
  delivery_drop: { request: DeliveryRef; response: Nothing };
}

export type Event = { "kind": "alerts_changed", added: number } | { "kind": "triage_changed" } | { "kind": "source_changed", source: SourceId } | { "kind": "deliveries_changed" } | { "kind": "settings_changed" } | { "kind": "work_changed" } | { "kind": "open_alert", id: AlertId };
