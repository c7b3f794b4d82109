// Fictional alerts for component tests and for working on the interface without the backend: the same ones
// every time. No real CVE, product flaw or article is described.
import type { Act, Change, Detail, Finding, Kind, Note, Product, Row, Score, Severity, SeverityBasis, State, TriageEntry } from '../generated';
import { categoryOf, entitiesOf, indicatorsOf } from './findings';

/** The fake backend's now: fixed, so that ages and pictures are the same every time. */
export const NOW = Date.parse('2026-11-22T09:41:00Z');

const VENDORS: [string, string, string][] = [
  ['apache', 'http_server', 'Apache HTTP Server'], ['openssl', 'openssl', 'OpenSSL'], ['kubernetes', 'kubernetes', 'Kubernetes'],
  ['nginx', 'nginx', 'nginx'], ['grafana', 'grafana', 'Grafana'], ['postgresql', 'postgresql', 'PostgreSQL'],
  ['wordpress', 'wordpress', 'WordPress'], ['brightgate', 'vpn_gateway', 'Brightgate VPN Gateway'], ['northwind', 'mail_relay', 'Northwind Mail Relay'],
  ['mozilla', 'firefox', 'Firefox'], ['redis', 'redis', 'Redis'], ['gitlab', 'gitlab', 'GitLab'], ['linux', 'linux_kernel', 'Linux kernel'],
];
const FLAWS = [
  'out-of-bounds write when decoding crafted messages', 'privilege escalation through crafted admission requests',
  'memory disclosure with a crafted session', 'authentication bypass in the management interface', 'a crafted collation crashes the planner',
  'path traversal lets a remote attacker read files outside the root', 'stored cross-site scripting in the comment form',
  'SQL injection in the search parameter', 'use after free while closing a connection', 'a proxy accepts requests with a forged header',
  'denial of service through deeply nested input', 'hard-coded key in the update service', 'server-side request forgery in the preview of links',
];
const ARTICLES = [
  'Ransomware group turns unpatched mail gateways into staging points, agencies warn',
  'Supply-chain attack plants a credential stealer in a popular build plugin',
  'New phishing kit copies single sign-on pages within seconds', 'Botnet of home routers used to hide password spraying',
  'Researchers show how a forgotten subdomain leaks session cookies', 'Police seize servers of a malware loader service',
];
const OWASP = [
  'Broken Access Control', 'Security Misconfiguration', 'Software Supply Chain Failures', 'Cryptographic Failures', 'Injection',
  'Insecure Design', 'Authentication Failures', 'Software or Data Integrity Failures', 'Security Logging and Alerting Failures',
  'Mishandling of Exceptional Conditions',
];
const LONG = 'Brightgate VPN Gateway: ' + 'a very long title that goes on and on to see whether the list and the detail stay in shape, '.repeat(6).slice(0, 470) + 'end';
/** What only the articles that name much say. */
const NAMED = `

The group Velvet Otter (also UNC-0000) sent mails with PaperLantern, T1566.001, and later ran GreyTide; Gratewire was found on the way. Brightgate VPN Gateway before 9.1.4 and Northwind Mail Relay 3.0 through 3.2.7 are affected by CVE-2026-29990, says the Landesamt für Informationssicherheitsbeauftragtenangelegenheiten.

Servers: 198.51.100[.]23, 203.0.113[.]0/24 was scanned, 10.20.0.5 is inside; hxxps://update-check[.]example/stage2?id=7 and mail[.]relay-status[.]example. Mails came from billing[@]relay-status[.]example. Files: C:\\Windows\\Temp\\svchost32.exe, HKLM\\Software\\Run\\PaperLantern, 5d41402abc4b2a76b9719d911017c592, ${'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'}, ${Array.from({ length: 14 }, (_, i) => `192.0.2[.]${i + 10}`).join(', ')}.`;
const RTL = 'ثغرة في بوابة البريد تسمح بتنفيذ تعليمات برمجية عن بعد';

export interface Stored {
  detail: Detail;
  /** Stored by a source's first collection. */
  isFirst: boolean;
}

const NOTHING_MORE = {
  epss: null, category: null, feedback: null, is_muted: false, tags: [], reason: null, until: null, changed_since: false, title_marks: [], snippet: null,
} satisfies Partial<Row>;

const FOUND_NOTHING: Finding = {
  severity: null, severity_basis: { kind: 'unscored' }, relevance: { is_relevant: false, reason: 'no_watch', score: null, matches: [], muted_by: [] }, category: null, estimate: null,
  entities: [], indicators: [], techniques: [], named: [], abstained: null,
};

/** A number from 0 to 1 that belongs to an alert. */
const fraction = (n: number): number => ((n * 7919 + 131) % 997) / 997;

