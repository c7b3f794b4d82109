// The shapes of analysis as the commands will have them, until `cargo xtask types` writes them into
// generated.ts: then this file goes and every import of it becomes one of generated.ts. What is not declared
// here is generated.ts's own.
import type * as G from './generated';

export type * from './generated';

// --- watches and mutes ---

export type WatchKind = 'term' | 'regex' | 'product';
export type WatchedProduct = { vendor: string | null; product: string; versions: Array<string> };
/** Where something counts; an empty list is everywhere. */
export type Scope = { kinds: Array<string>; sources: Array<string>; fields: Array<G.Field> };
export type Watch = {
  term: string;
  kind: WatchKind;
  product: WatchedProduct | null;
  aliases: Array<string>;
  exceptions: Array<string>;
  scope: Scope;
  enabled: boolean;
};
export type Mute = Watch & { until: G.Time | null };
export type WatchMatch = G.WatchMatch & { /** Which of the team's versions is affected. */ version: string | null };
export type WatchRow = { watch: Watch; from_environment: boolean; alerts: number | null; recent: number | null };
export type MuteRow = { mute: Mute; has_ended: boolean; alerts: number | null; recent: number | null };
export type WatchSettings = Watch & { from_environment: boolean };
export type PreviewWatch = { watch: Watch; instead_of: string | null };
export type PreviewMute = { mute: Mute; instead_of: string | null };
export type PreviewHit = { id: G.AlertId; uid: string; title: string; published: G.Time; severity: G.Severity | null; matches: Array<WatchMatch> };
export type WatchPreview = {
  days: number;
  count: number;
  of: number;
  is_complete: boolean;
  would_lose: number;
  examples: Array<PreviewHit>;
};

export type ProductSuggest = { text: string };
export type ProductSuggestion = { vendor: string; product: string; alerts: number };

// --- findings ---

export type Span = { field: G.Field; start: number; end: number };
export type EntityKind =
  | 'vendor' | 'product' | 'version' | 'malware' | 'ransomware' | 'actor' | 'tool' | 'organisation' | 'technique' | 'cve' | 'cwe' | 'ghsa' | 'vulnerability';
export type FoundBy = 'field' | 'pattern' | 'gazetteer' | 'model';
export type VersionSpan = { from: string | null; from_included: boolean; to: string | null; to_included: boolean };
export type Entity = {
  kind: EntityKind;
  name: string;
  id: string | null;
  field: G.Field;
  start: number;
  end: number;
  by: FoundBy;
  range: VersionSpan | null;
};
export type IndicatorKind =
  | 'ipv4' | 'ipv6' | 'cidr' | 'domain' | 'url' | 'email' | 'md5' | 'sha1' | 'sha256' | 'sha512' | 'ssdeep' | 'imphash' | 'authentihash' | 'file_path' | 'registry_key'
  | 'crypto_address' | 'asn' | 'mac' | 'user_agent';
export type Indicator = { kind: IndicatorKind; value: string; field: G.Field; start: number; end: number; is_defanged: boolean; is_private: boolean };
export type CategoryBy = { kind: 'cwe'; cwe: string } | { kind: 'model' };
export type Category = { name: string; probability: number | null; by: CategoryBy };
export type Technique = { id: string; name: string; probability: number };
export type Why = 'not_english' | 'too_short' | 'no_model';
export type Reason = 'watch' | 'no_watch' | 'mute' | 'user_model' | 'base_model' | 'abstained';
export type Relevance = { is_relevant: boolean; reason: Reason; score: number | null; matches: Array<WatchMatch>; muted_by: Array<WatchMatch> };
export type Finding = {
  severity: G.Severity | null;
  severity_basis: G.SeverityBasis;
  relevance: Relevance;
  category: Category | null;
  estimate: G.Estimate | null;
  entities: Array<Entity>;
  indicators: Array<Indicator>;
  techniques: Array<Technique>;
  named: Array<[string, string]>;
  abstained: Why | null;
};

// --- explanations ---

export type WeightedTerm = { term: string; weight: number; spans: Array<Span> };
export type ExplainedBy = 'base_model' | 'user_model' | 'cwe' | 'score' | 'watch';
export type Explained = { label: string; probability: number; by: ExplainedBy; terms: Array<WeightedTerm> };
export type Explanation = { relevance: Explained | null; category: Explained | null; severity: Explained | null; techniques: Array<Explained> };

// --- the models ---

