// The fake backend's sources: every kind and every condition, collecting in steps, and reading all years of NVD.
import { CallError } from '../backend';
import type { Backfill, Condition, Fault, Progress, Run, RunNote, SourceFields, SourceRow, SourceSettings } from '../generated';
import type { FakeBackend } from './backend';
import { NOW } from './data';

const iso = (ms: number): string => new Date(ms).toISOString();
const ago = (minutes: number): string => iso(NOW - minutes * 60_000);
const STEP_MS = 350;
const STEPS = 8;
const ALL_YEARS = 361_204;
const timedOut: Fault = { code: 'http_timeout', params: { host: 'owasp.example' }, message: 'owasp.example did not answer within 30 seconds. It is tried again in 12 minutes.' };
const refused: Fault = { code: 'http_status', params: { status: '403' }, message: 'feeds.example refused (403). It is tried again in 3 hours.' };
const busy: Fault = { code: 'http_status', params: { status: '429' }, message: 'news.example asked for a pause (429).' };
const noDate: Fault = { code: 'date_unreadable', params: {}, message: 'The date “yesterday-ish” could not be read.' };
const DAY = 1440;

interface Made {
  id: string;
  name: string;
  url: string;
  kind?: SourceRow['kind'];
  group?: string;
  interval_min?: number;
  alerts?: number;
  condition?: Condition;
  fault?: Fault;
  enabled?: boolean;
  per_day?: number;
  rhythm_min?: number;
  built_in?: boolean;
  run?: Partial<Run>;
}

function made(one: Made): SourceRow {
  const { id, name, url, kind = 'feed', group = null, interval_min = 30, alerts = 12, fault = null, enabled = true, per_day = null, rhythm_min = null, built_in = false, run = {} } = one;
  const condition: Condition = one.condition ?? { kind: 'fine' };
  const isNew = condition.kind === 'never';
  return {
    id, name, url, kind, group, interval_min, alerts: isNew ? 0 : alerts, enabled, built_in, per_day, condition, running: null,
    sentence: 'How it does, in English.', adaptive: kind === 'feed' && rhythm_min !== null, full_text: false, allow_private: false, backfill: null,
    health: {
      last_success: isNew ? null : fault ? ago(1500) : ago(4), last_attempt: isNew ? null : ago(4), fault, failures: fault ? 3 : 0,
      next_attempt: enabled ? iso(NOW + (fault ? 12 : 26) * 60_000) : null, first_done: !isNew, first_failure: fault ? ago(1500) : null,
      newest_item: isNew || kind !== 'feed' ? null : ago(95), rhythm_min, per_day,
    },
    last_run: isNew ? null : {
      id: 40, source: id, started: ago(5), finished: ago(4), outcome: fault ? 'failed' : 'succeeded', counts: { read: 128, new: 14, changed: 3, unchanged: 111, problems: 0 },
      fault, problems: [], trigger: 'schedule', note: null, ...run,
    },
  };
}

const BUILT_IN: Made[] = [
  { id: 'nvd', kind: 'nvd', name: 'NVD', url: 'https://services.nvd.example/rest/json/cves/2.0', interval_min: 120, alerts: 4_702, built_in: true },
  { id: 'kev', kind: 'kev', name: 'CISA KEV', url: 'https://www.cisa.example/sites/default/files/feeds/known_exploited_vulnerabilities.json', interval_min: 360, alerts: 0, built_in: true, run: { note: { kind: 'mirror', url: 'https://raw.example/cisagov/kev-data/kev.json' }, counts: { read: 1480, new: 0, changed: 2, unchanged: 1478, problems: 0 } } },
  { id: 'epss', kind: 'epss', name: 'EPSS', url: 'https://epss.example/epss_scores-current.csv.gz', interval_min: 720, alerts: 0, built_in: true, run: { note: { kind: 'not_modified' } } },
  { id: 'owasp', kind: 'owasp', name: 'OWASP Top 10', url: 'https://owasp.example/Top10/2025/', interval_min: 7 * DAY, alerts: 10, built_in: true, fault: timedOut, condition: { kind: 'failing', since: ago(1500), failures: 3 } },
  { id: 'owasp-api', kind: 'owasp', name: 'OWASP API Security Top 10', url: 'https://owasp.example/API-Security/editions/2023/en/0x11-t10/', interval_min: 7 * DAY, alerts: 0, built_in: true, enabled: false, condition: { kind: 'off' } },
  {
    id: 'thehackernews', name: 'The Hacker News', url: 'https://feeds.example/TheHackersNews', group: 'News', alerts: 288, built_in: true, per_day: 12.3, rhythm_min: 45,
    run: { counts: { read: 50, new: 0, changed: 0, unchanged: 48, problems: 2 }, problems: [{ subject: 'item 7', fault: noDate }, { subject: 'https://news.example/2026/11/x', fault: { code: 'title_missing', params: {}, message: 'It has no title.' } }] },
  },
  { id: 'cisa', name: 'CISA advisories', url: 'https://www.cisa.example/cybersecurity-advisories/all.xml', group: 'Advisories', alerts: 61, built_in: true, per_day: 2.4, rhythm_min: 180 },
];

