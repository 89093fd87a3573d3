import { describe, expect, test } from 'vitest';
import { isLoopback, isWithin, parseAddress, parseNetwork } from '../../../relay/address.js';

describe('hosts', () => {
  test.each(['localhost', '127.0.0.1', '127.9.9.9', '::1', '[::1]', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1'])(
    '%s belongs to this machine alone',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  test.each(['0.0.0.0', '::', '10.0.0.1', 'localhost.example.org', '127.0.0.1.example.org', '127.1', ''])(
    '%s does not',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});

describe('networks', () => {
  const within = (address: string, ...networks: string[]): boolean =>
    isWithin(
      parseAddress(address)!,
      networks.map((network) => parseNetwork(network)!),
    );

  test('hold the addresses of their prefix, of their own family', () => {
    expect(within('10.1.2.3', '10.0.0.0/8')).toBe(true);
    expect(within('11.1.2.3', '10.0.0.0/8')).toBe(false);
    expect(within('2001:db8:1::1', '2001:db8::/32')).toBe(true);
    expect(within('2001:db8:1::1', '0.0.0.0/0')).toBe(false);
    expect(within('10.0.0.1', '192.168.0.0/16', '10.0.0.1')).toBe(true);
    expect(within('10.0.0.2', '10.0.0.1')).toBe(false);
  });

  test('take an IPv4 address in IPv6 form for what it is', () => {
    expect(within('::ffff:10.1.2.3', '10.0.0.0/8')).toBe(true);
    expect(within('10.1.2.3', '::ffff:10.0.0.0/104')).toBe(true);
  });

  test.each([
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10/8',
    'localhost',
    '',
    '1.2.3.4/',
    '::/129',
    '::ffff:0.0.0.0/0',
  ])('are not written %s', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});
