import { describe, expect, it } from 'vitest';
import type { IndicatorKind } from '$lib/ipc/generated';
import { defang } from './defang';

describe('an indicator', () => {
  it('is_shown_so_that_nothing_can_follow_it', () => {
    const check = (kind: IndicatorKind, value: string, expected: string): void => expect(defang(kind, value)).toBe(expected);
    check('ipv4', '198.51.100.23', '198[.]51[.]100[.]23');
    check('ipv6', '2001:db8::1', '2001[:]db8[:][:]1');
    check('cidr', '203.0.113.0/24', '203[.]0[.]113[.]0/24');
    check('domain', 'evil.example', 'evil[.]example');
    check('email', 'a.b@evil.example', 'a.b[@]evil[.]example');
    check('url', 'https://evil.example/a.b?c=d.e', 'hxxps://evil[.]example/a.b?c=d.e');
    check('url', 'HTTP://EVIL.example', 'hxxp://EVIL[.]example');
    check('url', 'ftp://a.b@evil.example/x', 'fxp://a.b@evil[.]example/x');
    check('url', 'evil.example/a', 'evil[.]example/a');
    check('url', 'ssh://evil.example/a', 'ssh://evil[.]example/a');
    check('sha256', 'ab.cd', 'ab.cd');
    check('file_path', 'C:\\a.exe', 'C:\\a.exe');
  });
});
