import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseNetwork } from '../../../../relay/address.js';
import { ClientAddresses, type Peer } from '../../../../relay/admission/client-address.js';

const trustedProxies = ['127.0.0.0/8', '10.0.0.0/8', 'fd00::/8'].map((network) => parseNetwork(network)!);

const keyOf = (peer: Partial<Peer>, takesProxyProtocol = false): string =>
  new ClientAddresses({ trustedProxies, takesProxyProtocol }).of({
    remote: '127.0.0.1',
    proxied: '',
    forwardedFor: '',
    forwarded: '',
    ...peer,
  }).key;

describe('the address of a client', () => {
  test('is the socket’s without a proxy, whatever headers say', () => {
    expect(keyOf({ remote: '203.0.113.9', forwardedFor: '1.1.1.1', forwarded: 'for=1.1.1.1' })).toBe(
      '203.0.113.9',
    );
  });

  test('is the right-most hop that is no trusted proxy', () => {
    expect(keyOf({ forwardedFor: '1.1.1.1, 203.0.113.9, 10.0.0.7' })).toBe('203.0.113.9');
    expect(keyOf({ forwardedFor: '203.0.113.9' })).toBe('203.0.113.9');
    expect(keyOf({ forwarded: 'for=1.1.1.1, For="203.0.113.9:4711";proto=https' })).toBe('203.0.113.9');
    expect(keyOf({ forwarded: 'proto=https;for="[2001:db8::9]:80"' })).toBe('2001:0db8:0000:0000::/64');
  });

  test('is a proxy’s own where a hop is no address', () => {
    expect(keyOf({ forwardedFor: '203.0.113.9, unknown, 10.0.0.7' })).toBe('10.0.0.7');
    expect(keyOf({ forwarded: 'for=_hidden' })).toBe('127.0.0.1');
    expect(keyOf({ forwarded: 'by=203.0.113.9' })).toBe('127.0.0.1');
  });

  test('counts all of an IPv6 /64 as one, and IPv4 in IPv6 as IPv4', () => {
    expect(keyOf({ remote: '2001:db8:1:2:aaaa::1' })).toBe(keyOf({ remote: '2001:db8:1:2:bbbb::2' }));
    expect(keyOf({ remote: '2001:db8:1:2::1' })).not.toBe(keyOf({ remote: '2001:db8:1:3::1' }));
    expect(keyOf({ remote: '::ffff:203.0.113.9' })).toBe('203.0.113.9');
    expect(keyOf({ remote: '0000:0000:0000:0000:0000:ffff:cb00:7109' })).toBe('203.0.113.9');
  });

  test('is what a trusted proxy announced by the PROXY protocol, only if that is expected', () => {
    expect(keyOf({ proxied: '203.0.113.9' })).toBe('127.0.0.1');
    expect(keyOf({ proxied: '203.0.113.9' }, true)).toBe('203.0.113.9');
    expect(keyOf({ remote: '198.51.100.1', proxied: '203.0.113.9' }, true)).toBe('198.51.100.1');
    expect(keyOf({ proxied: '10.0.0.7', forwardedFor: '203.0.113.9' }, true)).toBe('203.0.113.9');
    expect(keyOf({ proxied: '203.0.113.9', forwardedFor: '1.1.1.1' }, true)).toBe('203.0.113.9');
  });

  test('cannot be changed by what a client writes', () => {
    fc.assert(
      fc.property(fc.string(), (forged) => {
        expect(keyOf({ forwardedFor: `${forged}, 203.0.113.9` })).toBe('203.0.113.9');
      }),
    );
  });

  test('says whether it is this machine', () => {
    const addresses = new ClientAddresses({ trustedProxies, takesProxyProtocol: false });
    const of = (peer: Partial<Peer>): boolean =>
      addresses.of({ remote: '127.0.0.1', proxied: '', forwardedFor: '', forwarded: '', ...peer }).isLoopback;
    expect(of({})).toBe(true);
    expect(of({ remote: '::1' })).toBe(true);
    expect(of({ forwardedFor: '203.0.113.9' })).toBe(false);
  });
});