const OWN: Made[] = [
  { id: 'krebs', name: 'Krebs on Security', url: 'https://krebsonsecurity.example/feed/', group: 'News', alerts: 24, per_day: 0.4, condition: { kind: 'silent', since: ago(40 * DAY), usual_days: 2.1 } },
  { id: 'darkreading', name: 'Dark Reading', url: 'https://www.darkreading.example/rss.xml', group: 'News', alerts: 140, per_day: 8, fault: refused, condition: { kind: 'down', since: ago(19 * DAY) } },
  { id: 'securityweek', name: 'SecurityWeek', url: 'https://www.securityweek.example/feed/', group: 'News', per_day: 9.1, condition: { kind: 'waiting', until: iso(NOW + 25 * 60_000), fault: busy } },
  { id: 'debian', name: 'Debian security (DSA)', url: 'https://www.debian.example/security/dsa', group: 'Distributions', per_day: 0.9, rhythm_min: 240, run: { note: { kind: 'not_modified' } } },
  { id: 'ubuntu', name: 'Ubuntu security notices', url: 'https://ubuntu.example/security/notices/rss.xml', group: 'Distributions', condition: { kind: 'never' } },
  { id: 'talos', name: 'Cisco Talos', url: 'https://blog.talos.example/rss/', group: 'Research', per_day: 0.6, run: { note: { kind: 'moved', to: 'https://blog.talos.example/feed/' } } },
  { id: 'lab', name: 'Donaudampfschifffahrtsgesellschaftssicherheitsbeauftragtenmitteilungen der Landeshauptstadt', url: 'https://cert.intranet.example/feeds/mitteilungen.xml', group: 'Eigene Quellen und Verwaltungsbekanntmachungen', condition: { kind: 'empty', since: ago(3 * DAY) } },
  { id: 'old', name: 'A retired blog', url: 'https://blog.example/atom.xml', enabled: false, condition: { kind: 'off' }, alerts: 3 },
];

/** Only what is given changes. */
function given<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as Partial<T>;
}

