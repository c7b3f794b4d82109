// The fake backend's models: what they are, what the user's has learnt, its labels, the threshold and its preview,
// and analysing again in steps.
import { CallError } from '../backend';
import type { AnalysisStatus, Commands, Fault, LabelRow, LearntTerm, ModelInfo, ThresholdHit, UserModel } from '../generated';
import type { FakeBackend } from './backend';
import { NOW, type Stored } from './data';
import { explain, judge, scoreOf } from './findings';

const iso = (ms: number): string => new Date(ms).toISOString();
const DAY_MS = 86_400_000;
const NEEDED = 25;
const OWN_FILE = '/home/ana/models/own.tocsin';
const SURE = 0.5;

const INFO: ModelInfo = {
  format: 1, version: '2025-11-30 5c1e90aa',
  made_from: [
    { name: 'CVE records (cvelistV5)', licence: 'CC0', texts: 81_204, tasks: ['severity', 'category'] }, { name: 'Hacker News titles', licence: 'Hacker News API', texts: 21_600, tasks: ['relevance'] },
    { name: 'MITRE ATT&CK', licence: 'Apache-2.0', texts: 4_020, tasks: ['technique'] }, { name: 'MISP galaxies', licence: 'CC0 / BSD-2-Clause', texts: 7_914, tasks: ['gazetteer'] },
  ],
  tasks: [
    { task: 'severity', classes: ['low', 'medium', 'high'], features: 220_140, bytes: 1_910_000, metrics: [{ name: 'dev.macro_f1', value: 0.718 }, { name: 'dev.accuracy', value: 0.741 }, { name: 'dev.ece', value: 0.021 }] },
    { task: 'category', classes: Array.from({ length: 13 }, (_, i) => `c${i}`), features: 220_140, bytes: 5_120_000, metrics: [{ name: 'dev.macro_f1', value: 0.836 }, { name: 'dev.accuracy', value: 0.866 }, { name: 'dev.ece', value: 0.018 }] },
    { task: 'relevance', classes: ['not_relevant', 'relevant'], features: 96_310, bytes: 640_000, metrics: [{ name: 'dev.macro_f1', value: 0.931 }, { name: 'dev.pr_auc', value: 0.988 }, { name: 'dev.ece', value: 0.027 }] },
    { task: 'technique', classes: Array.from({ length: 50 }, (_, i) => `T${i}`), features: 40_118, bytes: 2_900_000, metrics: [{ name: 'dev.macro_f1', value: 0.762 }] },
    { task: 'crf.report', classes: ['malware', 'actor'], features: 18_400, bytes: 1_240_000, metrics: [{ name: 'dev.cyner.micro_f1', value: 0.701 }] },
  ],
};
const BROKEN: Fault = {
  code: 'model_unusable', params: { file: '/home/ana/models/own.tocsin', reason: 'its checksum does not match' },
  message: 'The model file /home/ana/models/own.tocsin is not used: its checksum does not match.',
};
const TERMS: LearntTerm[] = [
  ['vpn gateway', 1.92], ['mail relay', 1.61], ['kubernetes', 1.2], ['unpatched', 0.94], ['supply-chain', 0.71], ['Industriesteuerungsanlagen', 0.55], ['exploit', 0.41], ['zero-day', 0.38],
  ['podcast', -1.74], ['funding', -1.51], ['webinar', -1.33], ['quarterly', -0.86], ['acquires', -0.7], ['interview', -0.44],
].map(([term, weight]) => ({ term: term as string, weight: weight as number }));

type Names = `analysis_${'status' | 'labels' | 'retrain' | 'reset' | 'export' | 'import' | 'reanalyse' | 'threshold_preview'}` | 'alert_explain';
type Handlers = { [K in Names]: (request: Commands[K]['request']) => Commands[K]['response'] };

export class FakeAnalysis {
  #isTraining = false;
  #reanalysis: number | null = null;
  #trained: string | null = null;
  #wasReset = false;
  readonly files = new Set<string>(['/home/ana/Documents/model.json']);

  constructor(private readonly backend: FakeBackend, private readonly kind: 'fine' | 'broken' | 'none' | 'taught' | 'held_back') {
    if (kind === 'broken') backend.settings.analysis = { threshold: null, model_file: OWN_FILE };
    if (kind === 'taught' || kind === 'held_back') this.#trained = iso(NOW - 3 * 3_600_000);
  }

  get threshold(): number {
    return this.backend.settings.analysis.threshold ?? SURE;
  }

