// The fake backend's messages: about what each kind of channel sends of an alert, and of a digest. It keeps the
// shapes of the real ones, not their words.
import type { Rendered, Row } from '../generated';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const level = (row: Row): string => (row.severity === null ? 'Unscored' : row.severity === 'high' ? 'High' : row.severity === 'medium' ? 'Medium' : 'Low');
const scored = (row: Row): string => (row.score ? `${row.score.score.toFixed(1)} (CVSS v${row.score.version}, ${row.score.issuer === 'nvd' ? 'NVD' : 'CNA'})` : 'no score yet');
const link = (row: Row): string => `http://localhost:8000/#/alerts/${row.uid}`;
const COLOURS: Record<string, string> = { High: '#b3261e', Medium: '#8a5a00', Low: '#3b6078', Unscored: '#5f6368' };

/** A message of these alerts; a digest where it is asked for. */
export function rendered(kind: string, rows: readonly Row[], isDigest: boolean): Rendered {
  const [first] = rows;
  if (!first) return { kind: 'desktop', summary: 'Tocsin', body: '', urgency: 'low' };
  const subject = isDigest ? `[Digest] ${rows.length} alerts since yesterday` : `[${level(first)}] ${first.uid} ${first.title}`;
  switch (kind) {
    case 'email':
      return { kind: 'email', subject, text: plain(subject, rows), html: mail(subject, rows) };
    case 'slack':
      return { kind: 'slack', text: escaped(subject), blocks: JSON.stringify(blocks(subject, rows)) };
    case 'telegram':
      return { kind: 'telegram', html: telegram(subject, rows), plain: plain(subject, rows), silent: !rows.some((row) => row.severity === 'high' || row.exploited) };
    default:
      return { kind: 'desktop', summary: isDigest ? subject : first.title, body: `${level(first)}, ${scored(first)}${first.exploited ? ', exploited' : ''}\nMatches ${first.matched.join(', ') || 'no watch'}`, urgency: first.exploited ? 'critical' : first.severity === 'high' ? 'normal' : 'low' };
  }
}

function plain(subject: string, rows: readonly Row[]): string {
  return [subject, '', ...rows.flatMap((row) => [`${level(row)}  ${row.title}`, `  ${row.uid}, ${scored(row)}${row.exploited ? ', exploited' : ''}`, `  ${link(row)}`, ''])].join('\n');
}

function mail(subject: string, rows: readonly Row[]): string {
  const cells = rows.map((row) => `<tr><td style="padding: 10px 16px; border-top: 1px solid #dddddd"><span style="color: ${COLOURS[level(row)]}; font-weight: 600">${level(row)}</span>${row.exploited ? ' <b style="color: #b3261e">Exploited</b>' : ''}<br><a href="${link(row)}" style="color: #1a4fa3">${escaped(row.title)}</a><br><span style="color: #5f6368; font-size: 12px">${escaped(row.uid)}, ${scored(row)}</span></td></tr>`);
  return `<!doctype html><html><head><style>.card { border-radius: 6px }</style></head><body style="background: #f4f4f6; color: #202124; padding: 16px"><table class="card" width="100%" style="background: #ffffff; max-width: 600px"><tr><td style="padding: 12px 16px"><h1 style="font-size: 17px; margin: 0">${escaped(subject)}</h1></td></tr>${cells.join('')}</table><script>alert(1)</script></body></html>`;
}

function blocks(subject: string, rows: readonly Row[]): unknown[] {
  return [
    { type: 'header', text: { type: 'plain_text', text: subject.slice(0, 150) } },
    ...rows.flatMap((row) => [
      { type: 'section', text: { type: 'mrkdwn', text: `*<${link(row)}|${escaped(row.title)}>*\n${row.exploited ? '*Exploited* ' : ''}_${level(row)}_ ${scored(row)}` } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: `\`${row.uid}\`` }, { type: 'mrkdwn', text: escaped(row.source_name) }] },
      { type: 'divider' },
    ]),
    { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Open' }, url: 'http://localhost:8000/', style: 'primary' }] },
  ];
}

function telegram(subject: string, rows: readonly Row[]): string {
  return [`<b>${escaped(subject)}</b>`, ...rows.map((row) => `\n<b>${level(row)}</b>${row.exploited ? ' <u>Exploited</u>' : ''} <a href="${link(row)}">${escaped(row.title)}</a>\n<code>${escaped(row.uid)}</code> <i>${scored(row)}</i>`)].join('\n');
}
