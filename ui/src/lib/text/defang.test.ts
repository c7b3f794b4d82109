import { describe, expect, it } from 'vitest';
import type { IndicatorKind } from '$lib/ipc/analysis-shapes';
import { defang, isPrivate } from './defang';

describe('an indicator', () => {
  it('is_shown_so_that_nothing_can_follow_it', () => {
    const check = (kind: IndicatorKind, value: string, expected: string): void => expect(defang(kind, value)).toBe(expected);
    check('ipv4', '198.51.100.23', '198[.]51[.]100[.]23');
    check('ipv6', '2001:db8::1', '2001[:]db8[:][:]1');
    check('cidr', '203.0.113.0/24', '203[.]0[.]113[.]0/24');
    check('domain', 'evil.example', 'evil[.]example');
    check('email', 'a.b@evil.example', 'a[.]b[@]evil[.]example');
    check('url', 'https://evil.example/a.b?c=d.e', 'hxxps://evil[.]example/a.b?c=d.e');
    check('url', 'HTTP://EVIL.example', 'hxxp://EVIL[.]example');
    check('url', 'evil.example/a', 'evil[.]example/a');
    check('url', 'ssh://evil.example/a', 'ssh[://]evil[.]example/a');
    check('sha256', 'ab.cd', 'ab.cd');
    check('file_path', 'C:\\a.exe', 'C:\\a.exe');
  });

  it('of_a_private_or_local_network_is_known', () => {
    const check = (kind: IndicatorKind, value: string, expected: boolean): void => expect(isPrivate(kind, value), value).toBe(expected);
    check('ipv4', '10.20.0.5', true);
    check('ipv4', '172.31.0.1', true);
    check('ipv4', '172.32.0.1', false);
    check('ipv4', '192.168.1.1', true);
    check('ipv4', '100.64.0.1', true);
    check('ipv4', '198.51.100.23', false);
    check('cidr', '10.0.0.0/8', true);
    check('cidr', '203.0.113.0/24', false);
    check('ipv6', 'fe80::1', true);
    check('ipv6', 'fd00::1', true);
    check('ipv6', '2001:db8::1', false);
    check('url', 'http://user@127.0.0.1:8080/x', true);
    check('url', 'http://[::1]/', true);
    check('url', 'https://evil.example/10.0.0.1', false);
    check('domain', 'printer.local', true);
    check('domain', 'local.example', false);
    check('md5', '10.0.0.1', false);
  });
});