export class FakeSources {
  rows: SourceRow[];
  #timers = new Map<string, ReturnType<typeof setInterval>>();
  #backfill: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly backend: FakeBackend, extra: 'none' | 'some' | 'many') {
    const many: Made[] = Array.from({ length: 200 }, (_, i) => ({
      id: `feed-${i}`, name: `Security feed number ${i + 1}`, url: `https://site-${i}.example/feed.xml`, group: ['News', 'Research', 'Vendors'][i % 3] ?? 'News', per_day: (i % 40) / 4,
      ...(i % 23 === 0 ? { fault: refused, condition: { kind: 'failing' as const, since: ago(90), failures: 2 } } : {}),
    }));
    this.rows = [...BUILT_IN, ...(extra === 'none' ? [] : OWN), ...(extra === 'many' ? many : [])].map(made);
  }

  runs(id: string): Run[] {
    const last = this.rows.find((one) => one.id === id)?.last_run;
    if (!last) return [];
    const notes: (RunNote | null)[] = [last.note, { kind: 'not_modified' }, null, null, { kind: 'host_busy' }, { kind: 'back_off', until: ago(400) }, { kind: 'offline' }, { kind: 'salvaged' }];
    const triggers: Run['trigger'][] = ['schedule', 'asked', 'schedule', 'start', 'schedule', 'schedule', 'caught_up'];
    return Array.from({ length: 12 }, (_, i) => ({
      ...last, id: last.id - i, started: ago(5 + i * 120), finished: iso(NOW - (5 + i * 120) * 60_000 + 8_400 + i * 500), note: last.fault && i < 4 ? null : (notes[i] ?? null), trigger: triggers[i] ?? 'schedule',
      ...(i > 0 ? { problems: [], counts: { ...last.counts, problems: 0 } } : {}),
      ...(i === 2 ? { outcome: 'failed' as const, fault: timedOut } : i === 3 ? { outcome: 'cancelled' as const, fault: null } : {}),
      ...(i >= 4 && i <= 6 ? { outcome: 'skipped' as const, fault: null, counts: { read: 0, new: 0, changed: 0, unchanged: 0, problems: 0 } } : {}),
    }));
  }

  start(id?: string): void {
    for (const one of this.rows) if ((id ? one.id === id : one.enabled) && !one.running) this.#run(one.id);
  }

  cancel(id?: string): void {
    for (const one of [...this.#timers.keys()]) if (!id || one === id) this.#end(one, 'cancelled');
  }

  apply(id: string, fields: SourceFields): void {
    const { group, ...clean } = given(fields);
    const enabled = clean.enabled ?? this.rows.find((one) => one.id === id)?.enabled ?? true;
    this.set(id, { ...(clean as Partial<SourceRow>), ...(group === undefined ? {} : { group: group.trim() === '' ? null : group }) });
    if (!enabled) this.set(id, { condition: { kind: 'off' } });
    else if (clean.enabled) this.set(id, { condition: { kind: 'fine' } });
  }

  /** A feed that was added: it is collected at once. */
  add(id: string, source: SourceSettings): void {
    if (source.kind !== 'feed') return;
    const row = made({ id, name: source.name, url: source.url, condition: { kind: 'never' }, ...(source.group === null ? {} : { group: source.group }) });
    this.rows = [...this.rows, { ...row, adaptive: source.adaptive, full_text: source.full_text, enabled: source.enabled, interval_min: source.interval_min, allow_private: source.allow_private }];
    this.#run(id);
  }

  remove(id: string): void {
    this.rows = this.rows.filter((one) => one.id !== id);
  }

  backfill(act: 'start' | 'pause' | 'resume' | 'cancel', fromYear?: number | null): void {
    const now = this.rows.find(({ id }) => id === 'nvd')?.backfill ?? null;
    clearInterval(this.#backfill);
    if (act === 'start') {
      this.#set({ state: 'running', done: 0, total: ALL_YEARS, from: `${fromYear ?? 1999}-01-01T00:00:00Z`, to: iso(NOW), at: `${fromYear ?? 1999}-01-01T00:00:00Z`, started: iso(NOW), eta_s: null, per_min: null, fault: null });
    } else if (now) {
      this.#set({ ...now, state: act === 'pause' ? 'paused' : act === 'cancel' ? 'cancelled' : 'running', eta_s: null, fault: null });
    } else {
      throw new CallError({ code: 'backfill_not_running', params: {}, message: 'No backfill is under way.' });
    }
    if (act === 'start' || act === 'resume') this.#backfill = setInterval(() => this.#step(), STEP_MS);
  }

  /** Puts a backfill in a state, as one was found at the start. */
  plantBackfill(change: Partial<Backfill>): void {
    this.#set({ state: 'running', done: 121_000, total: ALL_YEARS, from: '1999-01-01T00:00:00Z', to: iso(NOW), at: '2014-05-02T00:00:00Z', started: ago(12), eta_s: 1_470, per_min: 9_800, fault: null, ...change });
  }

  #step(): void {
    const now = this.rows.find(({ id }) => id === 'nvd')?.backfill;
    if (!now) return;
    const done = Math.min(ALL_YEARS, now.done + 24_000);
    if (done === ALL_YEARS) clearInterval(this.#backfill);
    const from = Date.parse(now.from);
    this.#set({ ...now, done, state: done === ALL_YEARS ? 'done' : 'running', per_min: 9_800, eta_s: done === ALL_YEARS ? null : Math.round(((ALL_YEARS - done) / 9_800) * 60), at: iso(from + ((Date.parse(now.to) - from) * done) / ALL_YEARS) });
  }

  #set(backfill: Backfill): void {
    this.set('nvd', { backfill });
  }

  #run(id: string): void {
    const total = id === 'nvd' ? 2_096 : id === 'owasp' ? 10 : 50;
    const progress = (done: number): Progress => ({ done, total: id === 'nvd' ? total : null });
    let step = 0;
    this.set(id, { running: progress(0) });
    this.#timers.set(id, setInterval(() => {
      step += 1;
      if (step >= (id === 'nvd' ? STEPS : 3)) return this.#end(id, 'succeeded');
      this.set(id, { running: progress(Math.round((total * step) / STEPS)) });
      if (id === 'nvd' && step % 3 === 0) this.backend.collectNew(2);
    }, STEP_MS));
  }

  #end(id: string, outcome: 'succeeded' | 'cancelled'): void {
    clearInterval(this.#timers.get(id));
    this.#timers.delete(id);
    const one = this.rows.find((source) => source.id === id);
    if (!one) return;
    const fault = id === 'owasp' && outcome === 'succeeded' ? timedOut : null;
    const last = one.last_run ?? made({ id, name: '', url: '' }).last_run;
    if (!last) return;
    const counts = { ...last.counts, new: id === 'nvd' ? 4 : one.last_run ? 0 : 50, changed: 0 };
    this.set(id, {
      running: null, last_run: { ...last, outcome: fault ? 'failed' : outcome, finished: ago(0), counts, fault, note: null }, alerts: one.last_run ? one.alerts : 50,
      health: { ...one.health, fault, first_done: true, last_success: fault ? one.health.last_success : ago(0) },
      condition: fault ? { kind: 'failing', since: ago(1500), failures: 4 } : { kind: 'fine' },
    });
  }

  set(id: string, change: Partial<SourceRow>): void {
    this.rows = this.rows.map((one) => (one.id === id ? { ...one, ...change } : one));
    this.backend.tell({ kind: 'source_changed', source: id });
  }
}
