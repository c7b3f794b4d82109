// Texts of what analysis says: why an alert is relevant, its names and indicators, the models and what they learnt.
import type {
  EntityKind, ExplainedBy, IndicatorKind, LabelFrom, UserModelState, VersionSpan, Why,
} from '../ipc/generated';
import { alerts, count } from './en-words';
import { bytes, number, percent } from './format';

const categories: Record<string, string> = {
  xss: 'Cross-site scripting', memory_corruption: 'Memory corruption', path_traversal_file: 'Path traversal and files', request_forgery: 'Request forgery',
  deserialization_xxe: 'Deserialisation and XXE', crypto: 'Cryptography', code_command_injection: 'Code and command injection', sql_injection: 'SQL injection',
  information_disclosure: 'Information disclosure', denial_of_service: 'Denial of service', access_control: 'Access control', race_condition: 'Race condition', authentication: 'Authentication',
};
/** A category by its name in the data; one that is not known is shown as it is. */
export const categoryName = (name: string): string => (Object.hasOwn(categories, name) ? (categories[name] ?? name) : name.replaceAll('_', ' '));

const entityKinds: Record<EntityKind, string> = {
  actor: 'Threat actors', malware: 'Malware', ransomware: 'Ransomware', tool: 'Tools', organisation: 'Organisations', vulnerability: 'Named vulnerabilities', product: 'Products',
  vendor: 'Vendors', technique: 'ATT&CK techniques', cve: 'CVEs', cwe: 'Weaknesses', ghsa: 'GitHub advisories', version: 'Versions',
};
const indicatorKinds: Record<IndicatorKind, string> = {
  ipv4: 'IPv4 addresses', ipv6: 'IPv6 addresses', cidr: 'Networks', domain: 'Domains', url: 'URLs', email: 'E-mail addresses', sha256: 'SHA-256', sha512: 'SHA-512', sha1: 'SHA-1', md5: 'MD5',
  ssdeep: 'ssdeep', imphash: 'Import hash', authentihash: 'Authentihash', file_path: 'File paths', registry_key: 'Registry keys', crypto_address: 'Crypto addresses', asn: 'Autonomous systems', mac: 'MAC addresses', user_agent: 'User agents',
};
const tasks: Record<string, string> = {
  severity: 'Severity', category: 'Category', relevance: 'Relevance', technique: 'ATT&CK technique', gazetteer: 'Lists of names', 'crf.report': 'Names in reports', 'crf.advisory': 'Names in advisories',
};
const measuredOn: Record<string, string> = { '': '', title: 'titles: ', cyner: 'reports: ', nvd: 'CVE texts: ' };
const metrics: Record<string, string> = { macro_f1: 'macro-F1', micro_f1: 'F1', accuracy: 'accuracy', pr_auc: 'PR-AUC', ece: 'calibration error' };
const labels: Record<string, string> = { relevant: 'relevant', not_relevant: 'not relevant', low: 'Low', medium: 'Medium', high: 'High' };