export type Origin = { name: string; licence: string; texts: number; tasks: Array<string> };
export type Metric = { name: string; value: number };
export type TaskInfo = { task: string; classes: Array<string>; features: number; bytes: number; metrics: Array<Metric> };
export type ModelInfo = { format: number; version: string; made_from: Array<Origin>; tasks: Array<TaskInfo> };
export type ModelOrigin = { kind: 'embedded' } | { kind: 'file'; path: string } | { kind: 'none' };
export type ModelState = { info: ModelInfo | null; origin: ModelOrigin; fault: G.Fault | null };
export type UserModelState = 'none' | 'gathering' | 'speaking' | 'held_back';
export type CrossValidated = { precision: number; recall: number; f1: number; base_f1: number; ece: number; folds: number };
export type LearntTerm = { term: string; weight: number };
export type UserModel = {
  state: UserModelState;
  relevant: number;
  not_relevant: number;
  /** So many labels in all, and so many of each. */
  needed: number;
  needed_of_each: number;
  trained: G.Time | null;
  features: number;
  cross: CrossValidated | null;
  terms: Array<LearntTerm>;
};
export type AnalysisStatus = { model: ModelState; threshold: number; user: UserModel; is_training: boolean; reanalysis: number | null };
export type LabelFrom = 'said' | 'done' | 'not_applicable' | 'watched';
export type LabelRow = { alert: G.AlertId; uid: string; title: string; is_relevant: boolean; weight: number; from: LabelFrom; at: G.Time };
export type Labels = { total: number; labels: Array<LabelRow> };
export type ThresholdHit = { id: G.AlertId; title: string; score: number };
export type ThresholdPreview = { days: number; articles: number; relevant_now: number; relevant_then: number; gained: Array<ThresholdHit>; lost: Array<ThresholdHit> };

// --- what these change in the shapes that are there ---

export type Act = G.Act | { kind: 'feedback'; relevant: boolean | null };
export type Row = G.Row & { feedback: boolean | null; is_muted: boolean };
export type TriageEntry = Omit<G.TriageEntry, 'act'> & { act: Act };
export type Detail = Omit<G.Detail, 'row' | 'finding' | 'triage'> & { row: Row; finding: Finding; triage: Array<TriageEntry>; feedback: boolean | null };
export type DoAct = { target: G.Target; act: Act };
export type LastAct = Omit<G.LastAct, 'act'> & { act: Act };
export type Undone = Omit<G.Undone, 'act'> & { act: Act | null };
export type WorkKind = G.WorkKind | 'reanalyse' | 'recount';
export type Work = Omit<G.Work, 'kind'> & { kind: WorkKind };
export type Status = Omit<G.Status, 'undo' | 'work'> & { undo: LastAct | null; work: Array<Work> };
export type Edit =
  | Exclude<G.Edit, { kind: 'add_watch' } | { kind: 'replace_watch' }>
  | { kind: 'add_watch'; watch: Watch }
  | { kind: 'replace_watch'; term: string; watch: Watch }
  | { kind: 'add_mute'; mute: Mute }
  | { kind: 'replace_mute'; term: string; mute: Mute }
  | { kind: 'remove_mute'; term: string }
  | { kind: 'set_analysis'; threshold?: number | null; model_file?: string | null };
export type EditSettings = { edit: Edit };
export type AnalysisSettings = { threshold: number | null; model_file: string | null };
export type Settings = Omit<G.Settings, 'watches'> & { watches: Array<WatchSettings>; mutes: Array<Mute>; analysis: AnalysisSettings };
export type SettingsNow = Omit<G.SettingsNow, 'settings'> & { settings: Settings };

type Changed =
  | 'status' | 'list_rows' | 'alert_get' | 'triage_act' | 'triage_undo' | 'settings_get' | 'settings_edit' | 'watches_list' | 'watch_preview';

export interface Commands extends Omit<G.Commands, Changed> {
  status: { request: G.Nothing; response: Status };
  list_rows: { request: G.ListRows; response: Array<Row> };
  alert_get: { request: G.AlertRef; response: Detail };
  triage_act: { request: DoAct; response: G.Triaged };
  triage_undo: { request: G.Undo; response: Undone };
  settings_get: { request: G.Nothing; response: SettingsNow };
  settings_edit: { request: EditSettings; response: G.Nothing };
  watches_list: { request: G.Nothing; response: Array<WatchRow> };
  mutes_list: { request: G.Nothing; response: Array<MuteRow> };
  watch_preview: { request: PreviewWatch; response: WatchPreview };
  mute_preview: { request: PreviewMute; response: WatchPreview };
  product_suggest: { request: ProductSuggest; response: Array<ProductSuggestion> };
  alert_explain: { request: G.AlertRef; response: Explanation };
  analysis_status: { request: G.Nothing; response: AnalysisStatus };
  analysis_labels: { request: { offset: number; limit: number }; response: Labels };
  analysis_retrain: { request: G.Nothing; response: G.Nothing };
  analysis_reset: { request: G.Nothing; response: G.Nothing };
  analysis_export: { request: { path: string; overwrite: boolean }; response: G.Nothing };
  analysis_import: { request: { path: string }; response: G.Nothing };
  analysis_reanalyse: { request: G.Nothing; response: G.Nothing };
  analysis_threshold_preview: { request: { threshold: number }; response: ThresholdPreview };
}
