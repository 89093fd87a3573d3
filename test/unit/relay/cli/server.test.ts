import { expect, test } from 'vitest';
import { addressOf } from '../../../../relay/cli/server.js';

test.each([
  ['tcp://localhost:9090', 'tcp://localhost:9090'],
  ['tls://[::1]:9090/', 'tls://[::1]:9090'],
  ['https://sage.example.org/path?x', 'https://sage.example.org'],
])('a relay given as %s is called %s', (server, address) => {
  expect(addressOf({ values: { server }, positionals: [] })).toBe(address);
});
