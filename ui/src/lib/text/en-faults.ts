// Wordings of fault codes, in English. A code without one is shown by the backend's own sentence, so only
// those stand here that the interface can say better: because it knows where the remedy is.
import { alerts } from './en-words';

type Params = Record<string, string>;

const file = (p: Params): string => p.path ?? 'The file';
/** Sources by name; the first few of many. */
function names(p: Params): string {
  const all = (p.names ?? 'A source').split(', ');
  return all.length > 3 ? `${all.slice(0, 2).join(', ')} and ${all.length - 2} more sources` : all.join(', ');
}

export const enFaults = {
  server_unreachable: () => 'Tocsin does not answer. Is it still running?',
  token_refused: () => 'This address has no valid token. Open the one that Tocsin printed when it started.',
  server_error: (p: Params) => `Tocsin answered with HTTP ${p.status ?? '?'}.`,
  list_closed: () => 'The list was closed. It is opened again.',
  unknown_note: () => 'There is no such note any more.',
  unknown_alert: () => 'This alert is no longer stored.',
  view_unknown: () => 'There is no such view any more.',
  view_exists: () => 'There is a view of this name already.',
  kev_unreadable: (p: Params) => `What came is not CISA’s catalogue${p.reason ? `: ${p.reason}` : ''}. What was known stays. Check the address under Sources.`,
  epss_unreadable: (p: Params) => `The file of EPSS scores cannot be used${p.reason ? `: ${p.reason}` : ''}. The scores that were known stay. It is tried again later.`,
  owasp_incomplete: (p: Params) => `Only ${p.count ?? '?'} of the ${p.expected ?? '10'} entries of ${p.list ?? 'the list'}${p.edition ? `:${p.edition}` : ''} were found. The last good list stays. Check the address under Sources.`,
  disk_full: (p: Params) => `The disk is full${p.path ? ` (${p.path})` : ''}. Nothing is lost, but nothing new can be stored: collecting and triage wait until there is room. Free space outside of Tocsin, or delete old backups in ${p.path ? `${p.path}/backups` : 'its backups folder'}.`,
  backup_damaged: (p: Params) => `${file(p)} is damaged and cannot be restored. Nothing was changed.`,
  backup_newer: (p: Params) => `${file(p)} was made by a newer Tocsin. Update Tocsin first. Nothing was changed.`,
  backup_foreign: (p: Params) => `${file(p)} is not a backup of Tocsin. Nothing was changed.`,
  database_damaged: (p: Params) => `The database${p.path ? ` ${p.path}` : ''} is damaged and cannot be opened.`,
  file_exists: (p: Params) => `${file(p)} exists already.`,
  work_cancelled: () => 'It was stopped; nothing was changed.',
  export_cancelled: () => 'The export was stopped; no file was left.',
  import_cancelled: (p: Params) => `The import was stopped.${p.added ? ` What was stored before that stays: ${alerts(Number(p.added))}.` : ' What was stored before that stays.'}`,
  path_is_ours: () => 'This is one of Tocsin’s own files; choose another name.',
  database_not_damaged: () => 'The database is open; there is nothing to recover.',
  database_busy: () => 'Something is still being collected or sent. Nothing was changed; try again in a moment.',
  sources_down: (p: Params) => `${names(p)} ${Number(p.count) > 1 ? 'have' : 'has'} been failing for unusually long.`,
  sources_silent: (p: Params) => `${names(p)} ${Number(p.count) > 1 ? 'have' : 'has'} brought nothing new for unusually long.`,
  unknown_source: () => 'There is no such source any more.',
  source_off: () => 'NVD is switched off. Switch it on in Sources first.',
  no_nvd: () => 'There is no source NVD.',
  backfill_running: () => 'All years are being read already. Cancel that first to read others.',
  no_backfill: () => 'All years are not being read any more.',
  bad_year: (p: Params) => `Choose a year from ${p.first ?? '?'} to ${p.last ?? '?'}.`,
  source_exists: (p: Params) => `${p.name ? `“${p.name}”` : 'A source'} reads this address already.`,
  source_built_in: () => 'This source is a part of Tocsin. It can be switched off, not removed.',
  source_unknown: () => 'There is no such source any more.',
  source_lacks_setting: (p: Params) => `${p.name ? `“${p.name}”` : 'This source'} has no such setting${p.key ? ` (${p.key})` : ''}.`,
  preset_unknown: (p: Params) => `There is no well-known feed ${p.source ?? 'of this name'}.`,
  name_missing: () => 'It needs a name.',
  group_invalid: (p: Params) => `A group’s name is one line of at most ${p.most ?? '60'} characters.`,
  edition_invalid: (p: Params) => `${p.edition ?? 'This'} is not the year of an edition.`,
  edition_missing: () => 'At least one edition must be chosen. To stop reading, switch the source off.',
  watch_exists: (p: Params) => `${p.term ? `“${p.term}”` : 'It'} is watched already.`,
  mute_exists: (p: Params) => `${p.term ? `“${p.term}”` : 'It'} is muted already.`,
  model_unusable: (p: Params) => `${p.file ? `The model file ${p.file}` : 'The built-in model'} is not used${p.reason ? `: ${p.reason}` : ''}. Watches work without it. ${p.file ? 'Choose another file or the built-in models' : 'Install Tocsin anew, or choose a model file'} in Settings, Analysis.`,
  nothing_learnt: () => 'Nothing was learnt yet, so there is nothing to export.',
  user_model_damaged: (p: Params) => `What was learnt from your feedback cannot be used${p.reason ? `: ${p.reason}` : ''}. The labels are there: retrain in Settings, Analysis.`,
  copy_damaged: (p: Params) =>
    p.damaged === 'database'
      ? 'No backup was made, because the database itself is damaged. Close Tocsin and start it again: then you choose between an older backup and what can still be read.'
      : `The copy${p.path ? ` ${p.path}` : ''} could not be read back as it was written${p.reason ? `: ${p.reason}` : ''}. The database is whole; make the backup on another disk.`,
} satisfies Record<string, (params: Params) => string>;
