// The fake backend's sources: one healthy, one with problems, one that fails, and collecting in steps.
import type { Fault, Progress, Run, SourceFields, SourceRow } from '../generated';
import type { FakeBackend } from './backend';
import { NOW } from './data';

const ago = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();
const STEP_MS = 350;
const STEPS = 8;
const timedOut: Fault = { code: 'http_timeout', params: { host: 'owasp.example' }, message: 'owasp.example did not answer within 30 seconds. It is tried again in 12 minutes.' };
const noDate: Fault = { code: 'date_unreadable', params: {}, message: 'The date “yesterday-ish” could not be read.' };

function row(id: string, name: string, url: string, interval_min: number, alerts: number, run: Partial<Run>, fault: Fault | null): SourceRow {
  return {
    id, name, url, interval_min, alerts, enabled: true, running: null, backfill: null,
    kind: id === 'thehackernews' ? 'feed' : id === 'owasp' ? 'owasp' : 'nvd',
    health: { last_success: fault ? ago(1500) : ago(4), last_attempt: ago(4), fault, failures: fault ? 3 : 0, next_attempt: new Date(NOW + (fault ? 12 : 26) * 60_000).toISOString(), first_done: true },
    last_run: { id: 40, source: id, started: ago(5), finished: ago(4), outcome: fault ? 'failed' : 'succeeded', counts: { read: 128, new: 14, changed: 3, unchanged: 111, problems: 0 }, fault, problems: [], ...run },
  };
}

export class FakeSources {
  rows: SourceRow[];
  #timers = new Map<string, ReturnType<typeof setInterval>>();

  constructor(private readonly backend: FakeBackend) {
    this.rows = [
      row('nvd', 'NVD', 'https://services.nvd.example/rest/json/cves/2.0', 120, 4_702, {}, null),
      row('thehackernews', 'The Hacker News', 'https://feeds.example/TheHackersNews', 30, 288, {
        counts: { read: 50, new: 0, changed: 0, unchanged: 48, problems: 2 },
        problems: [{ subject: 'item 7', fault: noDate }, { subject: 'https://news.example/2026/11/x', fault: { code: 'title_missing', params: {}, message: 'It has no title.' } }],
      }, null),
      row('owasp', 'OWASP Top 10', 'https://owasp.example/Top10/2025/', 10_080, 10, {}, timedOut),
    ];
  }

  runs(id: string): Run[] {
    const last = this.rows.find((one) => one.id === id)?.last_run;
    if (!last) return [];
    return Array.from({ length: 12 }, (_, i) => ({
      ...last, id: last.id - i, started: ago(5 + i * 120), finished: new Date(NOW - (5 + i * 120) * 60_000 + 8_400 + i * 500).toISOString(),
      ...(i === 2 ? { outcome: 'failed' as const, fault: timedOut } : i === 3 ? { outcome: 'cancelled' as const, fault: null } : {}),
    }));
  }

  start(id?: string): void {
    for (const one of this.rows) if ((id ? one.id === id : one.enabled) && !one.running) this.#run(one.id);
  }

  cancel(id?: string): void {
    for (const one of [...this.#timers.keys()]) if (!id || one === id) this.#end(one, 'cancelled');
  }

  apply(id: string, fields: SourceFields): void {
    const clean = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
    this.#set(id, clean as Partial<SourceRow>);
  }

  #run(id: string): void {
    const total = id === 'nvd' ? 2_096 : id === 'owasp' ? 10 : 50;
    const progress = (done: number): Progress => ({ done, total: id === 'nvd' ? total : null });
    let step = 0;
    this.#set(id, { running: progress(0) });
    this.#timers.set(id, setInterval(() => {
      step += 1;
      if (step >= (id === 'nvd' ? STEPS : 3)) return this.#end(id, 'succeeded');
      this.#set(id, { running: progress(Math.round((total * step) / STEPS)) });
      if (id === 'nvd' && step % 3 === 0) this.backend.collectNew(2);
    }, STEP_MS));
  }

  #end(id: string, outcome: 'succeeded' | 'cancelled'): void {
    clearInterval(this.#timers.get(id));
    this.#timers.delete(id);
    const one = this.rows.find((source) => source.id === id);
    const fault = id === 'owasp' && outcome === 'succeeded' ? timedOut : null;
    if (one?.last_run) {
      const counts = { ...one.last_run.counts, new: id === 'nvd' ? 4 : 0, changed: 0 };
      this.#set(id, { running: null, last_run: { ...one.last_run, outcome: fault ? 'failed' : outcome, finished: ago(0), counts, fault }, health: { ...one.health, fault, first_done: true } });
    }
  }

  /** All years of NVD, as somebody asked for them; it stands still at a third. */
  backfill(state: 'running' | 'paused' | 'cancelled', fromYear: number | null = null): void {
    const before = this.rows.find(({ id }) => id === 'nvd')?.backfill;
    const from = `${fromYear ?? 1988}-01-01T00:00:00.000Z`;
    const begun = { done: 112_000, total: 338_000, from, to: ago(0), at: '2016-02-01T00:00:00.000Z', started: ago(40), fault: null };
    const speed = state === 'running' ? { per_min: 2_800, eta_s: 4_840 } : { per_min: null, eta_s: null };
    this.#set('nvd', { backfill: { ...(before ?? begun), ...speed, state } });
  }

  #set(id: string, change: Partial<SourceRow>): void {
    this.rows = this.rows.map((one) => (one.id === id ? { ...one, ...change } : one));
    this.backend.tell({ kind: 'source_changed', source: id });
  }
}