export const enAnalysis = {
  category: categoryName,

  why: {
    relevance: 'Relevance',
    mutedIn: (sentence: string): string => `Muted: ${sentence}`,
    watchToo: (sentence: string): string => `A watch matches too: ${sentence}`,
    version: (version: string): string => `Your ${version} is affected.`,
    model: { user_model: 'Your model', base_model: 'The built-in model' },
    holds: (model: string, p: number): string => `${model} holds it for relevant (${percent(p)} likely).`,
    holdsNot: (model: string, p: number): string => `${model} does not hold it for relevant (${percent(p)} likely).`,
    unsaid: (model: string): string => `${model} decided.`,
    abstained: {
      not_english: 'Not judged: the text is not English. What you say teaches your model.',
      too_short: 'Not judged: the text is too short to tell.',
      no_model: 'Not judged: no model could be read. Watches work; Settings, Analysis says why.',
    } satisfies Record<Why, string>,
    abstainedOther: 'Not judged by the models.',
    feedback: 'What you say',
    said: (relevant: boolean): string => (relevant ? 'You said that it is relevant.' : 'You said that it is not relevant.'),
    relevant: 'Relevant',
    notRelevant: 'Not relevant',
    fromCwe: (name: string, cwe: string): string => `${name}, from ${cwe}.`,
    fromText: (name: string, p: number | null): string => (p === null ? `${name}, estimated from the text.` : `${name}, estimated from the text (${percent(p)} sure).`),
    techniques: 'Techniques',
    techniqueSure: (p: number): string => `${percent(p)} sure`,
    watchThis: 'Watch …',
    muteThis: 'Mute …',
    editMutes: 'Edit mutes',
  },

  explain: {
    show: 'Show the words that decided',
    hide: 'Hide the words',
    loading: 'Looking…',
    failed: 'The explanation could not be made.',
    nothing: 'No model had a say here.',
    about: { relevance: 'Relevance', category: 'Category', severity: 'Severity', technique: 'Technique' },
    head: (about: string, label: string, p: number): string => `${about}: ${labels[label] ?? categoryName(label)}, ${percent(p)}`,
    by: {
      base_model: 'built-in model', user_model: 'your model', cwe: 'from the weakness', score: 'from the score', watch: 'by a watch',
    } satisfies Record<ExplainedBy, string>,
    figure: (about: string): string => `Words for and against: ${about}`,
    hint: 'Point at a word, or move to it by Tab, to see its places.',
    speaks: (weight: number): string => ` speaks ${weight >= 0 ? 'for' : 'against'} it, weight `,
    places: (places: number): string => `, ${places === 0 ? 'not in the text itself' : count(places, 'place', 'places')}`,
    weight: (weight: number): string => `${weight >= 0 ? '+' : '−'}${Math.abs(weight).toFixed(2)}`,
    choose: 'What was decided',
    none: 'None of its words is known to the model.',
  },

  names: {
    title: 'Names',
    kinds: entityKinds,
    search: (name: string): string => `Search for ${name}`,
    watch: (name: string): string => `Watch ${name}`,
    times: (n: number): string => `×${number(n)}`,
    timesLong: (n: number): string => (n === 1 ? 'once' : `${number(n)} times`),
    canonical: (id: string): string => `known as ${id}`,
    range: ({ from, from_included, to, to_included }: VersionSpan): string => {
      if (from !== null && from === to) return from;
      const low = from === null ? '' : from_included ? `from ${from}` : `after ${from}`;
      const high = to === null ? '' : to_included ? `through ${to}` : `before ${to}`;
      return [low, high].filter((part) => part !== '').join(' ');
    },
    showAll: (n: number): string => `Show all ${number(n)}`,
    showFewer: 'Show fewer',
  },

  indicators: {
    title: 'Indicators',
    kinds: indicatorKinds,
    copyAs: 'Copy',
    forms: { defanged: 'Defanged', live: 'Live' },
    copyOne: (text: string): string => `Copy ${text}`,
    copyAll: (kind: string, n: number): string => `Copy all ${number(n)}: ${kind}`,
    private: 'private',
    privateHow: 'An address of a private or local network: it says nothing outside of it',
    search: (value: string): string => `Search for ${value}`,
  },

  settings: {
    failed: 'The state of the models could not be read.',
    model: {
      title: 'Models',
      embedded: 'The models that came with this version.',
      file: 'From a file of your own:',
      none: 'No model is in use. Watches, mutes, scores and structured fields work; nothing is estimated from texts.',
      goesOn: 'Until it can be read, watches, mutes and scores decide alone.',
      useEmbedded: 'Use the built-in models',
      version: 'Version',
      versionOf: (version: string): string => {
        const [day, checksum] = version.split(' ');
        return checksum === undefined ? version : `newest text ${day ?? ''}, checksum ${checksum}`;
      },
      tasks: 'What they do, and how well on texts held back',
      task: (name: string): string => tasks[name] ?? name,
      columns: { task: 'Task', classes: 'Classes', metrics: 'Measured', size: 'Size' },
      /** `dev.title.macro_f1`: what was measured on which part of the texts that were held back; `null`: not for the screen. */
      metric: (name: string, value: number): string | null => {
        const parts = name.replace(/^(dev|cross)\./, '').split('.');
        const what = metrics[parts.pop() ?? ''];
        const texts = measuredOn[parts[0] ?? ''];
        return what === undefined || texts === undefined ? null : `${texts}${what} ${value.toFixed(3)}`;
      },
      bytes: (n: number): string => bytes(n),
      made: 'Made from',
      origin: (texts: number, licence: string): string => `${count(texts, 'text', 'texts')}, ${licence}`,
      ownFile: 'Own model file',
      ownFileHint: 'A file made by cargo xtask train; empty for the models that came with Tocsin',
    },
    threshold: {
      title: 'Relevance',
      intro: 'An article that no watch matches is relevant from this probability on. Lower finds more and rings more often.',
      label: 'Relevant from',
      valueText: (value: number): string => `${percent(value)} likely`,
      looking: 'Looking…',
      nothing: (days: number): string => `No article of the last ${number(days)} days was judged by a model.`,
      now: (n: number, of: number, days: number): string => `${number(n)} of ${count(of, 'article', 'articles')} of the last ${number(days)} days are relevant.`,
      then: (n: number, of: number, days: number): string => `${number(n)} of ${count(of, 'article', 'articles')} of the last ${number(days)} days would be relevant.`,
      gained: (n: number): string => `${number(n)} would be relevant that are not now`,
      lost: (n: number): string => `${number(n)} would no longer be relevant`,
      noneGained: 'None would be added',
      noneLost: 'None would be lost',
      figure: (now: number, then: number, of: number): string => `Of ${number(of)} articles ${number(now)} are relevant now, ${number(then)} would be`,
      barNow: 'now',
      barThen: 'then',
      more: (n: number): string => `and ${number(n)} more`,
      apply: 'Apply',
      keep: (value: number): string => `Keep ${percent(value)}`,
      applied: (value: number): string => `Articles are relevant from ${percent(value)} on; what is stored is judged again`,
      undo: 'Undo',
      failed: 'The preview failed.',
    },
    learnt: {
      title: 'What it has learnt from you',
      intro: 'Relevant and Not relevant, closing alerts and watches teach a model of your own. It stays on this machine.',
      states: {
        none: 'Nothing yet. Say Relevant (+) or Not relevant (−) to alerts; from enough of both on your own model speaks.',
        gathering: 'It is gathering: your model speaks once there are enough of both.',
        speaking: 'Your model speaks: it judges articles that no watch matches.',
        held_back: 'Your model is held back: on what was kept aside it is no better than the built-in one, which goes on.',
      } satisfies Record<UserModelState, string>,
      relevant: (n: number): string => `${number(n)} relevant`,
      notRelevant: (n: number): string => `${number(n)} not relevant`,
      needed: (n: number, each: number): string => `Your model speaks from ${count(n, 'label', 'labels')} on, at least ${number(each)} of each.`,
      inAll: (n: number): string => `${number(n)} in all`,
      progress: (name: string, n: number, needed: number): string => `${name}: ${number(n)} of ${number(needed)} needed`,
      trained: 'Trained',
      features: (n: number): string => count(n, 'feature', 'features'),
      cross: (folds: number): string => `Measured on your own labels, ${number(folds)} times on a part held back`,
      precision: 'Precision',
      precisionHow: 'of what it calls relevant, so much is',
      recall: 'Recall',
      recallHow: 'of what is relevant, it finds so much',
      f1: 'F1, your model',
      baseF1: 'F1, built-in model',
      terms: 'Words that weigh most',
      termsFigure: 'Words for and against relevance, with weights',
      retrain: 'Retrain now',
      training: 'Training…',
      retrainHint: 'It retrains by itself in the background after you said something.',
    },
    labels: {
      title: 'Labels',
      empty: 'No label yet. Open an article and say Relevant (+) or Not relevant (−).',
      failed: 'The labels could not be read.',
      from: { said: 'you said so', done: 'closed as Done', not_applicable: 'closed as Not applicable', watched: 'a watch matches' } satisfies Record<LabelFrom, string>,
      columns: { alert: 'Alert', label: 'Label', from: 'From', weight: 'Weight', at: 'When', act: 'Actions' },
      relevant: 'Relevant',
      notRelevant: 'Not relevant',
      remove: 'Remove',
      removeLabel: (title: string): string => `Remove the label of ${title}`,
      turn: (toRelevant: boolean): string => (toRelevant ? 'Say Relevant' : 'Say Not relevant'),
      turnLabel: (toRelevant: boolean, title: string): string => `Say ${toRelevant ? 'Relevant' : 'Not relevant'}: ${title}`,
      open: (title: string): string => `Open ${title}`,
      removed: (who: string): string => `The label of ${who} is removed`,
      turned: (who: string, relevant: boolean): string => `${who} is labelled ${relevant ? 'relevant' : 'not relevant'}`,
      undo: 'Undo',
      page: (first: number, last: number, total: number): string => `${number(first)} to ${number(last)} of ${count(total, 'label', 'labels')}`,
      previous: 'Newer',
      next: 'Older',
      actFailed: (why: string): string => `The label could not be changed. ${why}`,
    },
    keep: {
      title: 'Take it along, or begin anew',
      path: 'File',
      pathPlaceholder: '/home/ana/Documents/tocsin-model.json',
      export: 'Export',
      exported: (path: string): string => `Written to ${path}`,
      exists: 'This file exists already.',
      replace: 'Replace it',
      import: 'Import',
      importHint: 'Labels and model of another Tocsin take the place of what it has learnt here.',
      imported: 'What was learnt elsewhere is in use',
      reset: 'Reset …',
      resetTitle: 'Forget what it has learnt?',
      resetWhat: (n: number): string => `Your model and ${count(n, 'label', 'labels')} are deleted; the built-in models go on. Triage stays as it is. This cannot be undone; export first to be able to go back.`,
      resetConfirm: 'Forget it',
      cancel: 'Cancel',
      wasReset: 'It has forgotten what it had learnt',
    },
    again: {
      title: 'Analyse again',
      hint: (n: number): string => `Judges ${alerts(n)} anew with the models, watches and names of now: in the background, without touching triage or notifying anybody. After a change it happens by itself.`,
      start: 'Analyse again now',
    },
    failedAct: (why: string): string => `It did not work. ${why}`,
  },
};
