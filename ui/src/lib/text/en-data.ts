// Words about keeping data, in English: the database, backups, exports and imports, and recovery.
import type { BackupReason, ExportFormat, Kind } from '$lib/ipc/generated';
import { alerts, count } from './en-words';
import { bytes, number } from './format';

const reasons: Record<BackupReason, string> = { manual: 'made by you', migration: 'before an update', restore: 'before a restore' };
const kinds: Record<Kind, (n: number) => string> = {
  vulnerability: (n) => count(n, 'vulnerability', 'vulnerabilities'),
  article: (n) => count(n, 'article', 'articles'),
  guidance: (n) => `${number(n)} guidance`,
};

export const enData = {
  failed: 'The state of the database could not be read.',
  database: 'Database',
  path: 'Where',
  size: 'Size',
  sizeFree: (size: number, free: number | null): string => (free === null ? bytes(size) : `${bytes(size)}; ${bytes(free)} free on this disk`),
  stored: 'Stored',
  kind: (kind: Kind, n: number): string => kinds[kind](n),
  oldest: 'Oldest',
  optimised: 'Optimised',
  never: 'never',
  optimise: 'Optimise',
  optimiseHint: 'Makes the file smaller and searching quicker. Takes a moment on a large database.',
  optimisedTo: (before: number, after: number): string => (after < before ? `Now ${bytes(after)}, ${bytes(before - after)} less.` : `Already as small as it gets: ${bytes(after)}.`),

  retention: 'Retention',
  retentionIntro: 'How long alerts are kept. Empty keeps them for ever. Never removed are open alerts (New and relevant, Reviewing, Action needed, Snoozed) and those with a tag, a note or a watch that matches.',
  retentionArticles: (days: number): string =>
    `Articles that are irrelevant or closed ${days === 0 ? 'are kept for ever; by default they go after a year' : days === 365 ? 'go after a year, as is the default' : `go after ${count(days, 'day', 'days')}; by default after a year`}.`,
  closed_days: 'Closed alerts',
  articles_days: 'Articles',
  irrelevant_days: 'Irrelevant alerts',
  days: 'days',
  forEver: 'for ever',
  daysProblem: 'A number of days from 1 to 36,500, or empty.',
  removable: (n: number): string => (n === 0 ? 'Nothing would be removed now.' : `${alerts(n)} would be removed now.`),
  cleanUp: 'Clean up now',
  cleaned: (n: number): string => (n === 0 ? 'Nothing had to be removed.' : `${alerts(n)} removed.`),

  backups: 'Backups',
  noBackups: 'There is no backup yet.',
  backUp: 'Back up now',
  backedUp: (path: string): string => `Backed up to ${path}`,
  reasons,
  restore: 'Restore',
  restoreLabel: (when: string): string => `Restore the backup of ${when}`,
  restoreOther: 'Another file',
  restorePath: 'Backup file',
  restorePlaceholder: '/path/to/backup.db',
  restoreTitle: 'Restore this backup?',
  restoreWhat: (path: string): string => `Alerts, states, notes and tags become what they were in ${path}. What was collected or triaged after it is no longer shown.`,
  restoreKept: 'The present database is kept in the backups folder, so you can go back to it.',
  restoreConfirm: 'Restore',
  cancel: 'Cancel',
  restored: (n: number, kept: string): string => `Restored: ${alerts(n)}. The database from before is ${kept}.`,

  import: 'Import',
  importHint: 'A file of NVD’s (JSON 2.0 or 1.1; plain, gz, xz or zip), or alerts that Tocsin exported as JSON. Newer records of NVD’s change what is stored; everything else stays as it is. An import never notifies.',
  importPath: 'File',
  importPlaceholder: '/path/to/alerts.json',
  importStart: 'Import',
  imported: (added: number, changed: number, known: number, refused: number): string =>
    `${alerts(added)} added, ${changed > 0 ? `${number(changed)} changed, ` : ''}${number(known)} known already${refused > 0 ? `, ${number(refused)} refused` : ''}.`,
  importProblems: 'Why records were refused',
  working: 'Working…',
};

export const enExport = {
  title: (n: number): string => `Export ${alerts(n)}`,
  format: 'Format',
  formats: { csv: 'CSV', json: 'JSON', stix: 'STIX 2.1', markdown: 'Markdown' } satisfies Record<ExportFormat, string>,
  about: {
    csv: 'One line an alert, for spreadsheets.',
    json: 'Everything that is stored of each alert; Tocsin can import it again.',
    stix: 'A bundle for threat intelligence platforms.',
    markdown: 'A report for tickets and chats.',
  } satisfies Record<ExportFormat, string>,
  path: 'File',
  run: 'Export',
  replace: 'Replace it',
  exists: (path: string): string => `${path} exists already.`,
  cancel: 'Cancel',
  close: 'Close',
  done: (n: number, path: string, size: number): string => `Exported ${alerts(n)} to ${path} (${bytes(size)})`,
  selection: 'selection',
};

export const enRecovery = {
  title: 'The database cannot be opened',
  what: 'Tocsin keeps alerts, notes and states in one file, and that file is damaged. Nothing is changed until you choose. Whatever you choose, the damaged file is kept.',
  file: 'File',
  reason: 'Reason',
  failed: 'What can be done could not be read.',
  restoreTitle: 'Restore a backup',
  restoreWhat: 'Everything as it was when the backup was made. What came later is collected again; triage from later is lost.',
  noBackups: 'There is no backup in the backups folder. If you have one elsewhere, say where.',
  salvageTitle: 'Salvage what can be read',
  salvageWhat: 'Copies every alert, note and state that is still readable into a new database. Takes a while; it says how many could not be read.',
  salvage: 'Salvage',
  newTitle: 'Start anew',
  newWhat: 'Begins with an empty database and collects everything again. States, notes and tags are not carried over.',
  startAnew: 'Start anew',
  working: { restore: 'Restoring the backup…', salvage: 'Reading what can be read…', new: 'Making a new database…' },
  done: 'Tocsin is ready again',
  result: (n: number, lost: number | null): string =>
    `${alerts(n)} in the database${lost === null ? '' : lost === 0 ? '; none was lost' : `; ${number(lost)} could not be read`}.`,
  kept: 'The damaged file is kept here:',
  go: 'Open the inbox',
};
