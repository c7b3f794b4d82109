// Made by `cargo xtask types` from crates/core/src/commands; do not edit.

export type Act = { "kind": "set_state",
/**
 * To this.
 */
state: State,
/**
 * Why, where it is closed.
 */
reason: string | null,
/**
 * Until when, where it is snoozed.
 */
until: Time | null, } | { "kind": "set_read",
/**
 * Read or not.
 */
read: boolean, } | { "kind": "feedback",
/**
 * It does, it does not; `None` takes back what was said.
 */
relevant: boolean | null, } | { "kind": "add_tag",
/**
 * The tag.
 */
tag: string, } | { "kind": "remove_tag",
/**
 * The tag.
 */
tag: string, } | { "kind": "add_note",
/**
 * Plain text.
 */
text: string, } | { "kind": "edit_note",
/**
 * Which.
 */
note: NoteId,
/**
 * Plain text.
 */
text: string, } | { "kind": "remove_note",
/**
 * Which.
 */
note: NoteId, };
export type ActOnFailed = {
/**
 * `None` = all.
 */
channel?: ChannelId | null,
/**
 * Send them once more, or give them up.
 */
resend: boolean, };
export type AlertId = number;
export type AlertRef = {
/**
 * Which.
 */
id: AlertId, };
export type AnalysisSettings = {
/**
 * From which probability on the models call an alert relevant, 0.01 to 0.99; `None`: as they were
 * calibrated.
 */
threshold: number | null,
/**
 * A model file that takes the place of the built-in one.
 */
model_file: string | null, };
export type AnalysisStatus = {
/**
 * The model file.
 */
model: ModelState,
/**
 * From which probability on an alert is called relevant.
 */
threshold: number,
/**
 * What was learnt from triage.
 */
user: UserModel,
/**
 * Whether it is being learnt right now.
 */
is_training: boolean,
/**
 * The work that analyses stored alerts again, while it runs.
 */
reanalysis: number | null, };
export type ApiFields = { enabled?: boolean, port?: number, origins?: Array<string>, };
export type ApiSettings = {
/**
 * Whether it is served. `tocsind run` serves it whatever this says.
 */
enabled: boolean,
/**
 * The port on loopback; 0 takes any free one.
 */
port: number,
/**
 * Origins of web pages that may read it: `http://localhost:3000`.
 */
origins: Array<string>, };
export type AskBacktest = {
/**
 * The rule, as it would be saved.
 */
rule: Rule,
/**
 * The rule that it replaces; `None` = it is new.
 */
instead_of?: RuleId | null, };
export type AskDeliveries = {
/**
 * Which.
 */
folder: Folder,
/**
 * Only this channel's.
 */
channel?: ChannelId | null,
/**
 * Only those that speak of this alert.
 */
alert?: AlertId | null,
/**
 * Those behind this one; `None` = from the newest on.
 */
before?: DeliveryId | null,
/**
 * At most so many, up to 200; `None` = 50.
 */
limit?: number | null, };
export type AskLabels = {
/**
 * The first, from 0.
 */
offset: number,
/**
 * At most 500.
 */
limit: number, };
export type AskPreview = {
/**
 * On which channel.
 */
channel: ChannelId,
/**
 * Of which alert; `None` = the newest relevant one, else the newest.
 */
alert?: AlertId | null,
/**
 * Whether as a digest of the last week's alerts instead.
 */
digest: boolean, };
export type AskThreshold = {
/**
 * 0.01 to 0.99.
 */
threshold: number, };
export type BackUp = {
/**
 * Where to; `null` is the folder of backups.
 */
path: string | null, };
export type Backfill = {
/**
 * How it stands.
 */
state: BackfillState,
/**
 * Records read.
 */
done: number,
/**
 * Records in all, where known.
 */
total: number | null,
/**
 * The first publication that it covers.
 */
from: Time,
/**
 * The last publication that it covers.
 */
to: Time,
/**
 * Up to which publication everything is read.
 */
at: Time,
/**
 * When it was started.
 */
started: Time,
/**
 * Seconds left, as far as can be told.
 */
eta_s: number | null,
/**
 * Records a minute of late.
 */
per_min: number | null,
/**
 * Why it waits or stopped.
 */
fault: Fault | null, };
export type BackfillStart = {
/**
 * The first year of publication; `null` is all of them.
 */
from_year: number | null, };
export type BackfillState = "running" | "waiting" | "paused" | "done" | "failed" | "cancelled";
export type Backtest = {
/**
 * How far back it looked.
 */
days: number,
/**
 * Alerts that it would have told of.
 */
alerts: number,
/**
 * Changes of them.
 */
changes: number,
/**
 * Of the alerts, how many at least one of its channels would not have heard of by another enabled rule.
 */
alone: number,
/**
 * For each of its channels what would have gone out; a channel that is off too.
 */
channels: Array<BacktestChannel>,
/**
 * One per day, the oldest first, `days` long.
 */
per_day: Array<BacktestDay>,
/**
 * The newest of them, at most ten.
 */
examples: Array<BacktestHit>,
/**
 * From when on there is a history: later than the first of the days where the first collection was.
 */
since: Time, };
export type BacktestChannel = {
/**
 * Its name.
 */
name: string,
/**
 * Messages at once.
 */
messages: number,
/**
 * Digests.
 */
digests: number,
/**
 * Alerts that a cap would have held back for a digest.
 */
capped: number,
/**
 * Alerts that would have waited for the end of the quiet hours.
 */
quiet: number, };
export type BacktestDay = {
/**
 * When it begins (UTC).
 */
day: Time,
/**
 * Alerts that it would have told of.
 */
alerts: number, };
export type BacktestHit = {
/**
 * Which alert.
 */
id: AlertId,
/**
 * Its stable name.
 */
uid: string,
/**
 * Its title.
 */
title: string,
/**
 * Its level now.
 */
severity: Severity | null,
/**
 * What happened.
 */
change: ChangeKind,
/**
 * When.
 */
at: Time, };
export type Backup = {
/**
 * Where it is.
 */
path: string,
/**
 * When it was made.
 */
made: Time,
/**
 * Its bytes.
 */
size_bytes: number,
/**
 * Why it was made.
 */
reason: BackupReason, };
export type BackupReason = "manual" | "migration" | "restore";
export type Bell = {
/**
 * How many came since somebody looked.
 */
unseen: number,
/**
 * The newest first, at most 50.
 */
rings: Array<Ring>, };
export type Category = {
/**
 * The category's name.
 */
name: string,
/**
 * 0.0 to 1.0, where a model said so.
 */
probability: number | null,
/**
 * Who says so.
 */
by: CategoryBy, };
export type CategoryBy = { "kind": "cwe",
/**
 * The first that does.
 */
cwe: string, } | { "kind": "model" };
export type Change = {
/**
 * When Tocsin learnt of it.
 */
at: Time, } & ({ "kind": "new" } | { "kind": "scored",
/**
 * The score before.
 */
before: Rating | null,
/**
 * The score after.
 */
after: Rating | null, } | { "kind": "severity_raised",
/**
 * The level before.
 */
before: Severity | null,
/**
 * The level after.
 */
after: Severity | null, } | { "kind": "severity_lowered",
/**
 * The level before.
 */
before: Severity | null,
/**
 * The level after.
 */
after: Severity | null, } | { "kind": "exploited",
/**
 * Who said so before.
 */
before: ExploitedBy | null,
/**
 * Who says so now.
 */
after: ExploitedBy | null, } | { "kind": "epss_jump",
/**
 * 0.0 to 1.0.
 */
before: number | null,
/**
 * 0.0 to 1.0.
 */
after: number | null, } | { "kind": "products_changed",
/**
 * What is in the list now and was not.
 */
added: Array<Product>,
/**
 * What was in the list and is not now.
 */
removed: Array<Product>, } | { "kind": "text_changed",
/**
 * What they were.
 */
before: Wording,
/**
 * What they became.
 */
after: Wording, } | { "kind": "rejected",
/**
 * The source's status before.
 */
before: string | null,
/**
 * The source's status now.
 */
after: string | null,
/**
 * The state in which that closed it; `None` where it was closed already.
 */
closed?: State | null,
/**
 * Why, in the source's own words where it gave any: the reason with which it was closed.
 */
reason?: string | null, } | { "kind": "reopened",
/**
 * The state in which it was closed or asleep; `None`: its source took the rejection back.
 */
before: State | null, });
export type ChangeKind = "new" | "scored" | "severity_raised" | "severity_lowered" | "exploited" | "epss_jump" | "products_changed" | "text_changed" | "rejected" | "reopened";
export type ChannelFields = { name?: string, enabled?: boolean, group_s?: number, digest?: DigestTimes, weekly_test?: boolean, base_url?: string, channel?: string, chat_id?: string, smtp_host?: string, smtp_port?: number, smtp_tls?: SmtpTls, user?: string, sender?: string, sender_name?: string, recipients?: Array<string>, ca_file?: string, allow_plain_auth?: boolean, };
export type ChannelId = string;
export type ChannelRef = {
/**
 * Which.
 */
channel: ChannelId, };
export type ChannelRow = {
/**
 * Which.
 */
id: ChannelId,
/**
 * For people.
 */
name: string,
/**
 * `desktop`, `email`, `slack` or `telegram`.
 */
kind: string,
/**
 * Whether messages are routed to it.
 */
enabled: boolean,
/**
 * Whether the user added it and may remove it.
 */
is_removable: boolean,
/**
 * How it does, in a word.
 */
state: ChannelState,
/**
 * Why.
 */
fault: Fault | null,
/**
 * When a service took a message last.
 */
last_success: Time | null,
/**
 * When an attempt failed last.
 */
last_failure: Time | null,
/**
 * Failed attempts since the last success.
 */
failures: number,
/**
 * Messages that wait for it now (digests to come are not among them); 1000 = 1000 or more, here and below.
 */
waiting: number,
/**
 * Since when the oldest of them waits.
 */
oldest_waiting: Time | null,
/**
 * Messages that failed or whose fate is unknown.
 */
undelivered: number,
/**
 * Until when the service asked us to wait.
 */
held_until: Time | null,
/**
 * Until when it is quiet.
 */
quiet_until: Time | null,
/**
 * When its next digest goes out, and how many alerts it holds so far.
 */
next_digest: [Time, number] | null,
/**
 * Its secrets, each set or not; never their values.
 */
secrets: Array<SecretRow>, };
export type ChannelSettings = {
/**
 * For people; unique, letter case aside.
 */
name: string,
/**
 * Whether messages are routed to it.
 */
enabled: boolean,
/**
 * How long alerts are gathered into one message from the first one on, seconds; 0 = each page of a run
 * at once.
 */
group_s: number,
/**
 * When it is not to ring.
 */
quiet: QuietHours | null,
/**
 * When its digests go out: what a cap held back, and rules that name no times of their own.
 */
digest: DigestTimes,
/**
 * Whether a message once a week shows that it still works.
 */
weekly_test: boolean,
/**
 * Messages a second, minute and hour that it may send, where the service's own limits do not hold (an own
 * server, a test).
 */
limits: Limits | null, } & ({ "kind": "desktop" } | { "kind": "email" } & EmailSettings | { "kind": "slack" } & SlackSettings | { "kind": "telegram" } & TelegramSettings);
export type ChannelState = "off" | "incomplete" | "works" | "failing" | "held" | "stopped" | "quiet";
export type Cleaned = {
/**
 * Alerts.
 */
removed: number, };
export type Column = "severity" | "score" | "epss" | "category" | "matched" | "source" | "published" | "added" | "changed" | "state" | "tags";
export type Completion = {
/**
 * The first character that it replaces.
 */
start: number,
/**
 * One past the last.
 */
end: number,
/**
 * The likeliest first.
 */
items: Array<CompletionItem>, };
export type CompletionItem = {
/**
 * What to put there.
 */
insert: string,
/**
 * What people read.
 */
label: string,
/**
 * What kind of thing it is.
 */
kind: CompletionKind,
/**
 * Alerts that have the value.
 */
count: number | null,
/**
 * What it is, in a few words.
 */
about: string | null, };
export type CompletionKind = "field" | "value" | "operator";
export type Condition = { "kind": "off" } | { "kind": "paused" } | { "kind": "never" } | { "kind": "collecting" } | { "kind": "fine" } | { "kind": "empty",
/**
 * Since then.
 */
since: Time, } | { "kind": "offline",
/**
 * Since then.
 */
since: Time, } | { "kind": "waiting",
/**
 * Until then.
 */
until: Time,
/**
 * What it said.
 */
fault: Fault, } | { "kind": "failing",
/**
 * When that began.
 */
since: Time,
/**
 * How many.
 */
failures: number, } | { "kind": "down",
/**
 * When that began.
 */
since: Time, } | { "kind": "silent",
/**
 * When its newest item was published.
 */
since: Time,
/**
 * Days that usually lie between two items at most.
 */
usual_days: number, };
export type CrossValidated = {
/**
 * Of what it called relevant, the part that is.
 */
precision: number,
/**
 * Of what is relevant, the part that it called so.
 */
recall: number,
/**
 * Their harmonic mean.
 */
f1: number,
/**
 * The same without it: watches, and the base model for articles.
 */
base_f1: number,
/**
 * Expected calibration error.
 */
ece: number,
/**
 * Parts that each were held back once.
 */
folds: number, };
export type CvssVersion = "2.0" | "3.0" | "3.1" | "4.0";
export type DataStatus = {
/**
 * The database.
 */
path: string,
/**
 * Its bytes, with its log.
 */
size_bytes: number,
/**
 * Bytes free on its disk, where the system tells.
 */
free_bytes: number | null,
/**
 * Alerts by kind.
 */
alerts: Array<KindCount>,
/**
 * The earliest publication.
 */
oldest: Time | null,
/**
 * The backups in its folder, newest first.
 */
backups: Array<Backup>,
/**
 * Alerts that retention would remove now.
 */
removable: number,
/**
 * Removed alerts that are kept from coming back.
 */
tombstones: number,
/**
 * When it was last optimised.
 */
last_optimised: Time | null, };
export type Deliveries = {
/**
 * The newest first.
 */
rows: Array<DeliveryRow>,
/**
 * Whether there are more behind them.
 */
has_more: boolean,
/**
 * How many are in each folder, of the channel that was asked for.
 */
counts: FolderCounts, };
export type Delivery = {
/**
 * Its number.
 */
id: DeliveryId,
/**
 * Where it goes.
 */
channel: ChannelId,
/**
 * What kind of message it is.
 */
form: DeliveryForm,
/**
 * Where it stands.
 */
state: DeliveryState,
/**
 * When it was routed.
 */
created: Time,
/**
 * When it is to go out: the end of its grouping, of the quiet hours, or the digest's time.
 */
due: Time,
/**
 * Attempts made.
 */
attempts: number,
/**
 * When it is tried next, while it waits.
 */
next_attempt: Time | null,
/**
 * When it ended.
 */
finished: Time | null,
/**
 * What went wrong last.
 */
fault: Fault | null, };
export type DeliveryAttempt = {
/**
 * When it began.
 */
began: Time,
/**
 * When it ended.
 */
ended: Time | null,
/**
 * Why it failed.
 */
fault: Fault | null, };
export type DeliveryDetail = {
/**
 * As in the list.
 */
row: DeliveryRow,
/**
 * What went out; before that, what would go out now; `None` where it is no longer kept.
 */
message: Rendered | null,
/**
 * Whether `message` is what went out.
 */
is_final: boolean,
/**
 * What it speaks of, the worst first, at most 500.
 */
subjects: Array<DeliverySubject>,
/**
 * Its attempts, the newest first.
 */
attempts: Array<DeliveryAttempt>, };
export type DeliveryForm = "alerts" | "digest" | "quiet" | "notice" | "self_test";
export type DeliveryId = number;
export type DeliveryRef = {
/**
 * Which.
 */
id: DeliveryId, };
export type DeliveryRow = {
/**
 * The delivery.
 */
delivery: Delivery,
/**
 * The channel's name; its id where it is gone.
 */
channel_name: string,
/**
 * What it speaks of: the title of its worst alert, or what a notice says.
 */
title: string,
/**
 * The level of that alert.
 */
severity: Severity | null,
/**
 * Its alerts.
 */
alerts: number, };
export type DeliveryState = "waiting" | "retrying" | "sending" | "sent" | "failed" | "unknown" | "expired" | "dropped";
export type DeliverySubject = {
/**
 * Which.
 */
id: AlertId,
/**
 * Its stable name.
 */
uid: string,
/**
 * Its title.
 */
title: string,
/**
 * Its level now.
 */
severity: Severity | null,
/**
 * What happened.
 */
change: ChangeKind,
/**
 * The names of the rules that asked for it.
 */
rules: Array<string>, };
export type Detail = {
/**
 * What the list shows of it.
 */
row: Row,
/**
 * Plain text; paragraphs are separated by an empty line.
 */
text: string,
/**
 * http(s) address.
 */
url: string | null,
/**
 * When the source last changed it.
 */
updated: Time | null,
/**
 * Structured fields.
 */
facts: Facts,
/**
 * What analysis says and why.
 */
finding: Finding,
/**
 * Its history, newest first.
 */
changes: Array<Change>,
/**
 * When somebody last looked at it, before now: changes after that are new.
 */
looked: Time | null,
/**
 * The user's tags.
 */
tags: Array<string>,
/**
 * What people wrote about it, newest first.
 */
notes: Array<Note>,
/**
 * What people did with it, newest first.
 */
triage: Array<TriageEntry>,
/**
 * What somebody said of its relevance.
 */
feedback: boolean | null,
/**
 * Messages that spoke of it, newest first.
 */
deliveries: Array<Delivery>,
/**
 * EPSS' newest score of it, with percentile and day.
 */
epss: EpssScore | null,
/**
 * The entries of OWASP's lists that it belongs to, the newest edition first.
 */
owasp: Array<OwaspRisk>, };
export type DigestTimes = {
/**
 * Times of day, `08:00`, in order, each once, at least one.
 */
at: Array<string>,
/**
 * On which days; empty = every day.
 */
days: Array<Weekday>,
/**
 * IANA name of the time zone; `None` = that of this machine.
 */
zone: string | null, };
export type Discovered = {
/**
 * The best one first; at least one.
 */
feeds: Array<FoundFeed>, };
export type DoAct = {
/**
 * Which alerts.
 */
target: Target,
/**
 * What.
 */
act: Act, };
export type Edit = { "kind": "set_theme",
/**
 * To this.
 */
theme: Theme, } | { "kind": "add_watch",
/**
 * The watch.
 */
watch: Watch, } | { "kind": "replace_watch",
/**
 * The term that it has now.
 */
term: string,
/**
 * What it becomes.
 */
watch: Watch, } | { "kind": "remove_watch",
/**
 * Its term.
 */
term: string, } | { "kind": "add_mute",
/**
 * The mute.
 */
mute: Mute, } | { "kind": "replace_mute",
/**
 * The term that it has now.
 */
term: string,
/**
 * What it becomes.
 */
mute: Mute, } | { "kind": "remove_mute",
/**
 * Its term.
 */
term: string, } | { "kind": "add_view",
/**
 * The view.
 */
view: ViewSettings, } | { "kind": "replace_view",
/**
 * The name that it has now.
 */
name: string,
/**
 * What it becomes.
 */
view: ViewSettings, } | { "kind": "remove_view",
/**
 * Its name.
 */
name: string, } | { "kind": "move_view",
/**
 * Its name.
 */
name: string,
/**
 * The place among the views that are in effect, from 0; one past the end is the last.
 */
to: number, } | { "kind": "set_source",
/**
 * Which.
 */
id: SourceId,
/**
 * What changes.
 */
fields: SourceFields, } | { "kind": "add_feed",
/**
 * For people.
 */
name: string,
/**
 * Where it is.
 */
url: string,
/**
 * Under which heading it is listed.
 */
group?: string,
/**
 * Whether the article behind each entry is read too.
 */
full_text: boolean,
/**
 * Whether it may be at a private, link-local or loopback address.
 */
allow_private: boolean, } | { "kind": "add_presets",
/**
 * Which.
 */
ids: Array<SourceId>, } | { "kind": "remove_source",
/**
 * Which.
 */
id: SourceId, } | { "kind": "restore_source",
/**
 * Which.
 */
id: SourceId,
/**
 * As it was.
 */
source: SourceSettings, } | { "kind": "set_channel",
/**
 * Which.
 */
id: ChannelId,
/**
 * What changes.
 */
fields: ChannelFields, } | { "kind": "add_channel",
/**
 * For people.
 */
name: string,
/**
 * `email`, `slack` or `telegram`.
 */
channel_kind: string, } | { "kind": "remove_channel",
/**
 * Which.
 */
id: ChannelId, } | { "kind": "set_quiet_hours",
/**
 * Which channel.
 */
id: ChannelId,
/**
 * When; `None` = never.
 */
quiet: QuietHours | null, } | { "kind": "add_rule",
/**
 * The rule.
 */
rule: Rule, } | { "kind": "set_rule",
/**
 * Which.
 */
id: RuleId,
/**
 * What it becomes.
 */
rule: Rule, } | { "kind": "remove_rule",
/**
 * Which.
 */
id: RuleId, } | { "kind": "set_api",
/**
 * What changes.
 */
fields: ApiFields, } | { "kind": "set_analysis",
/**
 * From which probability on an alert is relevant; 0 puts back what was calibrated.
 */
threshold?: number | null,
/**
 * A model file in the place of the built-in one; an empty name puts that back.
 */
model_file?: string | null, } | { "kind": "set_retention",
/**
 * What changes.
 */
fields: RetentionFields, };
export type EditSettings = {
/**
 * The change.
 */
edit: Edit, };
export type EmailSettings = {
/**
 * The SMTP server.
 */
smtp_host: string,
/**
 * Its port.
 */
smtp_port: number,
/**
 * How the connection is encrypted.
 */
smtp_tls: SmtpTls,
/**
 * The name to log in with.
 */
user: string | null,
/**
 * The address that messages come from; the user's where it is not set.
 */
sender: string | null,
/**
 * The name that messages come from.
 */
sender_name: string,
/**
 * Who gets the messages.
 */
recipients: Array<string>,
/**
 * A PEM file with certificates that are trusted besides the system's.
 */
ca_file: string | null,
/**
 * Whether the password may go over an unencrypted connection to this server.
 */
allow_plain_auth: boolean, };
export type Entity = {
/**
 * What it is.
 */
kind: EntityKind,
/**
 * The name as written.
 */
name: string,
/**
 * Its one name or id, where it is known: `APT28`, `T1059.001`, `CVE-2024-3094`,
 * `microsoft/windows_10`.
 */
id: string | null,
/**
 * Where it stands.
 */
field: Field,
/**
 * First character in that field, counted in Unicode scalar values.
 */
start: number,
/**
 * One past the last character.
 */
end: number,
/**
 * What found it.
 */
by: FoundBy,
/**
 * For a version: which versions are meant, where the words around it say so. The two ends of one
 * range (`2.0 through 2.3`) are two entities with the same range.
 */
range: VersionSpan | null, };
export type EntityKind = "vendor" | "product" | "version" | "malware" | "ransomware" | "actor" | "tool" | "organisation" | "technique" | "cve" | "cwe" | "ghsa" | "vulnerability";
export type EpssScore = {
/**
 * The probability of exploitation within 30 days, 0.0 to 1.0.
 */
probability: number,
/**
 * The share of all scored CVEs with a score that is as high or lower, 0.0 to 1.0.
 */
percentile: number,
/**
 * The day that it is of.
 */
day: Time, };
export type Estimate = {
/**
 * The most likely level.
 */
severity: Severity,
/**
 * Its probability, 0.0 to 1.0.
 */
probability: number, };
export type Event = { "kind": "alerts_changed",
/**
 * How many are new to the user (a source's first collection brings none).
 */
added: number, } | { "kind": "triage_changed" } | { "kind": "source_changed",
/**
 * Whose.
 */
source: SourceId, } | { "kind": "deliveries_changed" } | { "kind": "settings_changed" } | { "kind": "work_changed" } | { "kind": "notification_act",
/**
 * To which.
 */
id: AlertId,
/**
 * What.
 */
act: NotificationAct, } | { "kind": "open_alert",
/**
 * Which.
 */
id: AlertId, };
export type Explained = {
/**
 * The answer.
 */
label: string,
/**
 * Its probability; 1.0 where it is no guess.
 */
probability: number,
/**
 * Who gave it.
 */
by: ExplainedBy,
/**
 * What spoke for it, the strongest first, then what spoke against it.
 */
terms: Array<WeightedTerm>, };
export type ExplainedBy = "base_model" | "user_model" | "cwe" | "score" | "watch";
export type Explanation = {
/**
 * Whether it matters: label `relevant` or `not_relevant`.
 */
relevance: Explained | null,
/**
 * The category.
 */
category: Explained | null,
/**
 * The level that is shown.
 */
severity: Explained | null,
/**
 * What attackers do in it, the likeliest first.
 */
techniques: Array<Explained>, };
export type ExploitedBy = "kev" | "ssvc";
export type ExportFormat = "csv" | "json" | "stix" | "markdown";
export type ExportModel = {
/**
 * The file.
 */
path: string,
/**
 * Whether a file that is there is replaced; without, `file_exists`.
 */
overwrite: boolean, };
export type ExportRun = {
/**
 * Which alerts.
 */
target: Target,
/**
 * In which form.
 */
format: ExportFormat,
/**
 * Where: absolute, in a folder that exists.
 */
path: string,
/**
 * Whether a file that is there already is replaced; otherwise it is the fault `file_exists`.
 */
overwrite?: boolean,
/**
 * What was chosen, for people: the view's name. A report has it as its title.
 */
name?: string, };
export type Exported = {
/**
 * The file.
 */
path: string,
/**
 * Alerts in it. (A STIX bundle also has the stored CVEs that these name.)
 */
alerts: number,
/**
 * Its size.
 */
bytes: number, };
export type Facts = {
/**
 * The source's own status (`vulnStatus`): open text.
 */
status: string | null,
/**
 * The CVE's assigner, or an article's author.
 */
issued_by: string | null,
/**
 * Every score of every source.
 */
scores: Array<Score>,
/**
 * `CWE-79` ..., sorted, without repeats.
 */
cwes: Array<string>,
/**
 * Affected products, sorted, without repeats.
 */
products: Array<Product>,
/**
 * The same as data, each source's own: NVD's CPE configurations, and what the CNA states.
 */
ranges: Array<ProductRanges>,
/**
 * Links, in the source's order, without repeats.
 */
references: Array<Reference>,
/**
 * The source's tags (`disputed`, a feed's categories).
 */
tags: Array<string>,
/**
 * The KEV fields.
 */
kev: Kev | null,
/**
 * SSVC's decision point `Exploitation`: `none`, `poc`, `active`.
 */
ssvc_exploitation: string | null,
/**
 * Every SSVC decision, whoever made it.
 */
ssvc: Array<Ssvc>,
/**
 * Metrics of kinds that Tocsin does not know, as the source gave them.
 */
other_metrics: Array<OtherMetric>,
/**
 * Descriptions in other languages.
 */
other_languages: Array<LocalText>,
/**
 * CVE ids that an article or a guidance names, sorted, upper case.
 */
cves: Array<string>,
/**
 * The entry of an OWASP list.
 */
owasp: OwaspEntry | null, };
export type Fault = {
/**
 * What the interface words the problem by, `snake_case` with the subject first:
 * `nvd_key_refused`, `smtp_auth_failed`.
 */
code: string,
/**
 * The parts that the wording needs, by name.
 */
params: { [key in string]: string },
/**
 * What happened, to what, and what the user can do, in English. Never holds a secret.
 */
message: string, };
export type FeedDiscover = {
/**
 * A site's address, or a feed's; `https://` may be left out.
 */
address: string,
/**
 * Whether private, link-local and loopback addresses may be called.
 */
allow_private: boolean, };
export type FeedFormat = "rss" | "atom" | "json";
export type FeedSettings = {
/**
 * Whether the time between two runs follows how often the feed brings something; `interval_min` is then
 * where it starts from.
 */
adaptive: boolean,
/**
 * Whether the article behind each entry is read too.
 */
full_text: boolean,
/**
 * Under which heading it is listed.
 */
group: string | null, };
export type Field = "title" | "text" | "products";
export type Finding = {
/**
 * The level that is shown; `None` where nobody scored it and nothing was estimated.
 */
severity: Severity | null,
/**
 * Where the level comes from.
 */
severity_basis: SeverityBasis,
/**
 * Whether it matters to this team, and why.
 */
relevance: Relevance,
/**
 * The threat category, where one is known.
 */
category: Category | null,
/**
 * What the severity model says of the text, where one has spoken.
 */
estimate: Estimate | null,
/**
 * What the text names, with places. Not stored: made again when somebody looks.
 */
entities: Array<Entity>,
/**
 * Addresses, hashes and the like, with places. Not stored.
 */
indicators: Array<Indicator>,
/**
 * What attackers do in it, the likeliest first. Not stored.
 */
techniques: Array<Technique>,
/**
 * What it names, each once and without its place: what facets list.
 */
named: Array<Named>,
/**
 * Why the models say nothing of the text, where they do not.
 */
abstained: Why | null, };
export type Folder = "all" | "outbox" | "delivered" | "failed" | "digests";
export type FolderCounts = { outbox: number, delivered: number, failed: number, digests: number, };
export type FoundBy = "field" | "pattern" | "gazetteer" | "model";
export type FoundEntry = {
/**
 * Its title; the beginning of its text where it has none.
 */
title: string,
/**
 * Its page.
 */
url: string | null,
/**
 * When it was published.
 */
published: Time | null, };
export type FoundFeed = {
/**
 * Its address.
 */
url: string,
/**
 * Its title; its host where it has none.
 */
title: string,
/**
 * Its format.
 */
format: FeedFormat,
/**
 * How many entries it has.
 */
entries: number,
/**
 * The newest of them, at most five.
 */
newest: Array<FoundEntry>,
/**
 * The site that it belongs to.
 */
site: string | null,
/**
 * The source that reads this address already.
 */
known: SourceId | null, };
export type FreshCount = {
/**
 * Alerts that belong in the list and are not in it.
 */
count: number, };
export type Health = {
/**
 * When a run last ended well.
 */
last_success: Time | null,
/**
 * When a run last began.
 */
last_attempt: Time | null,
/**
 * Why the last run failed; `None` after a good one.
 */
fault: Fault | null,
/**
 * Failed runs since the last good one.
 */
failures: number,
/**
 * When it is due next.
 */
next_attempt: Time | null,
/**
 * Whether a run has ever ended well; until then what it brings is not news.
 */
first_done: boolean,
/**
 * When the present row of failures began.
 */
first_failure: Time | null,
/**
 * When the newest item was published.
 */
newest_item: Time | null,
/**
 * Minutes between two runs as the feed's own rhythm has them, where that is in force.
 */
rhythm_min: number | null,
/**
 * New items a day over the last 14 days.
 */
per_day: number | null, };
export type HostKind = "desktop" | "browser";
export type ImportModel = {
/**
 * The file.
 */
path: string, };
export type ImportRun = {
/**
 * The file: absolute.
 */
path: string, };
export type Imported = {
/**
 * Alerts that were stored.
 */
added: number,
/**
 * Alerts that a newer record of NVD's changed.
 */
changed: number,
/**
 * Alerts that were stored already; they stay as they are.
 */
known: number,
/**
 * Records that could not be used.
 */
refused: number,
/**
 * What was wrong with the first 20 of them.
 */
problems: Array<Problem>, };
export type Indicator = {
/**
 * What it is.
 */
kind: IndicatorKind,
/**
 * Without marks; names, schemes and hashes in lower case, an autonomous system as `AS1234`, all else as written.
 */
value: string,
/**
 * Where it stands.
 */
field: Field,
/**
 * First character in the field, counted in Unicode scalar values.
 */
start: number,
/**
 * One past the last character.
 */
end: number,
/**
 * Whether the text has it defanged.
 */
is_defanged: boolean,
/**
 * Whether it is an address or network that nobody outside can reach: private, loopback, documentation and the like.
 */
is_private: boolean, };
export type IndicatorKind = "ipv4" | "ipv6" | "cidr" | "domain" | "url" | "email" | "md5" | "sha1" | "sha256" | "sha512" | "ssdeep" | "imphash" | "authentihash" | "file_path" | "registry_key" | "crypto_address" | "asn" | "mac" | "user_agent";
export type Issuer = "nvd" | "cna" | "cisa-adp";
export type Kev = {
/**
 * When CISA added it (a day).
 */
added: Time | null,
/**
 * By when US agencies must act (a day).
 */
due: Time | null,
/**
 * CISA's name for it.
 */
name: string | null,
/**
 * What CISA requires.
 */
action: string | null,
/**
 * Whether ransomware is known to use it.
 */
ransomware: boolean, };
export type KevSettings = {
/**
 * Where it is read when its own address refuses; empty = nowhere.
 */
mirror: string, };
export type Kind = "vulnerability" | "article" | "guidance";
export type KindCount = {
/**
 * The kind.
 */
kind: Kind,
/**
 * How many.
 */
count: number, };
export type LabelFrom = "watched" | "not_applicable" | "done" | "said";
export type LabelRow = {
/**
 * Of which alert.
 */
alert: AlertId,
/**
 * Its stable name.
 */
uid: string,
/**
 * Its title.
 */
title: string,
/**
 * What it says.
 */
is_relevant: boolean,
/**
 * How much it counts, 0.0 to 1.0.
 */
weight: number,
/**
 * Who says it.
 */
from: LabelFrom,
/**
 * Since when.
 */
at: Time, };
export type Labels = {
/**
 * How many there are.
 */
total: number,
/**
 * Those that were asked for.
 */
labels: Array<LabelRow>, };
export type LastAct = {
/**
 * Its number.
 */
id: TriageId,
/**
 * What was done.
 */
act: Act,
/**
 * How many.
 */
alerts: number,
/**
 * One of them, for people: its CVE id or title.
 */
label: string, };
export type LearntTerm = {
/**
 * The term, or `source:`, `kind:`, `category:` and a name.
 */
term: string,
/**
 * Positive: for relevance.
 */
weight: number, };
export type Limits = {
/**
 * Milliseconds between two messages to one destination.
 */
gap_ms: number,
/**
 * Messages to one destination within a minute.
 */
per_minute: number,
/**
 * Messages of one bot within a second.
 */
per_second: number, };
export type ListFresh = {
/**
 * The list.
 */
list: number, };
export type ListOpened = {
/**
 * Names the list in later calls. The newest few lists of a window stay open.
 */
list: number,
/**
 * Its rows.
 */
count: number,
/**
 * The place of the anchor, or in a list by time of where it would stand if it left the list.
 */
anchor_index: number | null,
/**
 * Its order.
 */
sort: Sort,
/**
 * Where only the newest so many matches were ranked by text; the rest follows, newest first.
 */
ranked: number | null, };
export type ListRows = {
/**
 * The list. A list that is no longer known is the fault `list_closed`: open it again.
 */
list: number,
/**
 * The first row, from 0.
 */
offset: number,
/**
 * At most 500.
 */
limit: number, };
export type LocalText = {
/**
 * BCP 47 tag: `es`.
 */
lang: string,
/**
 * The text, plain.
 */
text: string, };
export type Metric = {
/**
 * What was measured, on what: `dev.macro_f1`.
 */
name: string,
/**
 * The number.
 */
value: number, };
export type ModelInfo = {
/**
 * The container's format.
 */
format: number,
/**
 * The date of the newest text that it learnt from, and the checksum of its sections:
 * `2025-11-28-1a2b3c4d`. Made by the writer.
 */
version: string,
/**
 * What it was made from.
 */
made_from: Array<Origin>,
/**
 * What it can do.
 */
tasks: Array<TaskInfo>, };
export type ModelOrigin = { "kind": "embedded" } | { "kind": "file",
/**
 * Where it is.
 */
path: string, } | { "kind": "none" };
export type ModelState = {
/**
 * What it says of itself.
 */
info: ModelInfo | null,
/**
 * Where it comes from.
 */
origin: ModelOrigin,
/**
 * Why the one that was wanted is not used.
 */
fault: Fault | null, };
export type Mute = {
/**
 * When it ends; `None` = never.
 */
until: Time | null,
/**
 * The term or the regex; it also names the watch. Of a product: its name for people.
 */
term: string,
/**
 * Other spellings that count as the term; of a regex, further ones.
 */
aliases: Array<string>,
/**
 * Phrases that do not count, although the term is in them.
 */
exceptions: Array<string>,
/**
 * How it is looked for.
 */
kind: WatchKind,
/**
 * What is looked for where it is a product.
 */
product: WatchedProduct | null,
/**
 * Where it is looked for.
 */
scope: Scope,
/**
 * Whether it is looked for at all.
 */
enabled: boolean, };
export type MuteRow = {
/**
 * The mute.
 */
mute: Mute,
/**
 * Whether its time is over; then it silences nothing any more.
 */
has_ended: boolean,
/**
 * Stored alerts that it silences; `None` while they are being counted.
 */
alerts: number | null,
/**
 * Of these, the ones of the last 30 days.
 */
recent: number | null, };
export type Named = [string, string];
export type Note = {
/**
 * Which.
 */
id: NoteId,
/**
 * When it was written.
 */
at: Time,
/**
 * When it was last rewritten.
 */
edited: Time | null,
/**
 * Plain text.
 */
text: string, };
export type NoteId = number;
export type Nothing = Record<symbol, never>;
export type NotificationAct = "done" | "snooze";
export type NvdSettings = {
/**
 * How many days back the first collection goes.
 */
first_days: number,
/**
 * How many hours a window reaches into the one before.
 */
overlap_hours: number,
/**
 * Records a page, at most 2,000.
 */
page_size: number,
/**
 * Milliseconds between two requests; without it what NVD asks for (6000, or 2000 with a key).
 */
pause_ms: number | null,
/**
 * Milliseconds before the first retry; it doubles.
 */
backoff_ms: number, };
export type OneOrAll = {
/**
 * Which; `None` for all that are enabled.
 */
source?: SourceId, };
export type OpenList = {
/**
 * The view's id.
 */
view: string,
/**
 * What is in the search box; empty for everything. `query_invalid` says what is wrong with it and
 * at which characters.
 */
query: string,
/**
 * The order; the view's where nothing is said.
 */
sort?: Sort,
/**
 * An alert whose place is wanted, so that a list opened again stays where it was.
 */
anchor?: AlertId, };
export type OpenUrl = {
/**
 * http or https.
 */
url: string, };
export type OpmlExport = {
/**
 * Where: absolute, in a folder that exists.
 */
path: string,
/**
 * Whether a file that is there already is replaced; otherwise it is the fault `file_exists`.
 */
overwrite: boolean, };
export type OpmlExported = {
/**
 * The file.
 */
path: string,
/**
 * Feeds in it.
 */
feeds: number, };
export type OpmlImport = {
/**
 * The file: absolute.
 */
path: string, };
export type OpmlImported = {
/**
 * Feeds added.
 */
added: number,
/**
 * Feeds that are read already, or that the list names twice.
 */
known: number,
/**
 * Outlines that could not be used.
 */
refused: Array<Problem>, };
export type Optimised = {
/**
 * Bytes before.
 */
before_bytes: number,
/**
 * Bytes after.
 */
after_bytes: number, };
export type Origin = {
/**
 * The source.
 */
name: string,
/**
 * Its licence, as an SPDX expression where there is one.
 */
licence: string,
/**
 * How many texts or names of it were used.
 */
texts: number,
/**
 * The tasks that learnt from it.
 */
tasks: Array<string>, };
export type OtherMetric = {
/**
 * The source's name for its kind: `cvssMetricV50`.
 */
kind: string,
/**
 * The metric as JSON text.
 */
json: string, };
export type OwaspEntry = {
/**
 * `top10` or `api`.
 */
list: string,
/**
 * The edition: `2025`.
 */
edition: string,
/**
 * `A01` ... `A10`, `API1` ... `API10`.
 */
code: string, };
export type OwaspList = "top10" | "api";
export type OwaspRisk = {
/**
 * `top10` or `api`.
 */
list: string,
/**
 * `2025`.
 */
edition: string,
/**
 * `A05`, `API1`.
 */
code: string,
/**
 * Whether this is the newest edition that is collected: `owasp:a05` finds it without its year.
 */
is_newest: boolean,
/**
 * What it is called, where its own page is stored.
 */
title: string | null,
/**
 * Its own page, where that is stored.
 */
alert: AlertId | null, };
export type OwaspSettings = {
/**
 * Which list.
 */
list: OwaspList,
/**
 * The editions that are collected, by year; never empty. The source's address is that of one of
 * them; the others' differ from it by the year.
 */
editions: Array<string>, };
export type Piece = {
/**
 * Plain text.
 */
text: string,
/**
 * Whether it is a hit.
 */
hit: boolean, };
export type Place = {
/**
 * What to put into the settings: Telegram's chat id, Slack's channel id.
 */
id: string,
/**
 * For people: `#alerts`, `SOC team`.
 */
name: string,
/**
 * What it is: `private`, `group`, `supergroup`, `channel`.
 */
what: string, };
export type Preset = {
/**
 * Its id as a source.
 */
id: SourceId,
/**
 * For people.
 */
name: string,
/**
 * Where the feed is.
 */
url: string,
/**
 * Under which heading it is listed.
 */
group: string,
/**
 * The page that it belongs to.
 */
site: string,
/**
 * What it brings, in a few words.
 */
about: string,
/**
 * Whether it is among the sources, under its id or any other.
 */
added: boolean, };
export type Preview = {
/**
 * `None` where nothing is stored that it could show.
 */
message: Rendered | null, };
export type PreviewHit = {
/**
 * Which.
 */
id: AlertId,
/**
 * Its stable name: `CVE-2026-21413`.
 */
uid: string,
/**
 * Plain text, one line.
 */
title: string,
/**
 * Publication, or first seen if that was earlier or nothing is stated.
 */
published: Time,
/**
 * The level; `None` = unscored.
 */
severity: Severity | null,
/**
 * Where it would match.
 */
matches: Array<WatchMatch>, };
export type PreviewMute = {
/**
 * The mute.
 */
mute: Mute,
/**
 * The term of the mute that it would replace.
 */
instead_of: string | null, };
export type PreviewWatch = {
/**
 * The watch.
 */
watch: Watch,
/**
 * The term of the watch that it would replace.
 */
instead_of: string | null, };
export type Problem = {
/**
 * Which record: an id, a link or a place ("item 7").
 */
subject: string,
/**
 * What is wrong with it.
 */
fault: Fault, };
export type Product = {
/**
 * The vendor as CPE names it, unescaped: `apache`.
 */
vendor: string,
/**
 * The product as CPE names it, unescaped: `http_server`.
 */
product: string,
/**
 * Affected versions for people: `2.4.57 to 2.4.62`, `before 3.1`, `1.0, 1.1`; empty = not stated.
 */
versions: string, };
export type ProductRanges = {
/**
 * The vendor as its source names it (CPE's word, unescaped: `apache`); empty = not stated.
 */
vendor: string,
/**
 * The product as its source names it: `http_server`.
 */
product: string,
/**
 * Who says so where it is not NVD's own list: the CNA.
 */
source?: string,
/**
 * Affected versions, each span once; empty = the source states none.
 */
ranges: Array<VersionRange>, };
export type ProductSuggest = {
/**
 * What is typed: beginnings of words of the vendor or the product.
 */
text: string, };
export type ProductSuggestion = {
/**
 * Its vendor, as its source names it; may be empty.
 */
vendor: string,
/**
 * Its name.
 */
product: string,
/**
 * Stored alerts about it.
 */
alerts: number, };
export type Progress = {
/**
 * Records done.
 */
done: number,
/**
 * Records in all, where the source knows.
 */
total: number | null, };
export type QueryComplete = {
/**
 * What is in the box.
 */
text: string,
/**
 * The character before which the cursor stands (Unicode scalar values).
 */
cursor: number, };
export type QuietHours = {
/**
 * From this time of day, `22:00`.
 */
from: string,
/**
 * To this time of day; over midnight where it is earlier than `from`; where it is the same, for a whole day.
 */
to: string,
/**
 * On which days they begin; empty = every day.
 */
days: Array<Weekday>,
/**
 * IANA name of the time zone; `None` = that of this machine.
 */
zone: string | null,
/**
 * Whether what is High rings all the same.
 */
pass_high: boolean,
/**
 * Whether what is exploited rings all the same.
 */
pass_exploited: boolean, };
export type Rating = {
/**
 * 0.0 to 10.0.
 */
score: number,
/**
 * The version of CVSS.
 */
version: string, };
export type Reason = "watch" | "no_watch" | "user_model" | "base_model" | "abstained" | "mute";
export type Recovered = {
/**
 * Alerts in it.
 */
alerts: number,
/**
 * Alerts of which something could not be read; `null` where nothing was read of the damaged file.
 */
lost: number | null,
/**
 * Where the damaged file was put.
 */
kept: string, };
export type Recovery = {
/**
 * The database.
 */
path: string,
/**
 * What is wrong with it, in SQLite's words.
 */
reason: string,
/**
 * The backups in its folder, newest first.
 */
backups: Array<Backup>, };
export type Reference = {
/**
 * http or https only.
 */
url: string,
/**
 * What the source says of it: `Patch`, `Vendor Advisory`.
 */
tags: Array<string>, };
export type Relevance = {
/**
 * The answer.
 */
is_relevant: boolean,
/**
 * What decided.
 */
reason: Reason,
/**
 * The probability that it matters, where a model was asked.
 */
score: number | null,
/**
 * Where watches matched: title first, then text, then products; at most
 * [`crate::WatchSet::MOST_MATCHES`].
 */
matches: Array<WatchMatch>,
/**
 * Where mutes matched, in the same order; while any does, the alert does not matter.
 */
muted_by: Array<WatchMatch>, };
export type Rendered = { "kind": "email",
/**
 * One line, not encoded.
 */
subject: string,
/**
 * The plain part, lines ended by `\n`.
 */
text: string,
/**
 * The HTML part.
 */
html: string, } | { "kind": "slack",
/**
 * The fallback text, escaped.
 */
text: string,
/**
 * The blocks, as JSON text.
 */
blocks: string, } | { "kind": "telegram",
/**
 * With Telegram's tags.
 */
html: string,
/**
 * The same as plain text, for where the tags are refused.
 */
plain: string,
/**
 * Whether it comes without a sound.
 */
silent: boolean, } | { "kind": "desktop",
/**
 * One line.
 */
summary: string,
/**
 * A few lines, plain text.
 */
body: string,
/**
 * How loudly it asks.
 */
urgency: Urgency, };
export type RestoreFrom = {
/**
 * The backup.
 */
path: string, };
export type Restored = {
/**
 * Alerts in it.
 */
alerts: number,
/**
 * Where the database from before was put.
 */
kept: string, };
export type Retention = {
/**
 * Closed alerts, from when they were closed or last changed. For ever by default: what a team decided,
 * and why, is its record.
 */
closed_days: number,
/**
 * Articles that are closed, or New and irrelevant, from publication (or closing, where that was
 * later). A year by default: news of last year that mattered to nobody is found on the web.
 */
articles_days: number,
/**
 * New and irrelevant alerts but guidance, from the latest of publication, update and change. For ever
 * by default: a watch that is added later finds the old vulnerabilities of its product.
 */
irrelevant_days: number, };
export type RetentionFields = { closed_days?: number, articles_days?: number, irrelevant_days?: number, };
export type Ring = {
/**
 * When it was routed.
 */
at: Time,
/**
 * Which alert.
 */
id: AlertId,
/**
 * Its stable name.
 */
uid: string,
/**
 * Its title.
 */
title: string,
/**
 * Its level now.
 */
severity: Severity | null,
/**
 * Whether it is exploited.
 */
exploited: boolean,
/**
 * What happened.
 */
change: ChangeKind,
/**
 * The names of the channels that it goes to.
 */
channels: Array<string>,
/**
 * Whether it came since somebody looked.
 */
is_unseen: boolean, };
export type Row = {
/**
 * Which.
 */
id: AlertId,
/**
 * Its stable name: `CVE-2026-21413`.
 */
uid: string,
/**
 * What it is.
 */
kind: Kind,
/**
 * The source that brought it.
 */
source: SourceId,
/**
 * That source for people.
 */
source_name: string,
/**
 * Plain text, one line.
 */
title: string,
/**
 * Publication, or first seen if that was earlier or nothing is stated.
 */
published: Time,
/**
 * First stored here.
 */
added: Time,
/**
 * The last change of meaning, if any came after it was added.
 */
changed: Time | null,
/**
 * Whether that was after the user last looked at it.
 */
changed_since: boolean,
/**
 * The level; `None` = unscored.
 */
severity: Severity | null,
/**
 * Whether the level is an estimate.
 */
estimated: boolean,
/**
 * The score that is shown.
 */
score: ShownScore | null,
/**
 * The probability of exploitation, 0.0 to 1.0.
 */
epss: number | null,
/**
 * Whether it is known to be exploited.
 */
exploited: boolean,
/**
 * The threat category.
 */
category: string | null,
/**
 * The watches that matched, each once.
 */
matched: Array<string>,
/**
 * Whether it matters to this team.
 */
is_relevant: boolean,
/**
 * Whether a mute silences it; the finding says which.
 */
is_muted: boolean,
/**
 * Its state.
 */
state: State,
/**
 * Why it was closed.
 */
reason: string | null,
/**
 * Until when it is snoozed.
 */
until: Time | null,
/**
 * The user's tags.
 */
tags: Array<string>,
/**
 * What somebody said of its relevance: it matters, it does not; `None` = nothing.
 */
feedback: boolean | null,
/**
 * Whether it is new to the user: not opened yet, and not part of a first collection.
 */
unread: boolean,
/**
 * Characters of the title that the words of the query hit: first, one past the last.
 */
title_marks: Array<[number, number]>,
/**
 * The part of the text that they hit most; `None` where they hit none.
 */
snippet: Array<Piece> | null, };
export type Rule = {
/**
 * For people.
 */
name: string,
/**
 * Whether it is asked.
 */
enabled: boolean,
/**
 * Which alerts, in the query language; empty = all.
 */
query: string,
/**
 * Terms of watches, one of which must have matched; `*` is any watch; empty = none needs to.
 */
watches: Array<string>,
/**
 * The lowest level; what has none does not pass then, unless it is exploited.
 */
min_severity: Severity | null,
/**
 * What must have happened.
 */
changes: Array<Trigger>,
/**
 * Where to; `*` is every channel but those of the desktop.
 */
channels: Array<ChannelId>,
/**
 * When.
 */
when: When,
/**
 * Alerts an hour and channel that go out at once; the rest joins the channel's next digest. 0 = no cap.
 */
per_hour: number,
/**
 * The same a day.
 */
per_day: number, };
export type RuleId = string;
export type Run = {
/**
 * Its number in the database.
 */
id: number,
/**
 * Whose.
 */
source: SourceId,
/**
 * When it began.
 */
started: Time,
/**
 * When it ended.
 */
finished: Time | null,
/**
 * How it ended.
 */
outcome: RunOutcome,
/**
 * What it brought.
 */
counts: RunCounts,
/**
 * Why it failed.
 */
fault: Fault | null,
/**
 * The first records that could not be used, at most 20.
 */
problems: Array<Problem>,
/**
 * Why it was made.
 */
trigger: RunTrigger,
/**
 * What a person should know of it.
 */
note: RunNote | null, };
export type RunCounts = {
/**
 * Records read.
 */
read: number,
/**
 * Alerts stored for the first time.
 */
new: number,
/**
 * Alerts whose meaning changed.
 */
changed: number,
/**
 * Records that said nothing new.
 */
unchanged: number,
/**
 * Records that could not be used.
 */
problems: number, };
export type RunNote = { "kind": "not_modified" } | { "kind": "empty" } | { "kind": "moved",
/**
 * Where to, without what could be a secret.
 */
to: string, } | { "kind": "offline" } | { "kind": "paused" } | { "kind": "host_busy" } | { "kind": "waiting",
/**
 * Until then.
 */
until: Time, } | { "kind": "back_off",
/**
 * Until then.
 */
until: Time, } | { "kind": "mirror",
/**
 * The mirror, without what could be a secret.
 */
url: string, } | { "kind": "salvaged" } | { "kind": "few_entries" };
export type RunOutcome = "running" | "succeeded" | "failed" | "cancelled" | "interrupted" | "skipped";
export type RunTrigger = "schedule" | "asked" | "start" | "caught_up";
export type Scope = {
/**
 * Kinds of alerts: `vulnerability`, `article`, `guidance`.
 */
kinds: Array<string>,
/**
 * Sources, by id.
 */
sources: Array<string>,
/**
 * Parts of an alert.
 */
fields: Array<Field>, };
export type Score = {
/**
 * The version of CVSS.
 */
version: CvssVersion,
/**
 * Who gave it, for the ladder.
 */
issuer: Issuer,
/**
 * Who gave it, as the source names it (an e-mail address or a UUID).
 */
source: string,
/**
 * Whether NVD calls it `Primary`.
 */
primary: boolean,
/**
 * 0.0 to 10.0.
 */
score: number,
/**
 * The vector string as given.
 */
vector: string, };
export type SecretName = "email_password" | "nvd_api_key" | "slack_token" | "slack_webhook" | "telegram_token";
export type SecretPlace = "environment" | "file" | "keyring";
export type SecretRow = {
/**
 * Which.
 */
name: SecretName,
/**
 * Whose, where it is a channel's.
 */
channel: ChannelId | null,
/**
 * The variable that sets it.
 */
variable: string,
/**
 * Set or not, and by whom.
 */
state: SecretState, };
export type SecretState = { "kind": "set",
/**
 * Where it is kept.
 */
from: SecretPlace,
/**
 * Whether the app may replace or remove it.
 */
editable: boolean, } | { "kind": "not_set" };
export type SetSecret = {
/**
 * Which.
 */
name: SecretName,
/**
 * Whose, where it is a channel's; `None` = that of the built-in channel of its kind.
 */
channel?: ChannelId | null,
/**
 * The value; `None` removes it.
 */
value: string | null, };
export type Settings = {
/**
 * Light, dark, or as the system has it.
 */
theme: Theme,
/**
 * Where alerts come from, by id; the built-in ones are always there.
 */
sources: { [key in SourceId]: SourceSettings },
/**
 * What the team cares about, in the file's order, then what `KEYWORDS` adds.
 */
watches: Array<WatchSettings>,
/**
 * What is to be silent, in the file's order.
 */
mutes: Array<Mute>,
/**
 * The user's own views of the inbox, in the file's order.
 */
views: Array<ViewSettings>,
/**
 * How messages leave, by id; the built-in ones are always there.
 */
channels: { [key in ChannelId]: ChannelSettings },
/**
 * Which alerts and changes go to which channels, by id; the built-in ones are always there.
 */
rules: { [key in RuleId]: Rule },
/**
 * The local HTTP API.
 */
api: ApiSettings,
/**
 * How long alerts are kept that nobody needs any more.
 */
retention: Retention,
/**
 * What analysis is told.
 */
analysis: AnalysisSettings,
/**
 * Which keys the environment sets, and by which variable:
 * `channels.email.smtp_host` -> `SMTP_SERVER`. They cannot be edited.
 */
from_environment: { [key in string]: string }, };
export type SettingsNow = {
/**
 * The settings in force.
 */
settings: Settings,
/**
 * Keys that the environment sets, with the variable: `channels.email.smtp_host` -> `SMTP_SERVER`.
 * They are read-only.
 */
from_environment: { [key in string]: string },
/**
 * The secrets, each set or not; never their values.
 */
secrets: Array<SecretRow>,
/**
 * Where the file is.
 */
file: string,
/**
 * Where secrets set in the window are kept where there is no keyring.
 */
secrets_file: string,
/**
 * Why secrets cannot be kept in the keyring of the operating system; `None` = they are.
 */
keyring_fault: Fault | null,
/**
 * The time zone of this machine: `Europe/Berlin`.
 */
zone: string,
/**
 * Where the database is.
 */
database: string,
/**
 * What is wrong with the file.
 */
faults: Array<Fault>,
/**
 * Whether the file can be edited; not while its syntax is broken.
 */
is_editable: boolean, };
export type Severity = "low" | "medium" | "high";
export type SeverityBasis = { "kind": "score",
/**
 * The score that was chosen.
 */
score: Score, } | { "kind": "exploited",
/**
 * Who says so.
 */
by: ExploitedBy,
/**
 * The score that it was raised from, if anybody scored it.
 */
score: Score | null, } | { "kind": "named_cve",
/**
 * The CVE that gave it.
 */
cve: string, } | { "kind": "estimated",
/**
 * 0.0 to 1.0.
 */
probability: number, } | { "kind": "unscored" };
export type ShownScore = {
/**
 * 0.0 to 10.0.
 */
score: number,
/**
 * `3.1`.
 */
version: string,
/**
 * Who gave it.
 */
issuer: Issuer, };
export type SlackSettings = {
/**
 * Where its API is.
 */
base_url: string,
/**
 * The channel: `#alerts`, or its id. A webhook has its own.
 */
channel: string | null, };
export type SmtpTls = "starttls" | "implicit" | "none";
export type Sort = "newest" | "severity" | "score" | "epss" | "relevance" | "text_match";
export type SourceFields = { name?: string, enabled?: boolean, url?: string, interval_min?: number, allow_private?: boolean, first_days?: number, overlap_hours?: number, page_size?: number, pause_ms?: number, backoff_ms?: number, adaptive?: boolean, full_text?: boolean, group?: string, mirror?: string, editions?: Array<string>, };
export type SourceId = string;
export type SourceRef = {
/**
 * Which.
 */
source: SourceId, };
export type SourceRow = {
/**
 * Which.
 */
id: SourceId,
/**
 * What it is.
 */
kind: "nvd" | "kev" | "epss" | "owasp" | "feed",
/**
 * Its name for people.
 */
name: string,
/**
 * Where it is read.
 */
url: string,
/**
 * Whether it is collected on schedule.
 */
enabled: boolean,
/**
 * Minutes between two runs.
 */
interval_min: number,
/**
 * How it does.
 */
health: Health,
/**
 * How far the present run is; `None` while none runs.
 */
running: Progress | null,
/**
 * Its last run that ended.
 */
last_run: Run | null,
/**
 * Alerts that it brought.
 */
alerts: number,
/**
 * How it does, as one word.
 */
condition: Condition,
/**
 * That in a sentence, in English: what happened, what to do, what comes next.
 */
sentence: string,
/**
 * Whether its interval follows its own rhythm.
 */
adaptive: boolean,
/**
 * Whether its articles are fetched whole.
 */
full_text: boolean,
/**
 * Under which heading it is listed.
 */
group: string | null,
/**
 * Whether it is always there: it is switched off instead of removed.
 */
built_in: boolean,
/**
 * Whether it may be at a private, link-local or loopback address.
 */
allow_private: boolean,
/**
 * New items a day over the last 14 days.
 */
per_day: number | null,
/**
 * How reading all of NVD's years goes; only NVD has it.
 */
backfill: Backfill | null, };
export type SourceSettings = {
/**
 * For people: `NVD`, `The Hacker News`.
 */
name: string,
/**
 * Whether it is collected.
 */
enabled: boolean,
/**
 * Where it is: http or https.
 */
url: string,
/**
 * Minutes between two runs.
 */
interval_min: number,
/**
 * Whether it may be at a private, link-local or loopback address.
 */
allow_private: boolean, } & ({ "kind": "nvd" } & NvdSettings | { "kind": "kev" } & KevSettings | { "kind": "epss" } | { "kind": "owasp" } & OwaspSettings | { "kind": "feed" } & FeedSettings);
export type Span = {
/**
 * The field.
 */
field: Field,
/**
 * First character.
 */
start: number,
/**
 * One past the last character.
 */
end: number, };
export type Ssvc = {
/**
 * Who decided, as the source names it.
 */
source: string,
/**
 * When.
 */
at: Time | null,
/**
 * The decision points in their order, by name: `exploitation` is `none`, `poc` or `active`.
 */
options: Array<[string, string]>, };
export type State = "new" | "reviewing" | "action_needed" | "done" | "not_applicable" | "accepted_risk" | "snoozed";
export type Status = {
/**
 * The version of Tocsin.
 */
version: string,
/**
 * The backend's now: the interface never asks the browser's clock.
 */
now: Time,
/**
 * How the interface is shown.
 */
host: HostKind,
/**
 * Alerts stored.
 */
total: number,
/**
 * The views with their counts.
 */
views: Array<ViewRow>,
/**
 * Whether anything is watched; until then the window opens on All.
 */
has_watches: boolean,
/**
 * Sources that are being collected right now.
 */
collecting: Array<SourceId>,
/**
 * When a source was last collected well.
 */
last_collected: Time | null,
/**
 * Sources whose last run failed.
 */
failing: Array<SourceId>,
/**
 * Messages that failed or whose fate is unknown; 1000 = 1000 or more.
 */
undelivered: number,
/**
 * The last act of triage that can be undone.
 */
undo: LastAct | null,
/**
 * Long work that is being done.
 */
work: Array<Work>,
/**
 * What the user must know: one banner each.
 */
notices: Array<Fault>, };
export type SuggestExport = {
/**
 * What is to be exported, for people: a view's name, a query.
 */
name: string,
/**
 * In which form.
 */
format: ExportFormat, };
export type SuggestedPath = {
/**
 * In the user's folder for downloads, or at home; free.
 */
path: string, };
export type TagCount = {
/**
 * In its commonest spelling.
 */
tag: string,
/**
 * Alerts that have it, however it is spelt.
 */
count: number, };
export type Target = { "kind": "ids",
/**
 * At most 10,000.
 */
ids: Array<AlertId>, } | { "kind": "list",
/**
 * Its name.
 */
list: number,
/**
 * All but these.
 */
except: Array<AlertId>, } | { "kind": "query",
/**
 * In the query language.
 */
query: string, };
export type TaskInfo = {
/**
 * `severity`, `category`, `relevance`, `technique`, `entities` ...
 */
task: string,
/**
 * Its classes, in the order of the model's rows.
 */
classes: Array<string>,
/**
 * How many features it looks at.
 */
features: number,
/**
 * Bytes of its sections.
 */
bytes: number,
/**
 * How good it was on texts that it did not learn from.
 */
metrics: Array<Metric>, };
export type Technique = {
/**
 * ATT&CK's id: `T1059.001`.
 */
id: string,
/**
 * ATT&CK's name: `PowerShell`.
 */
name: string,
/**
 * 0.0 to 1.0.
 */
probability: number, };
export type TelegramSettings = {
/**
 * Where its API is.
 */
base_url: string,
/**
 * The chat: its number, or `@name` of a public channel.
 */
chat_id: string | null, };
export type TestResult = {
/**
 * What was tried, in order; ends with the first that failed.
 */
steps: Array<TestStep>,
/**
 * The exact cause where it failed; `None` = it went out.
 */
fault: Fault | null,
/**
 * Whether the test switched the channel on: it was off, nobody had switched it off, and the test was good.
 */
switched_on: boolean, };
export type TestStep = {
/**
 * Which: `connect`, `log_in`, `destination`, `message`.
 */
step: string,
/**
 * What it found: `Tocsin in Acme (T024BE7LD)`, `@tocsin_bot`; `None` where it failed.
 */
found: string | null,
/**
 * The exact cause where it failed.
 */
fault: Fault | null, };
export type Theme = "system" | "light" | "dark";
export type ThresholdHit = {
/**
 * Which.
 */
id: AlertId,
/**
 * Its title.
 */
title: string,
/**
 * The probability that it matters.
 */
score: number, };
export type ThresholdPreview = {
/**
 * How far back it looks.
 */
days: number,
/**
 * Articles since then.
 */
articles: number,
/**
 * Of these, relevant now.
 */
relevant_now: number,
/**
 * Of these, relevant with that threshold.
 */
relevant_then: number,
/**
 * Some that would become relevant, the likeliest first.
 */
gained: Array<ThresholdHit>,
/**
 * Some that would no longer be, the least likely first.
 */
lost: Array<ThresholdHit>, };
export type Time = string;
export type TriageEntry = {
/**
 * When.
 */
at: Time,
/**
 * What was done.
 */
act: Act,
/**
 * The state before, where the act set the state.
 */
before: State | null,
/**
 * Whether it was taken back.
 */
undone: boolean,
/**
 * The alerts of the act.
 */
alerts: number, };
export type TriageId = number;
export type Triaged = {
/**
 * Its number; `None` where nothing changed.
 */
undo: TriageId | null,
/**
 * Alerts that it changed.
 */
changed: number, };
export type Trigger = "new" | "scored" | "severity_raised" | "raised_to_high" | "severity_lowered" | "exploited" | "epss_jump" | "products_changed" | "text_changed" | "rejected" | "reopened";
export type Undo = {
/**
 * Which; `None` for the last one that was not undone yet, also from before a restart.
 */
id?: TriageId, };
export type Undone = {
/**
 * The act that was taken back; `None` where there was nothing to undo.
 */
act: Act | null,
/**
 * Alerts that are again as they were before it. Those that were changed since stay as they are.
 */
changed: number,
/**
 * These alerts, at most 500.
 */
ids: Array<AlertId>, };
export type Urgency = "low" | "normal" | "critical";
export type UserModel = {
/**
 * Whether it speaks.
 */
state: UserModelState,
/**
 * Labels that say an alert matters.
 */
relevant: number,
/**
 * Labels that say it does not.
 */
not_relevant: number,
/**
 * Labels from which it speaks, both kinds together.
 */
needed: number,
/**
 * Of these, at least so many of each kind.
 */
needed_of_each: number,
/**
 * When it was made.
 */
trained: Time | null,
/**
 * Features that it has a weight for.
 */
features: number,
/**
 * How it does on labels that it was not made from.
 */
cross: CrossValidated | null,
/**
 * Its strongest terms: for relevance first, then against.
 */
terms: Array<LearntTerm>, };
export type UserModelState = "none" | "gathering" | "speaking" | "held_back";
export type VersionRange = {
/**
 * This version alone, with its update: `1.0 rc1`.
 */
exactly?: string,
/**
 * From this version on.
 */
from?: string,
/**
 * From after this version on.
 */
after?: string,
/**
 * Up to and with this version.
 */
through?: string,
/**
 * Up to but without this version.
 */
before?: string, };
export type VersionSpan = {
/**
 * The first version.
 */
from: string | null,
/**
 * Whether it is meant too.
 */
from_included: boolean,
/**
 * The last version.
 */
to: string | null,
/**
 * Whether it is meant too.
 */
to_included: boolean, };
export type ViewRow = {
/**
 * Names it: `high`, or `view:` and the name of one of the user's.
 */
id: string,
/**
 * For people; `None` for a built-in one, which the interface words.
 */
name: string | null,
/**
 * What it shows, in the query language.
 */
query: string,
/**
 * Its order.
 */
sort: Sort,
/**
 * Columns of the compact list; empty = the usual ones.
 */
columns: Array<Column>,
/**
 * Whether it is part of Tocsin.
 */
built_in: boolean,
/**
 * Alerts in it.
 */
count: number,
/**
 * Of these, the ones that came after their source's first collection and were not opened yet.
 */
unread: number, };
export type ViewSettings = {
/**
 * For people; unique, letter case aside.
 */
name: string,
/**
 * What it shows, in the query language.
 */
query: string,
/**
 * Its order.
 */
sort: Sort,
/**
 * Columns of the compact list; empty = the usual ones.
 */
columns: Array<Column>, };
export type Watch = {
/**
 * The term or the regex; it also names the watch. Of a product: its name for people.
 */
term: string,
/**
 * Other spellings that count as the term; of a regex, further ones.
 */
aliases: Array<string>,
/**
 * Phrases that do not count, although the term is in them.
 */
exceptions: Array<string>,
/**
 * How it is looked for.
 */
kind: WatchKind,
/**
 * What is looked for where it is a product.
 */
product: WatchedProduct | null,
/**
 * Where it is looked for.
 */
scope: Scope,
/**
 * Whether it is looked for at all.
 */
enabled: boolean, };
export type WatchKind = "term" | "regex" | "product";
export type WatchMatch = {
/**
 * The watch's term.
 */
watch: string,
/**
 * What was found: the term, the regex, the product's name or one of the aliases, as the user wrote it.
 */
term: string,
/**
 * Where it was found.
 */
field: Field,
/**
 * First character in that field, counted in Unicode scalar values. Where a product is in its
 * source's data alone and no text names it, it is `end`.
 */
start: number,
/**
 * One past the last character.
 */
end: number,
/**
 * Of a product: which of the versions that the team runs are affected, `2.4.1, 2.4.2`; `None` where
 * the watch names none, or nobody says which are.
 */
version: string | null, };
export type WatchPreview = {
/**
 * The days that were looked through: the last ones, by publication.
 */
days: number,
/**
 * Alerts of these that it matches.
 */
count: number,
/**
 * Alerts of these in all.
 */
of: number,
/**
 * Whether all of them were looked through; otherwise the newest were, and there may be more.
 */
is_complete: boolean,
/**
 * Alerts that the one that it replaces matches, and it would not.
 */
would_lose: number,
/**
 * The newest few that it matches.
 */
examples: Array<PreviewHit>, };
export type WatchRow = {
/**
 * The watch.
 */
watch: Watch,
/**
 * Whether `KEYWORDS` brought it; then it is read-only.
 */
from_environment: boolean,
/**
 * Stored alerts that it matches; `None` while they are being counted.
 */
alerts: number | null,
/**
 * Of these, the ones of the last 30 days.
 */
recent: number | null, };
export type WatchSettings = {
/**
 * Whether `KEYWORDS` set it; then it cannot be edited.
 */
from_environment: boolean,
/**
 * The term or the regex; it also names the watch. Of a product: its name for people.
 */
term: string,
/**
 * Other spellings that count as the term; of a regex, further ones.
 */
aliases: Array<string>,
/**
 * Phrases that do not count, although the term is in them.
 */
exceptions: Array<string>,
/**
 * How it is looked for.
 */
kind: WatchKind,
/**
 * What is looked for where it is a product.
 */
product: WatchedProduct | null,
/**
 * Where it is looked for.
 */
scope: Scope,
/**
 * Whether it is looked for at all.
 */
enabled: boolean, };
export type WatchedProduct = {
/**
 * Its vendor: `apache`. With one, the product of another vendor is not it, and in a text its name
 * counts only where the vendor is named too.
 */
vendor: string | null,
/**
 * Its name: `http_server`.
 */
product: string,
/**
 * The versions that the team runs: `2.4.1`, `2.4.x`, or spans: `>=2.0 <2.4`. Empty = any.
 */
versions: Array<string>, };
export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
export type WeightedTerm = {
/**
 * As it was first written in the document.
 */
term: string,
/**
 * How much it moved the answer's log-odds: for it where positive, against it where negative.
 */
weight: number,
/**
 * Where it stands; a few places at most.
 */
spans: Array<Span>, };
export type When = { "kind": "now" } | { "kind": "digest",
/**
 * Times of day, `08:00`, in order, each once, at least one.
 */
at: Array<string>,
/**
 * On which days; empty = every day.
 */
days: Array<Weekday>,
/**
 * IANA name of the time zone; `None` = that of this machine.
 */
zone: string | null, };
export type Why = "not_english" | "too_short" | "no_model";
export type Wording = {
/**
 * The title.
 */
title: string | null,
/**
 * The text.
 */
text: string | null, };
export type Work = {
/**
 * Names it.
 */
id: number,
/**
 * What it is.
 */
kind: WorkKind,
/**
 * Steps done.
 */
done: number,
/**
 * Steps in all, where known.
 */
total: number | null,
/**
 * Whether it can be stopped.
 */
can_cancel: boolean, };
export type WorkKind = "backup" | "restore" | "export" | "import" | "optimise" | "retention" | "triage" | "reanalyse" | "recount";
export type WorkRef = {
/**
 * Which.
 */
id: number, };

