import { describe, expect, test } from 'vitest';
import type { SessionId, SessionToken } from '../../../../relay/protocol/index.js';
import { SessionTokens, TOKEN_LIFETIME_MS } from '../../../../relay/sessions/session-token.js';

const A = 'key a '.repeat(8);
const B = 'key b '.repeat(8);
const name = { bridge: 'bridge-1', session: 'aaaa-bbbb' as SessionId };

describe('a session token', () => {
  test('is read back by whoever has the key', () => {
    expect(new SessionTokens([A]).read(new SessionTokens([A]).sign(name))).toEqual(name);
  });

  test('is accepted while its key is among those kept, and refused when it is not', () => {
    const token = new SessionTokens([A]).sign(name);
    expect(new SessionTokens([B, A]).read(token)).toEqual(name);
    expect(new SessionTokens([B]).read(token)).toBeUndefined();
  });

  test('is refused when any one character is changed', () => {
    const tokens = new SessionTokens([A]);
    const token = tokens.sign(name);
    // The last character of each part carries unused bits, which base64url ignores.
    const ignored = new Set([token.indexOf('.') - 1, token.length - 1]);
    for (let at = 0; at < token.length; at += 1) {
      if (ignored.has(at)) continue;
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      expect(tokens.read(changed as SessionToken), changed).toBeUndefined();
    }
  });

  test('expires', () => {
    let now = 1_000_000;
    const tokens = new SessionTokens([A], () => now);
    const token = tokens.sign(name);
    now += TOKEN_LIFETIME_MS - 1;
    expect(tokens.read(token)).toEqual(name);
    now += 1;
    expect(tokens.read(token)).toBeUndefined();
  });

  test.each(['', '.', 'x', 'x.y', 'x.y.z', `${'A'.repeat(500)}.${'A'.repeat(43)}`])('is not %j', (text) => {
    expect(new SessionTokens([A]).read(text as SessionToken)).toBeUndefined();
  });
});
