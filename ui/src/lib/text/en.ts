// Every text that the interface shows, in English. Plain objects and functions: a missing or misspelt text
// does not compile. Words for the domain come from product.md, one word per idea.
import type {
  Act, Column, Field, HostKind, Issuer, Kind, Severity, Sort, State, Theme, Work, WorkKind,
} from '$lib/ipc/generated';
import type { Span } from '$lib/time/relative';
import { alerts, count, quote } from './en-words';
import { enAnalysis } from './en-analysis';
import { enChannels } from './en-channels';
import { enData, enExport, enRecovery } from './en-data';
import { enFaults } from './en-faults';
import { enNotifyFaults } from './en-faults-notify';
import { enSettingsFaults } from './en-faults-settings';
import { enNotifications } from './en-notifications';
import { enNotify } from './en-notify';
import { enQuery } from './en-query';
import { enRouting } from './en-routing';
import { enSources } from './en-sources';
import { enWatches } from './en-watches';
import { likely, list, number, percent, plural, score } from './format';

const unit = ({ unit: u, count: n }: Span): string =>
  ({ minute: `${n} min`, hour: `${n} h`, day: `${n} d`, month: `${n} mo`, year: `${n} y` })[u];

const severities: Record<Severity, string> = { low: 'Low', medium: 'Medium', high: 'High' };
const states: Record<State, string> = {
  new: 'New', reviewing: 'Reviewing', action_needed: 'Action needed', done: 'Done', not_applicable: 'Not applicable',
  accepted_risk: 'Accepted risk', snoozed: 'Snoozed',
};
const views: Record<string, string> = {
  new: 'New', all: 'All', high: 'High', exploited: 'Exploited', unscored: 'Unscored', watching: 'Watching',
  in_progress: 'In progress', snoozed: 'Snoozed', closed: 'Closed', muted: 'Muted',
};
/** A view by its id; the user's carries its name in it. */
const viewName = (id: string): string => views[id] ?? id.replace(/^view:/, '');
const works: Record<WorkKind, string> = {
  backup: 'Backing up', restore: 'Restoring', export: 'Exporting', import: 'Importing', optimise: 'Optimising', retention: 'Cleaning up', triage: 'Updating alerts', reanalyse: 'Analysing again', recount: 'Counting what watches match',
};
const severityWord = (severity: Severity | null): string => (severity === null ? 'Unscored' : severities[severity]);
const feedback = (relevant: boolean | null): string => (relevant === null ? 'Neither relevant nor not' : relevant ? 'Said to be relevant' : 'Said to be not relevant');
const issuers: Record<Issuer, string> = { nvd: 'NVD', cna: 'CNA', 'cisa-adp': 'CISA-ADP' };
const fields: Record<Field, string> = { title: 'the title', text: 'the text', products: 'the affected products' };