/** What the interface may ask, by name. */
export interface Commands {
  /** The state of the whole app. */
  status: { request: Nothing; response: Status };
  /** Opens an address in the system's browser. */
  open_url: { request: OpenUrl; response: Nothing };
  /** Stops a piece of long work. */
  work_cancel: { request: WorkRef; response: Nothing };
  /** Opens a list: its count, and a name for asking for rows. */
  list_open: { request: OpenList; response: ListOpened };
  /** Rows of an open list. */
  list_rows: { request: ListRows; response: Array<Row> };
  /** How many alerts came since a list was opened. */
  list_fresh: { request: ListFresh; response: FreshCount };
  /** What could be typed into the search box. */
  query_complete: { request: QueryComplete; response: Completion };
  /** One alert in full. */
  alert_get: { request: AlertRef; response: Detail };
  /** Why analysis says what it says of an alert, with the places in its title and text. */
  alert_explain: { request: AlertRef; response: Explanation };
  /** The models in force, and what was learnt from triage. */
  analysis_status: { request: Nothing; response: AnalysisStatus };
  /** What people said of alerts, by word or by closing them, the newest first. */
  analysis_labels: { request: AskLabels; response: Labels };
  /** Makes the user's model anew and decides whether it speaks. */
  analysis_retrain: { request: Nothing; response: Nothing };
  /** Forgets all labels and what was learnt from them; triage stays. */
  analysis_reset: { request: Nothing; response: Nothing };
  /** Writes the user's model and its labels into a file. */
  analysis_export: { request: ExportModel; response: Nothing };
  /** Puts a user's model from a file in force. */
  analysis_import: { request: ImportModel; response: Nothing };
  /** Begins to analyse all stored alerts again; how far it is stands in the status. */
  analysis_reanalyse: { request: Nothing; response: Nothing };
  /** What another threshold of relevance would change. */
  analysis_threshold_preview: { request: AskThreshold; response: ThresholdPreview };
  /** Does something to one or many alerts, as one act. */
  triage_act: { request: DoAct; response: Triaged };
  /** Takes the last act back, or the one that is named. */
  triage_undo: { request: Undo; response: Undone };
  /** The tags that people gave. */
  tags_list: { request: Nothing; response: Array<TagCount> };
  /** All sources with their health. */
  sources_list: { request: Nothing; response: Array<SourceRow> };
  /** The newest 50 runs of a source. */
  source_runs: { request: SourceRef; response: Array<Run> };
  /** Starts collecting; progress comes as events. */
  collect_start: { request: OneOrAll; response: Nothing };
  /** Stops collecting; what is stored stays. */
  collect_cancel: { request: OneOrAll; response: Nothing };
  /** The catalogue of well-known feeds. (They are added by `settings_edit`.) */
  presets_list: { request: Nothing; response: Array<Preset> };
  /** Finds the feeds of a site's address, or of a feed's, and shows what is in them. */
  feed_discover: { request: FeedDiscover; response: Discovered };
  /** Adds the feeds of a list (OPML) that are not read already. */
  opml_import: { request: OpmlImport; response: OpmlImported };
  /** Writes the feeds as a list (OPML). */
  opml_export: { request: OpmlExport; response: OpmlExported };
  /** Starts reading all years of NVD, or those from one on; how far it is stands with its source. */
  backfill_start: { request: BackfillStart; response: Nothing };
  /** Pauses it. */
  backfill_pause: { request: Nothing; response: Nothing };
  /** Goes on where it stopped. */
  backfill_resume: { request: Nothing; response: Nothing };
  /** Ends it; what was read stays. */
  backfill_cancel: { request: Nothing; response: Nothing };
  /** What is set, and by whom. */
  settings_get: { request: Nothing; response: SettingsNow };
  /** Changes settings.toml. */
  settings_edit: { request: EditSettings; response: Nothing };
  /** Sets or removes a secret. */
  secret_set: { request: SetSecret; response: Nothing };
  /** The watches, each with what it matches. (They are changed by `settings_edit`.) */
  watches_list: { request: Nothing; response: Array<WatchRow> };
  /** The mutes, each with what it silences. (They are changed by `settings_edit`.) */
  mutes_list: { request: Nothing; response: Array<MuteRow> };
  /** What a watch would match among the alerts of the last 30 days, before it is saved. */
  watch_preview: { request: PreviewWatch; response: WatchPreview };
  /** What a mute would match among the alerts of the last 30 days, before it is saved. */
  mute_preview: { request: PreviewMute; response: WatchPreview };
  /** Vendors and products that are stored, for completion. */
  product_suggest: { request: ProductSuggest; response: Array<ProductSuggestion> };
  /** All channels, and how each does. */
  channels_list: { request: Nothing; response: Array<ChannelRow> };
  /** Logs in, sends a test message and says the exact cause where that fails. A good test starts a stopped */
  /** channel again, and switches on one that was just connected. */
  channel_test: { request: ChannelRef; response: TestResult };
  /** Places that messages could go to, as the service knows them. */
  channel_places: { request: ChannelRef; response: Array<Place> };
  /** A message of a real alert, as the channel would send it. */
  channel_preview: { request: AskPreview; response: Preview };
  /** Starts a stopped channel again without a test. */
  channel_resume: { request: ChannelRef; response: Nothing };
  /** What a rule would have sent in the last 30 days. */
  rule_backtest: { request: AskBacktest; response: Backtest };
  /** Messages, the newest first. */
  deliveries_list: { request: AskDeliveries; response: Deliveries };
  /** A message in full, with what went out. */
  delivery_get: { request: DeliveryRef; response: DeliveryDetail };
  /** Sends a failed, unknown or expired message once more. */
  delivery_resend: { request: DeliveryRef; response: Nothing };
  /** Gives a failed, unknown, expired or waiting message up. */
  delivery_drop: { request: DeliveryRef; response: Nothing };
  /** Does that to all that failed. */
  deliveries_act: { request: ActOnFailed; response: Nothing };
  /** What rules sent anywhere, the newest first. */
  bell_get: { request: Nothing; response: Bell };
  /** Marks all of it as seen. */
  bell_seen: { request: Nothing; response: Nothing };
  /** A free path for an export. */
  export_suggest: { request: SuggestExport; response: SuggestedPath };
  /** Writes alerts into a file. */
  export_run: { request: ExportRun; response: Exported };
  /** Takes over a JSON export of Tocsin's: stored as seen, nobody is notified. */
  import_run: { request: ImportRun; response: Imported };
  /** What is stored, and where. */
  data_status: { request: Nothing; response: DataStatus };
  /** Makes a verified backup; progress is in the status. */
  data_backup: { request: BackUp; response: Backup };
  /** Puts a backup in the place of the database; the one from before is kept. */
  data_restore: { request: RestoreFrom; response: Restored };
  /** Removes now what the settings no longer keep. */
  data_clean: { request: Nothing; response: Cleaned };
  /** Makes the database small and quick now. */
  data_optimise: { request: Nothing; response: Optimised };
  /** What is damaged, and what could take its place. */
  recovery_get: { request: Nothing; response: Recovery };
  /** Puts a backup in the place of the damaged database. */
  recovery_restore: { request: RestoreFrom; response: Recovered };
  /** Puts what can still be read in the place of the damaged database. */
  recovery_salvage: { request: Nothing; response: Recovered };
  /** Puts an empty database in the place of the damaged one. */
  recovery_new: { request: Nothing; response: Recovered };
}
