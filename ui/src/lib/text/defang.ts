// Indicators for display and for the clipboard. The backend hands them over live (refanged); shown, they are
// defanged, so that nothing links to them or runs into them by mistake. Pure.
import type { IndicatorKind } from '$lib/ipc/analysis-shapes';

/** An indicator made harmless: `hxxps://evil[.]example/a`, `198.51.100[.]7`, `a[@]evil[.]example`. */
export function defang(kind: IndicatorKind, value: string): string {
  switch (kind) {
    case 'ipv4':
    case 'domain':
      return value.replaceAll('.', '[.]');
    case 'cidr':
      return value.includes(':') ? value.replaceAll(':', '[:]') : value.replaceAll('.', '[.]');
    case 'ipv6':
      return value.replaceAll(':', '[:]');
    case 'email':
      return value.replaceAll('@', '[@]').replaceAll('.', '[.]');
    case 'url':
      return defangUrl(value);
    default:
      return value;
  }
}

/** The scheme and the host are made harmless; the path stays as it is. */
function defangUrl(value: string): string {
  const [, scheme = '', slashes = '', host = '', rest = ''] = /^(?:([a-z][a-z0-9+.-]*)(:\/\/))?([^/?#]*)([\s\S]*)$/i.exec(value) ?? [];
  const dead = scheme.replace(/^http/i, 'hxxp').replace(/^ftp/i, 'fxp');
  return `${dead}${slashes === '' ? '' : dead === scheme ? '[://]' : slashes}${host.replaceAll('.', '[.]')}${rest}`;
}

/** Whether an address is of a private or local network, and so says nothing outside of it. */
export function isPrivate(kind: IndicatorKind, value: string): boolean {
  const host = kind === 'url' ? (/^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(value)?.[1] ?? '') : value.replace(/\/\d+$/, '');
  if (kind === 'ipv4' || kind === 'ipv6' || kind === 'cidr' || kind === 'url') return isPrivateHost(host.replace(/^\[|\]$/g, ''));
  return kind === 'domain' && isPrivateHost(value);
}

function isPrivateHost(host: string): boolean {
  const low = host.toLowerCase();
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(low)?.slice(1).map(Number);
  if (parts) {
    const [a = 0, b = 0] = parts;
    return a === 10 || a === 127 || a === 0 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168) || (a === 169 && b === 254) || (a === 100 && b >= 64 && b <= 127);
  }
  if (low.includes(':')) return low === '::1' || low === '::' || /^f[cd]/.test(low) || /^fe[89ab]/.test(low);
  return /(?:^|\.)(?:localhost|local|internal|lan|home\.arpa)$/.test(low);
}
