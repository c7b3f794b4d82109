// The hooks that end-to-end tests hold on to, in one place. Everything else is found by role and name.
export const testid = {
  appReady: 'app-ready',
  view: (view: string) => `view-${view}`,
  list: 'list',
  row: 'row', // with data-uid and data-state
  search: 'search',
  resultCount: 'result-count',
  freshPill: 'fresh-pill',
  detail: 'detail',
  detailTitle: 'detail-title',
  actDone: 'act-done',
  actActionNeeded: 'act-action-needed',
  actNotApplicable: 'act-not-applicable',
  actReviewing: 'act-reviewing',
  snackbar: 'snackbar',
  undo: 'undo',
  collect: 'collect',
  syncState: 'sync-state',
  nav: (screen: 'inbox' | 'notifications' | 'watches' | 'sources' | 'settings') => `nav-${screen}`,
  source: (id: string) => `source-${id}`,
  settings: (section: 'general' | 'channels' | 'routing' | 'analysis' | 'api' | 'data' | 'about') => `settings-${section}`,
  watchTerm: 'watch-term',
  watchAdd: 'watch-add',
  watch: (term: string) => `watch-${term}`,
  watchPart: (part: string) => `watch-part-${part}`, // watches, mutes
  watchKind: (kind: string) => `watch-kind-${kind}`, // term, product, regex
  watchField: (name: string) => `watch-field-${name}`, // vendor, product, versions, aliases, exceptions, end, end-day
  watchScope: (what: string) => `watch-scope-${what}`, // a kind, a field, or a source's id
  watchMore: 'watch-more',
  watchPreview: 'watch-preview', // with data-count
  watchExample: 'watch-example',
  watchFault: 'watch-fault',
  watchEdit: 'watch-edit',
  watchRemove: 'watch-remove',
  watchSwitch: 'watch-switch',
  watchFind: 'watch-find',
  watchChoice: 'watch-choice', // what an alert offers to be watched or muted
  mute: (term: string) => `mute-${term}`,
  channel: (id: string) => `channel-${id}`,
  channelField: (id: string, name: string) => `${id}-${name}`, // smtp_host, user, channel, chat_id, base_url, name, group_s, weekly_test ...
  channelSecret: (id: string, secret: string) => `${id}-${secret.replace(/^(?:email|slack|telegram)_/, '')}`, // password, token, webhook
  channelSecretSave: (id: string, secret: string) => `${id}-${secret.replace(/^(?:email|slack|telegram)_/, '')}-save`,
  channelState: (id: string) => `${id}-state`, // with data-state
  channelResume: (id: string) => `${id}-resume`,
  channelRemove: (id: string) => `${id}-remove`,
  channelPart: (id: string, part: string) => `${id}-part-${part}`, // connection, quiet, timing, preview
  channelUndelivered: (id: string) => `${id}-undelivered`,
  channelFind: (id: string) => `${id}-find`,
  channelPlace: 'channel-place', // with data-id
  channelPreview: (id: string, what: string) => `${id}-preview-${what}`, // alert, digest
  channelAdd: 'channel-add',
  channelAddKind: 'channel-add-kind',
  channelAddName: 'channel-add-name',
  channelAddRun: 'channel-add-run',
  quietOn: (id: string) => `${id}-quiet-on`,
  quietField: (id: string, name: string) => `${id}-quiet-${name}`, // from, to, day-mon ..., zone, pass_high, pass_exploited
  digestField: (id: string, name: string) => `${id}-digest-${name}`, // at, day-mon ..., zone
  testStep: 'test-step', // with data-step, data-ok
  channelEnabled: (id: string) => `${id}-enabled`,
  channelTest: (id: string) => `${id}-test`,
  testResult: 'test-result',
  theme: 'theme',

  // messages
  message: 'message', // with data-kind
  messageForm: (form: string) => `message-${form}`, // looks, plain
  rule: (id: string) => `rule-${id}`,
  ruleAdd: 'rule-add',
  ruleSwitch: (id: string) => `rule-${id}-enabled`,
  ruleEdit: (id: string) => `rule-${id}-edit`,
  ruleRemove: (id: string) => `rule-${id}-remove`,
  ruleReset: (id: string) => `rule-${id}-reset`,
  ruleForm: 'rule-form',
  ruleField: (name: string) => `rule-field-${name}`, // name, query, severity, per_hour, per_day
  ruleWatches: (choice: string) => `rule-watches-${choice}`, // none, any, some
  ruleWatch: (term: string) => `rule-watch-${term}`,
  ruleChange: (trigger: string) => `rule-change-${trigger}`,
  ruleQuietChanges: 'rule-quiet-changes',
  ruleChannel: (id: string) => `rule-channel-${id}`,
  ruleWhen: (when: string) => `rule-when-${when}`, // now, digest
  ruleSave: 'rule-save',
  ruleCancel: 'rule-cancel',
  ruleProblem: 'rule-problem',
  backtest: 'backtest', // with data-alerts
  backtestExample: 'backtest-example',
  folder: (folder: string) => `folder-${folder}`, // all, outbox, delivered, failed, digests
  folderChannel: 'folder-channel',
  delivery: 'delivery', // a row, with data-id, data-state
  deliveriesMore: 'deliveries-more',
  deliveryDetail: 'delivery-detail', // with data-id, data-state
  deliveryResend: 'delivery-resend',
  deliveryDrop: 'delivery-drop',
  deliverySubject: 'delivery-subject', // with data-uid
  deliveryAttempt: 'delivery-attempt',
  resendAll: 'resend-all',
  dropAll: 'drop-all',
  bell: 'bell', // with data-unseen
  ring: 'ring', // with data-uid, data-unseen
  bellAll: 'bell-all',
  notified: 'notified', // the deliveries of an alert
  notifiedEntry: 'notified-entry', // with data-state

  // searching
  searchHelp: 'search-help',
  searchExample: 'search-example',
  completion: 'completion',
  completionItem: 'completion-item', // with data-insert
  queryFault: 'query-fault',
  sort: 'sort',
  ranked: 'ranked',
  comfortable: 'density-comfortable',
  compact: 'density-compact',
  columns: 'columns',
  column: (column: string) => `column-${column}`,
  snippet: 'snippet',

  // views of the user's
  saveView: 'save-view',
  viewName: 'view-name',
  viewQuery: 'view-query',
  viewSort: 'view-sort',
  viewColumn: (column: string) => `view-column-${column}`,
  viewConfirm: 'view-confirm',
  viewMenu: (id: string) => `view-menu-${id}`,
  viewEdit: 'view-edit',
  viewUp: 'view-up',
  viewDown: 'view-down',
  viewRemove: 'view-remove',

  // triage
  actAcceptedRisk: 'act-accepted-risk',
  actSnooze: 'act-snooze',
  actReason: 'act-reason',
  actTag: 'act-tag',
  actRead: 'act-read',
  selectionBar: 'selection-bar',
  selectionCount: 'selection-count',
  selectionAll: 'selection-all',
  selectionClear: 'selection-clear',
  bulk: (act: string) => `bulk-${act}`, // done, not-applicable, action-needed, accepted-risk, reason, snooze, tag, read, unread, export
  snooze: (choice: string) => `snooze-${choice}`, // later, tomorrow, monday, week
  snoozeDay: 'snooze-day',
  snoozeTime: 'snooze-time',
  snoozeConfirm: 'snooze-confirm',
  reasonState: (state: string) => `reason-${state}`,
  reasonPreset: 'reason-preset',
  reasonText: 'reason-text',
  reasonConfirm: 'reason-confirm',
  tagInput: 'tag-input',
  tagOption: 'tag-option', // with data-tag
  tag: (tag: string) => `tag-${tag}`,
  tagRemove: (tag: string) => `tag-remove-${tag}`,
  note: 'note',
  noteAdd: 'note-add',
  noteText: 'note-text',
  noteSave: 'note-save',
  noteEdit: 'note-edit',
  noteRemove: 'note-remove',
  timeline: 'timeline',
  timelineNew: 'timeline-new',
  timelineEntry: 'timeline-entry', // with data-new, data-undone

  // analysis
  why: 'why', // with data-reason
  feedback: (which: string) => `feedback-${which}`, // relevant, not-relevant
  actWatch: 'act-watch',
  actMute: 'act-mute',
  explain: 'explain',
  explained: 'explained', // with data-about
  explainChoice: 'explain-choice', // with data-about
  explainTerm: 'explain-term', // with data-term
  names: 'names',
  nameEntry: 'name-entry', // with data-kind, data-name
  nameSearch: 'name-search',
  nameWatch: 'name-watch',
  indicators: 'indicators',
  indicator: 'indicator', // with data-kind, data-value
  indicatorForm: (form: string) => `indicator-form-${form}`, // defanged, live
  indicatorCopyAll: (kind: string) => `indicator-copy-all-${kind}`,
  model: 'model', // with data-origin
  modelFile: 'model-file',
  modelEmbedded: 'model-embedded',
  threshold: 'threshold',
  thresholdPreview: 'threshold-preview',
  thresholdApply: 'threshold-apply',
  learnt: 'learnt', // with data-state
  retrain: 'retrain',
  label: 'label', // a row, with data-uid, data-relevant
  labelRemove: 'label-remove',
  labelTurn: 'label-turn',
  labelsNext: 'labels-next',
  labelsPrevious: 'labels-previous',
  learntPath: 'learnt-path',
  learntExport: 'learnt-export',
  learntReplace: 'learnt-replace',
  learntImport: 'learnt-import',
  learntReset: 'learnt-reset',
  reanalyse: 'reanalyse',

  // sources
  sourceState: 'source-state', // with data-condition
  sourceSwitch: (id: string) => `source-${id}-enabled`,
  sourceCollect: (id: string) => `source-${id}-collect`,
  sourceCancel: (id: string) => `source-${id}-cancel`,
  sourceMore: (id: string) => `source-${id}-more`,
  sourceEdit: (id: string) => `source-${id}-edit`,
  sourceRuns: (id: string) => `source-${id}-runs`,
  sourceRemove: (id: string) => `source-${id}-remove`,
  sourceField: (id: string, name: string) => `source-${id}-field-${name}`, // name, url, group, rhythm, interval_min, full_text, allow_private, mirror
  sourceEdition: (id: string, edition: string) => `source-${id}-edition-${edition}`,
  sourceFind: 'source-find',
  sourceFilter: (filter: string) => `source-filter-${filter}`, // all, attention, off
  run: 'run', // a row of a run log, with data-outcome
  runProblems: 'run-problems',
  feedAdd: 'feed-add',
  feedAddress: 'feed-address',
  feedLook: 'feed-look',
  feedFound: 'feed-found', // with data-url
  feedFault: 'feed-fault',
  feedPrivate: 'feed-private',
  feedName: 'feed-name',
  feedGroup: 'feed-group',
  feedFullText: 'feed-full-text',
  feedRun: 'feed-run',
  presets: 'presets',
  presetFind: 'preset-find',
  preset: (id: string) => `preset-${id}`,
  presetsRun: 'presets-run',
  opmlImport: 'opml-import',
  opmlExport: 'opml-export',
  opmlPath: 'opml-path',
  opmlRun: 'opml-run',
  opmlReplace: 'opml-replace',
  opmlResult: 'opml-result',
  nvdKey: 'nvd-key',
  nvdKeySave: 'nvd-key-save',
  backfill: 'backfill', // with data-state
  backfillYear: 'backfill-year',
  backfillStart: 'backfill-start',
  backfillPause: 'backfill-pause',
  backfillResume: 'backfill-resume',
  backfillCancel: 'backfill-cancel',

  // data
  export: 'export',
  exportFormat: (format: string) => `export-${format}`,
  exportPath: 'export-path',
  exportRun: 'export-run',
  exportReplace: 'export-replace',
  exportResult: 'export-result',
  dataPath: 'data-path',
  dataSize: 'data-size',
  dataResult: (what: string) => `data-result-${what}`, // optimise, clean, backup, restore, import
  optimise: 'data-optimise',
  retention: (field: string) => `retention-${field}`,
  removable: 'data-removable',
  cleanUp: 'data-clean',
  backUp: 'data-backup',
  backup: 'backup', // a row, with data-path
  backupRestore: 'backup-restore',
  restorePath: 'restore-path',
  restoreOther: 'restore-other',
  confirm: 'confirm',
  importPath: 'import-path',
  importRun: 'import-run',
  work: 'work', // with data-kind
  workCancel: 'work-cancel',
  recovery: 'recovery',
  recoverySalvage: 'recovery-salvage',
  recoveryNew: 'recovery-new',
  recoveryResult: 'recovery-result',
  recoveryGo: 'recovery-go',
} as const;