/** A small generator with a fixed start (mulberry32): the same numbers every time. */
export function randomFrom(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let x = Math.imul(a ^ (a >>> 15), 1 | a);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
const levelOf = (score: number): Severity => (score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low');
const idAt = (ms: number, counter: number): number => Math.floor(ms / 1000) * 2 ** 20 + counter;

export function makeAlert(n: number, at: number, random: () => number): Stored {
  const kind: Kind = n % 17 === 3 ? 'article' : n % 211 === 12 ? 'guidance' : 'vulnerability';
  const detail = kind === 'vulnerability' ? vulnerability(n, at, random) : kind === 'article' ? article(n, at) : guidance(n, at);
  const row = detail.row;
  const isFirst = n > 60;
  row.state = isFirst ? pick(['new', 'new', 'new', 'reviewing', 'action_needed', 'done', 'not_applicable'] as State[], random) : n % 9 === 5 ? 'reviewing' : 'new';
  row.unread = !isFirst && n % 3 !== 2 && row.state === 'new';
  if (row.state !== 'new') detail.triage = [entryOf(iso(at + 1_800_000), setState(row.state), 'new')];
  const { finding } = detail;
  finding.category = categoryOf(detail, n);
  finding.entities = entitiesOf(detail);
  finding.indicators = indicatorsOf(detail);
  row.category = finding.category?.name ?? null;
  livened(n, detail, at);
  return { detail, isFirst };
}

export const setState = (state: State, reason: string | null = null, until: string | null = null): Act => ({ kind: 'set_state', state, reason, until });
export const entryOf = (at: string, act: Act, before: State | null, undone = false): TriageEntry => ({ at, act, before, undone, alerts: 1 });

/** What people did to a few of them, so that every part of the interface has something to show. */
function livened(n: number, detail: Detail, at: number): void {
  const row = detail.row;
  if (n % 6 === 1) row.tags = n % 12 === 1 ? ['edge', 'patch-friday'] : ['edge'];
  if (n % 29 === 4 && n !== 4) {
    row.state = 'accepted_risk';
    row.reason = 'Accepted by the platform team until the migration';
    detail.triage.unshift(entryOf(iso(at + 2_000_000), setState('accepted_risk', row.reason), 'new'));
  }
  if (n % 13 === 10) {
    row.state = 'snoozed';
    row.unread = false;
    row.until = iso(NOW + 23.3 * 3_600_000 + (n % 5) * 86_400_000);
    detail.triage.unshift(entryOf(iso(at + 2_000_000), setState('snoozed', null, row.until), 'new'));
  }
  if (n % 10 === 0) lookedAt(n, detail, at);
  detail.tags = row.tags;
}

/** A long history: seen once by the user, and much happened since. */
function lookedAt(n: number, detail: Detail, at: number): void {
  const looked = at + 2_400_000;
  const product = (i: number): Product => ({ vendor: 'apache', product: i === 0 ? 'http_server' : `http_server_module_${i}`, versions: `2.4.${i} to 2.4.${57 + i}` });
  const more: Change[] = [
    { kind: 'epss_jump', at: iso(at + 9_000_000), before: 0.12, after: 0.61 },
    { kind: 'products_changed', at: iso(at + 8_000_000), added: Array.from({ length: 8 }, (_, i) => product(i)), removed: [product(9)] },
    { kind: 'text_changed', at: iso(at + 7_000_000), before: { title: null, text: detail.text.replace('without an account', 'with an account of any kind') }, after: { title: null, text: detail.text } },
    { kind: 'severity_raised', at: iso(at + 3_100_000), before: 'medium', after: 'high' },
    ...(n % 20 === 0 ? [] : [{ kind: 'rejected', at: iso(at + 9_500_000), before: 'Analyzed', after: 'Rejected' } satisfies Change, { kind: 'reopened', at: iso(at + 9_600_000), before: null } satisfies Change]),
  ];
  detail.changes = [...more, ...detail.changes].sort((a, b) => b.at.localeCompare(a.at)).filter((change) => Date.parse(change.at) <= NOW);
  detail.looked = iso(looked);
  detail.row.changed = detail.changes[0]?.at ?? null;
  detail.row.changed_since = detail.changes.some((change) => Date.parse(change.at) > looked);
  detail.triage.push(
    entryOf(iso(at + 1_500_000), setState('done', 'Patched'), 'new', true),
    entryOf(iso(at + 1_200_000), { kind: 'add_tag', tag: 'edge' }, null),
  );
  const note: Note = { id: n * 10 + 1, at: iso(at + 2_300_000), edited: null, text: 'The reverse proxies in both data centres run an affected version.\nTicket OPS-4711 has the plan; Friday’s window.' };
  detail.notes = [note];
  if (!detail.row.tags.includes('edge')) detail.row.tags = [...detail.row.tags, 'edge'];
}

function pick<T>(all: readonly T[], random: () => number): T {
  return all[Math.floor(random() * all.length)] as T;
}

function vulnerability(n: number, at: number, random: () => number): Detail {
  const [vendor, product, name] = pick(VENDORS, random);
  const flaw = pick(FLAWS, random);
  const title = n === 21 ? LONG : n === 9 ? RTL : n === 13 ? 'Grafana: 𝔘nicode 🚨 in a title, then nginx with <b>markup</b> that stays text' : `${name}: ${flaw}`;
  const uid = `CVE-2026-${String(29_999 - n).padStart(5, '0')}`;
  const unscored = n % 8 === 6;
  const isExploited = n % 23 === 0;
  const points = Math.round((unscored ? 0 : 2.5 + random() * 7.4) * 10) / 10;
  const scores: Score[] = unscored ? [] : [
    { version: '3.1', issuer: 'cna', source: `security@${vendor}.example`, primary: false, score: points, vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
    ...(n % 2 === 0 ? [{ version: '3.1', issuer: 'nvd', source: 'nvd@nist.gov', primary: true, score: points, vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' } satisfies Score] : []),
    ...(n % 5 === 0 ? [{ version: '4.0', issuer: 'cisa-adp', source: '134c704f-9b21-4f2e-91b3-4a467353bcc0', primary: false, score: Math.max(0.1, points - 1.2), vector: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N' } satisfies Score] : []),
  ];
  const chosen = scores.find((score) => score.primary) ?? scores[0] ?? null;
  const scored = chosen ? levelOf(chosen.score) : null;
  const estimated = unscored && n % 16 === 14;
  const isRaised = isExploited && scored !== 'high';
  const severity: Severity | null = isExploited ? 'high' : (scored ?? (estimated ? 'high' : null));
  const basis: SeverityBasis = isRaised
    ? { kind: 'exploited', by: n % 2 === 0 ? 'kev' : 'ssvc', score: chosen }
    : chosen ? { kind: 'score', score: chosen } : estimated ? { kind: 'estimated', probability: 0.81 } : { kind: 'unscored' };
  const products: Product[] = Array.from({ length: n % 31 === 0 ? 40 : 1 + (n % 3) }, (_, i) => ({
    vendor, product: i === 0 ? product : `${product}_module_${i}`, versions: i % 4 === 3 ? '' : `2.4.${i} to 2.4.${57 + i}`,
  }));
  return {
    row: {
      id: idAt(at, n % 1024), uid, kind: 'vulnerability', source: 'nvd', source_name: 'NVD', title, published: iso(at), added: iso(at + 600_000),
      changed: n % 7 === 0 ? iso(at + 5_400_000) : null, severity, estimated, score: chosen ? { score: chosen.score, version: chosen.version, issuer: chosen.issuer } : null,
      exploited: isExploited, matched: [], is_relevant: false, state: 'new', unread: false,
      ...NOTHING_MORE, epss: n % 9 === 4 ? null : Math.round((isExploited ? 0.6 + fraction(n) * 0.38 : fraction(n) ** 4) * 1000) / 1000,
    },
    text: `A flaw in ${name} (${flaw}) affects versions 2.4.0 to 2.4.57. 🚨 An attacker who can reach ${name} over the network may use it without an account.\n\nAdministrators should update, or restrict access to ${vendor} hosts until they can. Requests that hold <script>alert(1)</script> are shown here as text.`,
    url: `https://nvd.example/vuln/detail/${uid}`,
    updated: iso(at + 3_600_000),
    facts: {
      status: unscored ? 'Awaiting Analysis' : 'Analyzed', issued_by: `security@${vendor}.example`, scores, cwes: ['CWE-22', 'CWE-787'].slice(0, 1 + (n % 2)), products,
      references: [
        { url: `https://${vendor}.example/security/advisories/${uid}`, tags: ['Vendor Advisory', 'Patch'] },
        { url: `https://lists.example/oss-security/2026/11/${n}?view=thread&sort=newest-first-with-a-long-query`, tags: ['Mailing List'] },
      ],
      tags: n % 40 === 0 ? ['disputed'] : [],
      kev: isExploited ? { added: '2026-11-20T00:00:00.000Z', due: '2026-12-11T00:00:00.000Z', name: `${name} flaw`, action: 'Apply the vendor’s mitigations or stop using the product.', ransomware: n % 80 === 0 } : null,
      ranges: [], ssvc: [], other_metrics: [],
      ssvc_exploitation: isExploited ? 'active' : n % 6 === 0 ? 'poc' : null,
      other_languages: n % 4 === 0 ? [{ lang: 'es', text: `Un fallo en ${name} afecta a las versiones 2.4.0 a 2.4.57.` }] : [], cves: [], owasp: null,
    },
    finding: { ...FOUND_NOTHING, severity, severity_basis: basis, estimate: estimated ? { severity: 'high', probability: 0.81 } : null },
    changes: [
      ...(isExploited ? [{ kind: 'exploited', at: iso(at + 5_400_000), before: null, after: 'kev' } as const] : []),
      ...(chosen ? [{ kind: 'scored', at: iso(at + 3_000_000), before: null, after: { score: chosen.score, version: chosen.version } } as const] : []),
      { kind: 'new', at: iso(at + 600_000) },
    ],
    triage: [], looked: null, tags: [], notes: [], feedback: null,
    epss: n % 9 === 4 ? null : { probability: 0.5, percentile: 0.97, day: '2026-11-21T00:00:00.000Z' },
    owasp: [{ list: 'top10', edition: '2025', code: 'A01', is_newest: true, title: 'OWASP Top 10: Broken Access Control', alert: null }],
    deliveries: n % 23 === 0 ? deliveredOf(n, at) : [],
  };
}

/** One that arrived, and one that waits for its digest. */
function deliveredOf(n: number, at: number): Detail['deliveries'] {
  const base = { created: iso(at + 600_000), attempts: 1, next_attempt: null, fault: null };
  return [
    { ...base, id: (n % 50) + 2, channel: 'slack', form: 'digest', state: 'waiting', due: iso(NOW + 20_000_000), attempts: 0, finished: null },
    { ...base, id: (n % 50) + 1, channel: 'email', form: 'alerts', state: 'sent', due: iso(at + 630_000), finished: iso(at + 640_000) },
  ];
}

function article(n: number, at: number): Detail {
  const title = ARTICLES[Math.floor(n / 17) % ARTICLES.length] as string;
  const names = n % 2 === 1;
  const detail = plain(n, at, 'article', `feed:thehackernews:${n.toString(16)}`, 'thehackernews', 'The Hacker News', title);
  detail.url = `https://news.example/2026/11/${n}.html`;
  detail.text = `${title}. The campaign has been seen since the beginning of the month, say people who looked into it.\n\nThose who run an affected gateway should update, rotate keys and look for unknown scheduled tasks.${n % 34 === 3 ? NAMED : ''}`;
  if (n % 34 === 3) detail.finding.techniques = [{ id: 'T1566.001', name: 'Spearphishing Attachment', probability: 0.91 }, { id: 'T1059.001', name: 'PowerShell', probability: 0.63 }];
  if (n % 85 === 54) {
    detail.text = 'Eine Schwachstelle im Fernwartungszugang der Telekommunikationsüberwachungsverordnungsbehörde erlaubt das Ausführen beliebiger Befehle.';
    detail.finding.abstained = 'not_english';
  }
  if (n % 85 === 71) {
    detail.text = '';
    detail.finding.abstained = 'too_short';
  }
  detail.facts.issued_by = 'A. Reporter';
  if (names) {
    detail.facts.cves = ['CVE-2026-29990'];
    detail.row.severity = 'high';
    detail.finding.severity = 'high';
    detail.finding.severity_basis = { kind: 'named_cve', cve: 'CVE-2026-29990' };
  }
  return detail;
}

function guidance(n: number, at: number): Detail {
  const at10 = Math.floor(n / 211) % 10;
  const code = `A${String(at10 + 1).padStart(2, '0')}`;
  const detail = plain(n, at, 'guidance', `owasp:top10:2025:${code}`, 'owasp', 'OWASP Top 10', `OWASP Top 10: ${OWASP[at10] ?? ''}`);
  detail.text = `${OWASP[at10] ?? ''} is ${code} of the OWASP Top 10 of 2025.`;
  detail.facts.owasp = { list: 'top10', edition: '2025', code };
  detail.facts.cwes = ['CWE-79', 'CWE-89'];
  return detail;
}

function plain(n: number, at: number, kind: Kind, uid: string, source: string, source_name: string, title: string): Detail {
  return {
    row: {
      id: idAt(at, n % 1024), uid, kind, source, source_name, title, published: iso(at), added: iso(at + 300_000), changed: null, severity: null, estimated: false,
      score: null, exploited: false, matched: [], is_relevant: false, state: 'new', unread: false, ...NOTHING_MORE,
    },
    text: '', url: null, updated: null,
    facts: { status: null, issued_by: null, scores: [], cwes: [], products: [], ranges: [], ssvc: [], other_metrics: [], references: [], tags: [], kev: null, ssvc_exploitation: null, other_languages: [], cves: [], owasp: null },
    finding: { ...FOUND_NOTHING },
    changes: [{ kind: 'new', at: iso(at + 300_000) }], triage: [], looked: null, tags: [], notes: [], feedback: null, deliveries: [], epss: null, owasp: [],
  };
}