export const en = {
  app: {
    name: 'Tocsin',
    loading: 'Opening…',
    retry: 'Try again',
    dismiss: 'Dismiss',
    close: 'Close',
    copy: 'Copy',
    copied: 'Copied',
    notices: 'Notices',
  },
  nav: { label: 'Screens', inbox: 'Inbox', notifications: 'Notifications', watches: 'Watches', sources: 'Sources', settings: 'Settings', views: 'Views' },
  viewName,
  viewCount: (view: string, n: number): string => `${viewName(view)}, ${alerts(n)}`,
  savedViews: {
    title: 'Your views',
    save: 'Save as a view',
    menu: (name: string): string => `${name}: rename, move, delete`,
    edit: 'Rename or edit',
    up: 'Move up',
    down: 'Move down',
    remove: 'Delete',
    removed: (name: string): string => `View ${quote(name)} deleted`,
    saved: (name: string): string => `View ${quote(name)} saved`,
    undo: 'Undo',
    newTitle: 'Save as a view',
    editTitle: (name: string): string => `Edit view ${quote(name)}`,
    name: 'Name',
    namePlaceholder: 'Edge, likely soon',
    query: 'Query',
    queryHint: 'Empty for everything',
    sort: 'Order',
    columns: 'Columns of the one-line list',
    confirm: 'Save view',
    replace: 'Replace view',
    cancel: 'Cancel',
    needsName: 'A view needs a name.',
    taken: (name: string): string => `There is a view ${quote(name)}; saving replaces it.`,
    failed: (why: string): string => `The view could not be changed. ${why}`,
  },
  work: {
    label: 'Work under way',
    words: ({ kind, done, total }: Work): string => (total === null || total === 0 ? works[kind] : `${works[kind]}, ${number(Math.floor((100 * done) / total))} %`),
    more: ({ kind, done, total }: Work): string => (total === null ? `${works[kind]}, ${number(done)} so far` : `${works[kind]}, ${number(done)} of ${number(total)}`),
    cancel: 'Cancel',
    cancelLabel: (kind: WorkKind): string => `Cancel: ${works[kind]}`,
    cancelFailed: (why: string): string => `It could not be stopped. ${why}`,
  },
  failingCount: (n: number): string => `${number(n)} failing`,
  severity: { ...severities, unscored: 'Unscored', estimatedHow: 'Estimated from the text; nobody scored it yet' },
  exploited: 'Exploited',
  exploitedHow: 'Known to be exploited',
  states,
  issuers,
  kinds: { vulnerability: 'vulnerability', article: 'article', guidance: 'guidance' } satisfies Record<Kind, string>,

  time: {
    short: (s: Span): string => (s.unit === 'minute' && s.count === 0 ? 'now' : unit(s)),
    ago: (s: Span): string => (s.unit === 'minute' && s.count === 0 ? 'just now' : `${unit(s)} ago`),
    until: (s: Span): string => (s.unit === 'minute' && s.count === 0 ? 'now' : `in ${unit(s)}`),
  },

  search: {
    label: 'Search alerts',
    placeholder: 'Search titles, texts, products, CVE ids',
    clear: 'Clear search',
    help: 'Query help',
    suggestions: 'Suggestions',
    kinds: { field: 'field', value: 'value', operator: 'operator' },
    suggested: (n: number): string => count(n, 'suggestion', 'suggestions'),
    at: (n: number): string => `Character ${number(n)}`,
  },
  query: enQuery,

  sync: {
    collect: 'Collect',
    cancel: 'Cancel',
    never: 'Nothing collected yet',
    collected: (ago: string): string => `Collected ${ago}`,
    collecting: (names: string): string => `Collecting ${names}`,
    progress: (name: string, done: number, total: number | null): string =>
      total === null ? `Collecting ${name}, ${number(done)} so far` : `Collecting ${name} ${number(done)} of ${number(total)}`,
    progressMore: (text: string, more: number): string => `${text} and ${count(more, 'more source', 'more sources')}`,
    failing: (names: readonly string[]): string =>
      names.length > 2 ? `${number(names.length)} sources fail` : `${list(names)} ${plural(names.length, { one: 'fails', other: 'fail' })}`,
    offline: 'Tocsin does not answer',
  },

  foot: {
    stored: (n: number): string => `${alerts(n)} stored`,
    keys: { move: 'move', open: 'open', done: 'done', all: 'all keys' },
    version: (v: string): string => `Tocsin ${v}`,
  },

  list: {
    label: 'Alerts',
    count: (n: number): string => alerts(n),
    countOf: (n: number, total: number): string => `${number(n)} of ${number(total)}`,
    fresh: (n: number): string => `${number(n)} new`,
    freshLabel: (n: number): string => `Show ${count(n, 'new alert', 'new alerts')}`,
    sort: 'Order',
    sorts: {
      newest: 'Newest', severity: 'Severity', score: 'Score', epss: 'EPSS', relevance: 'Relevance', text_match: 'Text match',
    } satisfies Record<Sort, string>,
    ranked: (n: number): string => `Only the newest ${number(n)} matches are ranked by text; the rest follows, newest first.`,
    columns: 'Columns',
    columnNames: {
      severity: 'Severity', score: 'Score', epss: 'EPSS', category: 'Category', matched: 'Watches', source: 'Source', published: 'Published', added: 'First seen',
      changed: 'Changed', state: 'State', tags: 'Tags',
    } satisfies Record<Column, string>,
    columnNoRoom: (name: string): string => `${name} (no room now)`,
    title: 'Title',
    id: 'Id',
    epssHow: (part: number): string => `EPSS: ${likely(part)} likely to be exploited within 30 days`,
    changedSince: 'changed since you looked',
    until: (when: string): string => `until ${when}`,
    export: 'Export this list',
    relevantOnly: 'relevant only',
    relevantOnlyHow: 'Alerts that match a watch. View All has the rest.',
    comfortable: 'Two lines',
    compact: 'One line',
    density: 'Row height',
    unread: 'unread',
    muted: 'muted',
    said: (relevant: boolean): string => (relevant ? 'You said: relevant' : 'You said: not relevant'),
    loadingRow: 'Loading…',
    noScore: 'none yet',
    estimated: 'estimated',
    more: (n: number): string => `+${number(n)}`,
    failed: 'The list could not be read.',
    noWatches: 'Nothing is watched yet, so this is everything that was collected.',
    addWatch: 'Choose what to watch',
  },

  empty: {
    searchTitle: (query: string): string => `No alert has ${quote(query)}`,
    searchHint: (view: string, n: number): string => `Searched ${alerts(n)} in ${view}.`,
    searchAll: 'Search in All',
    clear: 'Clear search',
    first: 'Nothing collected yet',
    firstHint: 'Sources are read on schedule, and now when you ask.',
    failedHint: (n: number): string => (n === 1 ? 'One source failed. Sources says why, and when it is tried again.' : `${number(n)} sources failed. Sources says why, and when they are tried again.`),
    sources: 'Sources',
    collecting: 'Collecting for the first time',
    collectingHint: 'Alerts appear here as they arrive.',
    collectNow: 'Collect now',
    showAll: 'Show All',
    watches: 'Watches',
    views: {
      new: 'Nothing new for you',
      all: 'Nothing collected yet',
      high: 'Nothing High is open',
      exploited: 'Nothing exploited is open',
      unscored: 'Nothing unscored is open',
      watching: 'No watch matches anything open',
      in_progress: 'Nothing is in progress',
      snoozed: 'Nothing is snoozed',
      closed: 'Nothing is closed yet',
      muted: 'No stored alert is muted',
    } as Record<string, string>,
    own: 'No alert is in this view',
    ownHint: (query: string): string => `Its query is ${quote(query)}.`,
    newHint: (watches: number, total: number): string =>
      `${count(watches, 'watch finds', 'watches find')} nothing new among ${alerts(total)}.`,
    newNoWatchHint: 'New shows what a watch matches. Add the products and words that matter to your team.',
    hint: (total: number): string => `${alerts(total)} stored; All has every one.`,
    inProgressHint: 'Alerts that are Reviewing or Action needed appear here.',
    closedHint: 'Alerts that are Done, Not applicable or Accepted risk appear here.',
    mutedHint: 'What a mute silences appears here. Press m on an alert to mute something of it.',
    mutes: 'Mutes',
    snoozedHint: 'A snoozed alert waits here and is New again at its time.',
  },

  detail: {
    label: 'Alert',
    none: 'No alert selected',
    noneHint: 'moves through the list,',
    noneHintOpen: 'opens an alert.',
    back: 'Back to the list',
    failed: 'The alert could not be read.',
    copyId: (id: string): string => `Copy ${id}`,
    published: 'published',
    firstSeenThen: 'first seen',
    state: (state: State): string => `state ${states[state]}`,
    acts: 'Actions',
    act: {
      action_needed: 'Action needed', done: 'Done', not_applicable: 'Not applicable', reviewing: 'Reviewing', new: 'Back to New',
      accepted_risk: 'Accepted risk', snoozed: 'Snooze',
    } satisfies Record<State, string>,
    markRead: 'Mark read',
    markUnread: 'Mark unread',
    openSource: 'Open source',
    opens: (url: string): string => `Opens ${url} in the browser`,
    why: 'Why you see this',
    watch: 'Watch',
    watchIn: (term: string, where: readonly Field[]): string => `${quote(term)} is in ${list(where.map((f) => fields[f]))}.`,
    watchAs: (term: string, found: readonly string[], where: readonly Field[]): string =>
      `${quote(term)} is there as ${list(found.map(quote))}, in ${list(where.map((f) => fields[f]))}.`,
    noWatch: (view: string): string =>
      view === 'watching' || view === 'new'
        ? 'No watch matches it any more.'
        : `No watch matches; you see it because you look at ${viewName(view)}.`,
    nothingWatched: (view: string): string => `Nothing is watched yet; you see it because you look at ${viewName(view)}.`,
    severity: 'Severity',
    basis: {
      score: (level: string, by: string, n: number, version: string): string =>
        `${level}: ${by} scored it ${score(n)} (CVSS v${version}).`,
      exploitedKev: (level: string): string => `${level}: known to be exploited, listed in CISA’s KEV.`,
      exploitedSsvc: (level: string): string => `${level}: CISA’s SSVC says that exploitation is active.`,
      raisedFrom: (by: string, n: number, version: string): string => ` ${by} scored it ${score(n)} (CVSS v${version}).`,
      notScored: ' Nobody scored it.',
      namedCve: (level: string, cve: string): string => `${level}: it names ${cve}.`,
      estimated: (level: string, p: number): string => `${level}, estimated from the text (${percent(p)} sure). Nobody scored it yet.`,
      unscored: { vulnerability: 'Nobody scored it yet.', article: 'An article has no score, and it names no scored CVE.', guidance: 'Guidance has no score.' } satisfies Record<Kind, string>,
    },
    summary: 'Summary',
    description: 'Description',
    noText: 'The source gives no text.',
    otherLanguages: 'In other languages',
    names: 'CVEs it names',
    affected: 'Affected products',
    product: 'Product',
    versions: 'Versions',
    versionsUnknown: 'not stated',
    showAll: (n: number): string => `Show all ${number(n)}`,
    showFewer: 'Show fewer',
    matchesWatch: 'matches a watch',
    scores: 'Scores by source',
    scoreSource: 'Source',
    scoreVersion: 'Version',
    score: 'Score',
    vector: 'Vector',
    chosen: 'shown',
    chosenHow: 'The score that the list shows',
    nobodyScored: 'Nobody scored it yet.',
    exploitation: 'Exploitation',
    kev: 'Known exploited (KEV)',
    kevSince: (day: string): string => `since ${day}`,
    kevListed: 'listed',
    kevDue: (day: string): string => `due ${day}`,
    kevName: 'CISA’s name',
    kevAction: 'Required action',
    daysLeft: (days: number): string =>
      days > 0 ? `${count(days, 'day', 'days')} left` : days === 0 ? 'due today' : `${count(-days, 'day', 'days')} overdue`,
    ssvc: 'SSVC exploitation',
    ssvcWords: { none: 'none known', poc: 'proof of concept exists', active: 'active' } as Record<string, string>,
    notExploited: 'No exploitation is known.',
    epss: 'EPSS',
    epssHow: 'likely to be exploited within 30 days',
    epssRank: (percentile: number, day: string): string => `no less than ${(percentile * 100).toFixed(1)} % of all CVEs (${day})`,
    ransomware: 'Ransomware',
    ransomwareKnown: 'used in known campaigns',
    owasp: 'OWASP Top 10',
    owaspRisk: (code: string, edition: string, title: string | null): string => `${code}:${edition}${title ? ` ${title.replace(/^OWASP [^:]*: /, '')}` : ''}`,
    category: 'Category',
    classification: 'Classification',
    weaknesses: 'Weaknesses',
    status: 'Status at the source',
    issuedBy: 'Issued by',
    author: 'Author',
    tags: 'Tags',
    references: 'References',
    history: 'Changes',
    facts: 'Dates',
    firstSeen: 'First seen',
    publishedAt: 'Published',
    updatedAt: 'Changed at the source',
    id: 'Id',
    historyNew: (n: number): string => `${number(n)} new since you looked`,
    isNew: 'new',
    isNewHow: 'New since you looked',
    undoneBefore: 'Undone:',
    happened: {
      new: 'First seen',
      scored: (before: string | null, after: string | null): string =>
        after === null ? `Score ${before ?? ''} taken back` : before === null ? `Scored ${after}` : `Score changed from ${before} to ${after}`,
      raised: (before: Severity | null, after: Severity | null): string => `Severity raised from ${severityWord(before)} to ${severityWord(after)}`,
      lowered: (before: Severity | null, after: Severity | null): string => `Severity lowered from ${severityWord(before)} to ${severityWord(after)}`,
      kev: 'Listed as exploited (KEV)',
      ssvc: 'Exploitation is active (SSVC)',
      noLongerExploited: 'No longer listed as exploited',
      epss: (before: number | null, after: number | null): string =>
        before === null ? `EPSS is ${percent(after ?? 0)}` : `EPSS ${(after ?? 0) < before ? 'fell' : 'rose'} from ${percent(before)} to ${percent(after ?? 0)}`,
      products: (added: number, removed: number): string =>
        list([added > 0 ? `${count(added, 'product', 'products')} added` : '', removed > 0 ? `${number(removed)} removed` : ''].filter(Boolean)) || 'Affected products changed',
      titleChanged: 'Title changed',
      textChanged: 'Text changed',
      bothChanged: 'Title and text changed',
      rejected: (closed: State | null): string => (closed === null ? 'Rejected by its source' : `Rejected by its source: closed, it was ${states[closed]}`),
      reopened: (before: State | null): string => (before === null ? 'Reopened: its source took the rejection back' : `Reopened: it got worse after it was ${states[before]}`),
    },
    fold: 'Show what changed',
    unfold: 'Hide',
    added: 'Added',
    removed: 'Removed',
    triaged: (before: State | null, act: Act, until: string): string => {
      switch (act.kind) {
        case 'set_state':
          return `${before === null ? '' : `${states[before]} → `}${states[act.state]}${until === '' ? '' : ` ${until}`}`;
        case 'set_read':
          return act.read ? 'Marked read' : 'Marked unread';
        case 'add_tag':
          return `Tagged ${act.tag}`;
        case 'remove_tag':
          return `Tag ${act.tag} removed`;
        case 'add_note':
          return 'Note added';
        case 'edit_note':
          return 'Note edited';
        case 'remove_note':
          return 'Note removed';
        case 'feedback':
          return feedback(act.relevant);
      }
    },
    among: (n: number): string => `one of ${number(n)}`,
    yourTags: 'Your tags',
    addTag: 'Tag',
    removeTag: (tag: string): string => `Remove tag ${tag}`,
    withReason: 'Close with a reason',
    reason: (reason: string): string => `Reason: ${reason}`,
    until: (when: string): string => `until ${when}`,
    notes: 'Notes',
    noteAdd: 'Add note',
    notePlaceholder: 'What should the next person know?',
    noteSave: 'Save',
    noteCancel: 'Cancel',
    noteEdit: 'Edit',
    noteRemove: 'Remove',
    noteEdited: 'edited',
    noteLabel: 'Note',
    undone: 'undone',
    delivery: enNotifications.history,
    deliveryDue: enNotifications.historyDue,
    notified: enNotifications.ofAlert,
  },

  triage: {
    /** Said of one alert by its label, of many by their number. */
    did: (who: string, act: Act, until: string): string => {
      switch (act.kind) {
        case 'set_state':
          return act.state === 'snoozed' ? `${who} snoozed ${until}` : `${who} ${states[act.state]}`;
        case 'set_read':
          return `${who} ${act.read ? 'read' : 'unread'}`;
        case 'add_tag':
          return `${who} tagged ${act.tag}`;
        case 'remove_tag':
          return `${who} no longer tagged ${act.tag}`;
        case 'add_note':
          return `${who} noted`;
        case 'edit_note':
          return 'Note edited';
        case 'remove_note':
          return 'Note removed';
        case 'feedback':
          return act.relevant === null ? `What you said of ${who} is taken back` : `${who}: ${feedback(act.relevant).toLowerCase()}`;
      }
    },
    one: (label: string, act: Act): string => (act.kind === 'set_state' && act.state !== 'snoozed' ? `${label} is` : label),
    many: (n: number, act: Act): string => `${alerts(n)}${act.kind === 'set_state' && act.state !== 'snoozed' ? ':' : ''}`,
    none: 'Nothing changed',
    failed: (who: string, why: string): string => `${who} could not be changed. ${why}`,
    alerts,
    undo: 'Undo',
    undone: (label: string, state: State): string => `${label} is ${states[state]} again`,
    undoneMany: (n: number): string => `Undone for ${alerts(n)}`,
    undoneAct: (who: string): string => `Undone for ${who}`,
    nothingToUndo: 'Nothing to undo',
    undoFailed: (why: string): string => `Could not undo. ${why}`,
    readFailed: (why: string): string => `The read mark could not be set. ${why}`,
  },

  selection: {
    label: 'Selected alerts',
    count: (n: number): string => `${number(n)} selected`,
    all: (n: number): string => `All ${number(n)} matching selected`,
    allBut: (n: number, total: number): string => `${number(n)} of ${number(total)} matching selected`,
    selectAll: (n: number): string => `Select all ${number(n)}`,
    clear: 'Clear selection',
    selected: 'selected',
    tooMany: (n: number): string => `At most ${number(n)} alerts are selected one by one. Ctrl A selects the whole list.`,
    done: 'Done', notApplicable: 'Not applicable', actionNeeded: 'Action needed', acceptedRisk: 'Accepted risk', snooze: 'Snooze', tag: 'Tag', read: 'Mark read', unread: 'Mark unread',
    relevant: 'Relevant', notRelevant: 'Not relevant', noFeedback: 'Neither',
    reason: 'With a reason', export: 'Export', more: 'More',
  },

  snooze: {
    title: (who: string): string => `Snooze ${who}`,
    choices: { later: 'Later today', tomorrow: 'Tomorrow', monday: 'Next Monday', week: 'In a week' },
    hint: 'It leaves the open views and is New again at its time.',
    pick: 'Another time',
    date: 'Day',
    time: 'Time',
    dateHint: '2026-12-24',
    timeHint: '09:00',
    confirm: 'Snooze',
    problem: 'A day is written 2026-12-24, a time 09:00.',
    past: 'This is in the past.',
  },

  reason: {
    title: (who: string): string => `Close ${who}`,
    state: 'As',
    label: 'Reason',
    placeholder: 'Why it can be closed',
    presets: ['Patched', 'Mitigated', 'Not used here', 'False positive', 'Duplicate', 'Accepted by '] as readonly string[],
    presetsLabel: 'Usual reasons',
    confirm: 'Close',
  },

  tag: {
    title: (who: string): string => `Tag ${who}`,
    label: 'Tag',
    placeholder: 'A new tag, or one of these',
    create: (tag: string): string => `New tag ${quote(tag)}`,
    add: 'Add tag',
    failed: 'The tags could not be read.',
    has: 'on it already',
    none: 'No tag yet. Type a name for the first one.',
  },

  sources: enSources,
  watches: enWatches,
  analysis: enAnalysis,

  settings: {
    title: 'Settings',
    sections: { general: 'General', channels: 'Channels', routing: 'Routing', analysis: 'Analysis', api: 'Local API', data: 'Data', about: 'About' },
    label: 'Settings sections',
    failed: 'The settings could not be read.',
    broken: 'The settings file cannot be read, so nothing can be edited here until it is repaired. Tocsin does not overwrite it.',
    where: (file: string, line: string | undefined): string => (line ? `${file}, line ${line}` : file),
    fromEnvironment: (variable: string): string => `Set by ${variable} in the environment`,
    general: {
      theme: 'Colours',
      themes: { system: 'As the system', light: 'Light', dark: 'Dark' } satisfies Record<Theme, string>,
    },
    secret: {
      set: 'Set',
      setByFile: 'Set, kept in the secrets file',
      setByKeyring: 'Set, kept in the keyring',
      setByEnvironment: 'Set by the environment',
      notSet: 'Not set',
      replace: 'Replace',
      add: 'Set',
      remove: 'Remove',
      save: 'Save',
      cancel: 'Cancel',
      newValue: (label: string): string => `New value of ${label}`,
      removed: (label: string): string => `${label} removed`,
      stored: (label: string): string => `${label} saved`,
    },
    channels: enChannels,
    routing: enRouting,
    api: {
      intro: 'Lets other tools on this machine read alerts at this address. It answers on this machine only.',
      enabled: 'Serve the local API',
      port: 'Port',
      portProblem: 'A port is a number from 0 to 65535; 0 takes any free one.',
      origins: 'Allowed web origins',
      originsHint: 'Web pages that may read it, separated by commas: http://localhost:3000',
      originProblem: (text: string): string => `${quote(text)} is not an origin such as http://localhost:3000.`,
    },
    data: enData,
    about: {
      files: 'Files',
      settingsFile: 'Settings',
      secretsFile: 'Secrets',
      database: 'Database',
      about: 'About',
      version: 'Version',
      stored: 'Stored',
      host: { desktop: 'Desktop window', browser: 'Browser, served by this machine' } satisfies Record<HostKind, string>,
      shownIn: 'Shown in',
      promise: 'Everything stays on this machine: no account, no telemetry, and watch terms are never sent anywhere.',
    },
    number: (min: number, max: number): string => `A whole number from ${number(min)} to ${number(max)}.`,
    url: 'An address starts with http:// or https://.',
  },

  export: enExport,
  recovery: enRecovery,
  channelName: enNotify.channelName,
  notify: enNotify,
  notifications: enNotifications,

  keys: {
    title: 'Keys',
    groups: { list: 'List', alert: 'Alert', go: 'Go to', other: 'Everywhere' },
    next: 'Next alert', previous: 'Previous alert', open: 'Open', back: 'Back', first: 'First, with what is new', last: 'Last',
    done: 'Done', notApplicable: 'Not applicable', actionNeeded: 'Action needed', read: 'Read or unread',
    reason: 'Close with a reason', snooze: 'Snooze', tag: 'Tag', note: 'Add a note', relevant: 'Relevant', notRelevant: 'Not relevant', watch: 'Watch the selected words, or something of it', mute: 'Mute the same',
    select: 'Select or not', extend: 'Select on, down or up', all: 'Select the whole list',
    openSource: 'Open the source', copy: 'Copy the id', undo: 'Undo',
    goInbox: 'Inbox', goNotifications: 'Notifications', goWatches: 'Watches', goSources: 'Sources', goSettings: 'Settings', views: 'Views in the rail’s order', ownViews: 'Your own views',
    search: 'Search', collect: 'Collect now', help: 'This list',
    then: 'then',
    names: { enter: 'Enter', escape: 'Esc', home: 'Home', end: 'End', collect: 'Ctrl R', all: 'Ctrl A' },
  },

  faults: { ...enFaults, ...enNotifyFaults, ...enSettingsFaults },
};
