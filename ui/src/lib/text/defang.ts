// Indicators for display and for the clipboard. The backend hands them over live (refanged); shown, they are
// defanged as the backend does it, so that nothing links to them or runs into them by mistake. Pure.
import type { IndicatorKind } from '$lib/ipc/generated';

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
      // The dots of the mailbox stay: nothing is sent to them alone.
      return value.replace(/@([^@]*)$/, (_, host: string) => (host.startsWith('[') ? `@${host}` : `[@]${host.replaceAll('.', '[.]')}`));
    case 'url':
      return defangUrl(value);
    default:
      return value;
  }
}

const SCHEMES: Record<string, string> = { http: 'hxxp', https: 'hxxps', ftp: 'fxp' };

/** The scheme and the host are made harmless; the path stays as it is. */
function defangUrl(value: string): string {
  const [, scheme = '', slashes = '', user = '', host = '', rest = ''] = /^(?:([a-z][a-z0-9+.-]*)(:\/\/))?([^/?#]*@)?([^/?#]*)([\s\S]*)$/i.exec(value) ?? [];
  return `${SCHEMES[scheme.toLowerCase()] ?? scheme}${slashes}${user}${host.replaceAll('.', '[.]')}${rest}`;
}
