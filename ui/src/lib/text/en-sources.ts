// The sources' texts, in English: how each does in a sentence, its runs, adding feeds, NVD's years.
import type { RunCounts, RunNote, RunOutcome, RunTrigger } from '$lib/ipc/generated';
import { alerts, count, quote } from './en-words';
import { number, percent, plural, score } from './format';

const counts = (c: RunCounts): string =>
  [c.new > 0 ? `${number(c.new)} new` : '', c.changed > 0 ? `${number(c.changed)} changed` : ''].filter(Boolean).join(', ') || 'nothing new';

/** Minutes as people say how often: "every 2 hours". */
function every(min: number): string {
  const unit = (n: number, one: string, other: string): string => (n === 1 ? `every ${one}` : `every ${number(n)} ${other}`);
  if (min >= 1440 && min % 1440 === 0) return unit(min / 1440, 'day', 'days');
  if (min >= 60 && min % 60 === 0) return unit(min / 60, 'hour', 'hours');
  if (min > 60) return `every ${Math.floor(min / 60)} h ${min % 60} min`;
  return unit(min, 'minute', 'minutes');
}

/** Seconds as people say how long something still takes. */
function lasting(s: number): string {
  if (s < 60) return 'less than a minute';
  const min = Math.round(s / 60);
  if (min < 90) return count(min, 'minute', 'minutes');
  const h = Math.floor(min / 60);
  return h < 48 ? `${number(h)} h ${min % 60} min` : count(Math.round(h / 24), 'day', 'days');
}

const days = (n: number): string => (n < 1.5 ? 'day' : `${number(Math.round(n))} days`);
const perDay = (n: number): string => (n >= 10 ? number(Math.round(n)) : n > 0 && n < 0.05 ? `<${number(0.1)}` : number(Math.round(n * 10) / 10));

const notes: { [K in RunNote['kind']]: (note: Extract<RunNote, { kind: K }>, when: (iso: string) => string) => string } = {
  not_modified: () => 'Nothing had changed since the run before.',
  empty: () => 'The document has no entries.',
  moved: ({ to }) => `The feed moved for good to ${to}; it is read there.`,
  offline: () => 'This machine had no connection.',
  paused: () => 'Collecting was paused, because the settings could not be read.',
  host_busy: () => 'Another source was reading from the same host; it follows right after.',
  waiting: ({ until }, when) => `The server asked to be left alone until ${when(until)}.`,
  back_off: ({ until }, when) => `It failed before, so the next attempt waits until ${when(until)}.`,
  mirror: ({ url }) => `The site refused; its mirror ${url} was read.`,
  salvaged: () => 'The document is malformed; what could be read of it was stored.',
  few_entries: () => 'The document has fewer entries than it should; what was known before stays.',
};

