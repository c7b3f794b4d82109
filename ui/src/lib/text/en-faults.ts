// Wordings of fault codes, in English. A code without one is shown by the backend's own sentence, so only
// those stand here that the interface can say better: because it knows where the remedy is.
type Params = Record<string, string>;

const file = (p: Params): string => p.path ?? 'The file';

export const enFaults = {
  server_unreachable: () => 'Tocsin does not answer. Is it still running?',
  token_refused: () => 'This address has no valid token. Open the one that Tocsin printed when it started.',
  server_error: (p: Params) => `Tocsin answered with HTTP ${p.status ?? '?'}.`,
  list_closed: () => 'The list was closed. It is opened again.',
  unknown_alert: () => 'This alert is no longer stored.',
  view_unknown: () => 'There is no such view any more.',
  view_exists: () => 'There is a view of this name already.',
  disk_full: (p: Params) => `The disk is full${p.path ? ` (${p.path})` : ''}. Nothing is lost, but nothing new can be stored: collecting and triage wait until there is room. Settings, Data shows what Tocsin takes and can clean up.`,
  backup_damaged: (p: Params) => `${file(p)} is damaged and cannot be restored. Nothing was changed.`,
  backup_newer: (p: Params) => `${file(p)} was made by a newer Tocsin. Update Tocsin first. Nothing was changed.`,
  backup_foreign: (p: Params) => `${file(p)} is not a backup of Tocsin. Nothing was changed.`,
  database_damaged: (p: Params) => `The database${p.path ? ` ${p.path}` : ''} is damaged and cannot be opened.`,
  file_exists: (p: Params) => `${file(p)} exists already.`,
  cancelled: () => 'It was stopped.',
} satisfies Record<string, (params: Params) => string>;