  judge({ detail }: Stored): void {
    const { finding, row } = detail;
    finding.relevance = judge(detail, this.backend.settings.watchList, this.backend.settings.mutes, { threshold: this.threshold, isTaught: this.kind === 'taught' && !this.#wasReset });
    row.matched = [...new Set(finding.relevance.matches.map((match) => match.watch))];
    row.is_relevant = finding.relevance.is_relevant;
    row.is_muted = finding.relevance.reason === 'mute';
  }

  /** What people said, and for a taught model many labels from before. */
  #labels(): LabelRow[] {
    if (this.#wasReset) return [];
    const labels: LabelRow[] = [];
    const isTaught = this.kind === 'taught' || this.kind === 'held_back';
    for (const [i, { detail }] of this.backend.alerts.entries()) {
      const { row } = detail;
      const label = { alert: row.id, uid: row.uid, title: row.title, at: iso(NOW - (i + 1) * 600_000) };
      if (row.feedback !== null) labels.push({ ...label, is_relevant: row.feedback, weight: 1, from: 'said' });
      else if (isTaught && row.state === 'done') labels.push({ ...label, is_relevant: true, weight: 0.5, from: 'done' });
      else if (isTaught && row.state === 'not_applicable') labels.push({ ...label, is_relevant: false, weight: 0.5, from: 'not_applicable' });
      else if (isTaught && row.matched.length > 1) labels.push({ ...label, is_relevant: true, weight: 0.25, from: 'watched' });
    }
    return labels;
  }

  #user(): UserModel {
    const labels = this.#labels();
    const relevant = labels.filter((label) => label.is_relevant).length;
    const counts = { relevant, not_relevant: labels.length - relevant, needed: NEEDED, needed_of_each: 8 };
    if (this.#trained === null || this.#wasReset) return { ...counts, state: labels.length > 0 ? 'gathering' : 'none', trained: null, features: 0, cross: null, terms: [] };
    const cross = this.kind === 'held_back' ? { precision: 0.81, recall: 0.77, f1: 0.79, base_f1: 0.83, ece: 0.07, folds: 5 } : { precision: 0.91, recall: 0.88, f1: 0.895, base_f1: 0.83, ece: 0.04, folds: 5 };
    return { ...counts, state: this.kind === 'held_back' ? 'held_back' : 'speaking', trained: this.#trained, features: 512, cross, terms: TERMS };
  }

  #status(): AnalysisStatus {
    const isBroken = this.backend.settings.analysis.model_file === OWN_FILE;
    const model: AnalysisStatus['model'] = isBroken
      ? { info: null, origin: { kind: 'none' }, fault: BROKEN }
      : this.kind === 'none'
        ? { info: null, origin: { kind: 'none' }, fault: { code: 'model_unusable', params: { file: '', reason: 'it ends too early' }, message: 'The built-in model is not used: it ends too early.' } }
        : { info: INFO, origin: { kind: 'embedded' }, fault: null };
    return { model, threshold: this.threshold, user: this.#user(), is_training: this.#isTraining, reanalysis: this.#reanalysis };
  }

  #retrain(): void {
    if (this.#isTraining) throw new CallError({ code: 'training_busy', params: {}, message: 'It is being trained already.' });
    this.#isTraining = true;
    setTimeout(() => {
      this.#isTraining = false;
      if (this.#labels().length >= NEEDED) this.#trained = iso(NOW);
      this.backend.tell({ kind: 'work_changed' });
    }, 900);
    this.backend.tell({ kind: 'work_changed' });
  }

  #reanalyse(): void {
    const total = this.backend.alerts.length;
    const work = this.backend.keeping.run('reanalyse', total, true, () => undefined);
    this.#reanalysis = this.backend.keeping.work.at(-1)?.id ?? null;
    const end = (): void => {
      this.#reanalysis = null;
      this.backend.tell({ kind: 'work_changed' });
    };
    work.then(end, end);
  }

  readonly handlers: Handlers = {
    analysis_status: () => this.#status(),
    analysis_labels: ({ offset, limit }) => {
      const all = this.#labels();
      return { total: all.length, labels: all.slice(offset, offset + Math.min(limit, 200)) };
    },
    analysis_retrain: () => (this.#retrain(), {}),
    analysis_reset: () => {
      this.#wasReset = true;
      this.backend.alerts.forEach(({ detail }) => {
        detail.row = { ...detail.row, feedback: null };
        detail.feedback = null;
      });
      this.backend.judgeAgain();
      return {};
    },
    analysis_export: ({ path, overwrite }) => {
      if (this.files.has(path) && !overwrite) throw new CallError({ code: 'file_exists', params: { path }, message: `${path} exists.` });
      this.files.add(path);
      return {};
    },
    analysis_import: ({ path }) => {
      if (!path.startsWith('/')) throw new CallError({ code: 'file_unreadable', params: { path }, message: `${path} cannot be read: no such file.` });
      this.#wasReset = false;
      this.#trained = iso(NOW);
      return {};
    },
    analysis_reanalyse: () => (this.#reanalyse(), {}),
    analysis_threshold_preview: ({ threshold }) => {
      const recent = this.backend.alerts.filter(({ detail }) => detail.row.kind === 'article' && Date.parse(detail.row.published) > this.backend.now - 30 * DAY_MS);
      const scored = recent.flatMap(({ detail }): ThresholdHit[] => {
        const score = detail.finding.abstained === null && detail.finding.relevance.matches.length === 0 ? scoreOf(detail) : null;
        return score === null ? [] : [{ id: detail.row.id, title: detail.row.title, score }];
      });
      const now = scored.filter(({ score }) => score >= this.threshold);
      const then = scored.filter(({ score }) => score >= threshold);
      return {
        days: 30, articles: recent.length, relevant_now: now.length, relevant_then: then.length,
        gained: then.filter(({ score }) => score < this.threshold).slice(0, 10), lost: now.filter(({ score }) => score < threshold).slice(0, 10),
      };
    },
    alert_explain: ({ id }) => explain(this.backend.stored(id).detail),
  };
}