export const enSources = {
  title: 'Sources',
  intro: 'Where alerts come from. Each is read on its own schedule, and one that fails stops no other.',
  summary: (all: number, bad: number, warn: number, off: number): string =>
    [
      count(all, 'source', 'sources'),
      bad > 0 ? `${number(bad)} ${plural(bad, { one: 'fails', other: 'fail' })}` : '',
      warn > 0 ? `${number(warn)} ${plural(warn, { one: 'is', other: 'are' })} quiet or waiting` : '',
      off > 0 ? `${number(off)} off` : '',
    ].filter(Boolean).join(', '),
  allWell: 'all is well',
  failed: 'The sources could not be read.',
  catalogues: 'Catalogues',
  feeds: 'Feeds',
  otherFeeds: 'Other feeds',
  groupCount: (n: number): string => count(n, 'feed', 'feeds'),
  noFeeds: 'No feed is read. Add one by the address of its site, or choose among well-known ones.',
  find: 'Find a source by name or address',
  filter: 'Show',
  filters: { all: 'All', attention: 'Need attention', off: 'Off' },
  filterCount: (label: string, n: number): string => `${label} (${number(n)})`,
  noneFound: 'No source fits. Show all again.',
  showAll: 'Show all',

  collectNow: 'Collect now',
  collectLabel: (name: string): string => `Collect now: ${name}`,
  cancel: 'Cancel',
  cancelLabel: (name: string): string => `Cancel: ${name}`,
  enabledLabel: (name: string): string => `Collect ${name} on schedule`,
  more: (name: string): string => `${name}: details, schedule, run log`,

  // how a source does
  off: 'Off: it is not collected on schedule.',
  paused: 'Paused: the settings file cannot be read, so nothing is collected on schedule.',
  never: 'Not collected yet.',
  neverDue: (when: string): string => `Not collected yet; the first run is due ${when}.`,
  fine: 'It does well.',
  collected: (ago: string, c: RunCounts): string => `Collected ${ago}: ${counts(c)}.`,
  notModified: (ago: string): string => `Looked ${ago}: nothing had changed.`,
  succeededAgo: (ago: string): string => `Last collected ${ago}.`,
  running: (done: number, total: number | null): string =>
    total === null ? `Collecting, ${number(done)} records so far` : `Collecting, ${number(done)} of ${number(total)} records`,
  collecting: 'Collecting',
  cancelled: (ago: string): string => `Stopped by you ${ago}; what was read is stored.`,
  interrupted: (ago: string): string => `Interrupted ${ago}; it goes on with the next run.`,
  empty: (since: string): string => `It answers, but its document has had no entries since ${since}.`,
  offline: (since: string): string => `This machine has had no connection since ${since}. Nothing is wrong with the source.`,
  waiting: (why: string, until: string): string => `${why} The next attempt is ${until}.`,
  failing: (why: string, n: number, since: string): string => (n > 1 ? `${why} ${number(n)} runs have failed since ${since}.` : why),
  failingUnknown: 'The last run failed.',
  down: (why: string, since: string, ago: string): string => `Down since ${since} (${ago}). ${why}`,
  silent: (since: string, ago: string, usual: number): string =>
    `It answers, but its newest item is of ${since} (${ago}); usually something new comes every ${days(usual)}.`,

  lastSuccess: 'Last success',
  neverSucceeded: 'never',
  next: 'Next attempt',
  notScheduled: 'not scheduled',
  due: 'due now',
  alerts: 'Alerts stored',
  perDay: 'Items a day',
  perDayValue: perDay,
  perDayShort: (n: number): string => `${perDay(n)} a day`,
  schedule: 'Schedule',
  every,
  adaptive: 'adapts to the feed',
  adaptiveNow: (min: number): string => `adapts to the feed, now ${every(min)}`,
  newest: 'Newest item',

  problems: (n: number): string => `${count(n, 'record', 'records')} of the last run could not be used`,
  problemsOf: (n: number): string => count(n, 'problem', 'problems'),
  problemsShown: (shown: number, n: number): string => `The first ${number(shown)} of ${number(n)}:`,
  runs: 'Run log',
  runsEmpty: 'No run yet.',
  runsFailed: 'The run log could not be read.',
  column: { started: 'Started', trigger: 'Why', took: 'Took', outcome: 'Outcome', read: 'Read', new: 'New', changed: 'Changed', problems: 'Problems' },
  outcomes: {
    running: 'Running', succeeded: 'Succeeded', failed: 'Failed', cancelled: 'Cancelled', interrupted: 'Interrupted', skipped: 'Not made',
  } satisfies Record<RunOutcome, string>,
  triggers: { schedule: 'On schedule', asked: 'Asked for', start: 'At start', caught_up: 'Caught up' } satisfies Record<RunTrigger, string>,
  note: (note: RunNote, when: (iso: string) => string): string => (notes[note.kind] as (n: RunNote, w: typeof when) => string)(note, when),
  took: (ms: number): string => (ms < 60_000 ? `${score(ms / 1000)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`),

  edit: 'Address and schedule',
  name: 'Name',
  url: 'Address',
  group: 'Group',
  groupHint: 'The heading that it stands under; empty for none',
  rhythm: 'Schedule',
  rhythms: { adaptive: 'Adapts to the feed', fixed: 'Fixed' },
  adaptiveHint: 'Busy feeds are read more often than quiet ones, never more often than they ask for.',
  interval: 'Time between two runs',
  minutes: 'minutes',
  fullText: 'Read the whole article',
  fullTextHint: 'Fetches the page behind each new entry for its readable text. More to search and to match; one request more an entry.',
  allowPrivate: 'Allow a private address',
  allowPrivateHint: 'Only for a server in your own network. Otherwise an address there is refused, also after a redirect.',
  mirror: 'Mirror',
  mirrorHint: 'Read where cisa.gov refuses',
  editions: 'Editions',
  editionsHint: 'Each brings its own ten entries and its CWEs',
  moveTo: 'Use the new address',

  remove: 'Remove',
  removeHint: (n: number): string => (n > 0 ? `Its ${alerts(n)} stay stored.` : 'Nothing of it is stored.'),
  builtIn: 'A part of Tocsin: it can be switched off, not removed.',
  removed: (name: string, n: number): string => `${quote(name)} removed${n > 0 ? `; its ${alerts(n)} stay` : ''}`,
  undo: 'Undo',

  // adding
  add: 'Add a feed',
  added: (names: string): string => `${names} added and collected now`,
  addTitle: 'Add a feed',
  address: 'Address of a site or of its feed',
  addressPlaceholder: 'krebsonsecurity.com',
  look: 'Find feeds',
  looking: 'Looking…',
  found: (n: number): string => (n === 1 ? 'One feed found' : `${count(n, 'feed', 'feeds')} found; choose one`),
  formats: { rss: 'RSS', atom: 'Atom', json: 'JSON Feed' },
  entries: (n: number): string => count(n, 'entry', 'entries'),
  noEntries: 'No entry in it now.',
  newestEntries: 'Newest entries',
  knownAs: (name: string): string => `Already among your sources, as ${quote(name)}`,
  noFeedFound: 'No feed was found at this address. Try the page that lists its news, or the feed’s own address.',
  allowPrivateHere: 'It is a server in my own network: allow its address',
  needsName: 'A feed needs a name.',
  addRun: 'Add feed',
  adding: 'Adding…',
  back: 'Another address',
  close: 'Close',

  presets: 'Well-known feeds',
  presetsTitle: 'Well-known security feeds',
  presetsFind: 'Find a feed',
  presetsNone: 'None of them fits.',
  presetsFailed: 'They could not be read.',
  presetAdded: 'Added',
  presetsAdd: (n: number): string => (n === 0 ? 'Add feeds' : `Add ${count(n, 'feed', 'feeds')}`),
  presetsDone: (n: number): string => `${count(n, 'feed', 'feeds')} added and collected now`,
  opensSite: (host: string): string => `Opens ${host} in your browser`,

  opml: 'OPML',
  opmlImport: 'Import OPML',
  opmlExport: 'Export OPML',
  opmlImportHint: 'A list of feeds as other readers export it. Feeds that you have already stay as they are.',
  opmlExportHint: 'All feeds with their names and groups, as other readers import them.',
  path: 'File',
  pathPlaceholder: '/home/me/feeds.opml',
  importRun: 'Import',
  exportRun: 'Export',
  replace: 'Replace the file',
  working: 'Working…',
  imported: (added: number, known: number, refused: number): string =>
    `${count(added, 'feed', 'feeds')} added${added > 0 ? ' and collected now' : ''}, ${number(known)} known already, ${number(refused)} refused.`,
  importRefused: 'Refused',
  exported: (n: number, path: string): string => `${count(n, 'feed', 'feeds')} written to ${path}.`,

  // NVD
  nvdKey: 'NVD API key',
  nvdKeyHint: 'Optional. NVD takes ten times as many requests with a key.',
  nvdKeyWhere: 'Get one for free at',
  pace: 'Pace',
  paceSet: (ms: number): string => (ms === 0 ? 'Without a pause between two requests, as the settings say.' : `One request every ${score(ms / 1000)} s, as the settings say.`),
  paceKey: 'As NVD asks with a key: at most 50 requests in 30 seconds.',
  paceNoKey: 'As NVD asks without a key: at most 5 requests in 30 seconds. With a key 50.',
  backfill: {
    title: 'All years of NVD',
    hint: 'Reads every CVE that was published since then, in the background. It can be paused, goes on after a restart, and rings nobody.',
    from: 'From',
    start: 'Read all years',
    again: 'Read them again',
    pause: 'Pause',
    resume: 'Resume',
    retry: 'Try again',
    cancel: 'Cancel',
    progress: (done: number, total: number | null): string =>
      total === null || total === 0 ? `${number(done)} records read` : `${number(done)} of ${number(total)} records (${percent(Math.floor((100 * done) / total) / 100)})`,
    at: (when: string): string => `published up to ${when}`,
    rate: (n: number): string => `${number(n)} a minute`,
    left: (s: number): string => `${lasting(s)} left`,
    states: {
      running: 'Reading', waiting: 'Waiting', paused: 'Paused; it goes on where it stopped', done: 'Complete', failed: 'Stopped', cancelled: 'Cancelled; what was read stays',
    },
    done: (n: number, from: string, to: string): string => `All ${number(n)} records published from ${from} to ${to} were read.`,
    label: 'Progress of reading all years',
  },
};
