import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { EmbedKeys, type Grant } from '../../../../relay/admission/embed-keys.js';
import type { EmbedKey } from '../../../../relay/admission/embed-key.js';

const secret = 'a secret that is long enough for HMAC';
const ORIGIN = 'https://lms.example.edu';

const plain: EmbedKey = {
  id: 'book',
  origins: ['https://book.example.org', 'https://*.example.edu'],
};
const signed: EmbedKey = {
  id: 'campus',
  origins: [ORIGIN],
  token: { algorithm: 'HS256', secret, issuer: 'lms' },
};

const present = async (presented: string, origin = ORIGIN, keys = [plain, signed]): Promise<Grant> =>
  new EmbedKeys(keys).present(presented, origin);

const now = (): number => Math.floor(Date.now() / 1_000);

/** A good token, but for what is said. */
const mint = ({
  claims = {},
  header = {},
  key = new TextEncoder().encode(secret),
}: {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  key?: Parameters<SignJWT['sign']>[0];
} = {}): Promise<string> =>
  new SignJWT({ aud: 'sage-embed', iss: 'lms', exp: now() + 600, ...claims })
    .setProtectedHeader({ alg: 'HS256', kid: 'campus', ...header })
    .sign(key);

describe('a bare key', () => {
  test('is good on pages of its origins, wildcards included, and for programs', async () => {
    for (const origin of [
      'https://book.example.org',
      'https://a.example.edu',
      'https://a.b.example.edu',
      '',
    ]) {
      expect((await present('book', origin)).key.id).toBe('book');
    }
  });

  test.each([
    'https://example.edu',
    'http://a.example.edu',
    'https://aexample.edu',
    'https://a.example.edu.attacker.example',
    'https://.example.edu',
    'https://book.example.org.attacker.example',
    'null',
  ])('is worthless on %s', async (origin) => {
    await expect(present('book', origin)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('is refused when nobody knows it, or when it must be signed', async () => {
    await expect(present('boo')).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(present('campus')).rejects.toThrow('needs a signed token');
    await expect(present('x'.repeat(5_000))).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

describe('a signed token', () => {
  test('is good with the right signature and claims', async () => {
    const claims = { sub: 'student-1', origin: ORIGIN, limits: { sessions: 1 } };
    const grant = await present(await mint({ claims }));
    expect(grant).toMatchObject({ key: { id: 'campus' }, claims });
  });

  test.each<[string, () => Promise<string>]>([
    ['expired', () => mint({ claims: { exp: now() - 120 } })],
    ['without an end', () => mint({ claims: { exp: undefined } })],
    ['good for years', () => mint({ claims: { exp: now() + 1e8 } })],
    ['not good yet', () => mint({ claims: { nbf: now() + 120 } })],
    ['for somebody else', () => mint({ claims: { aud: 'other' } })],
    ['of another issuer', () => mint({ claims: { iss: 'other' } })],
    ['for another page', () => mint({ claims: { origin: 'https://other.example' } })],
    ['with limits that are none', () => mint({ claims: { limits: { sessions: -1 } } })],
    ['signed by another secret', () => mint({ key: new TextEncoder().encode('x'.repeat(40)) })],
    [
      'of another algorithm',
      () => mint({ header: { alg: 'HS512' }, key: new TextEncoder().encode(secret.repeat(2)) }),
    ],
    ['for an unknown key', () => mint({ header: { kid: 'nobody' } })],
    ['for a key that takes none', () => mint({ header: { kid: 'book' } })],
    ['without a signature', async () => `${(await mint()).split('.').slice(0, 2).join('.')}.`],
    [
      'that says it needs none',
      async () => {
        const [, payload = ''] = (await mint()).split('.');
        const header = Buffer.from(JSON.stringify({ alg: 'none', kid: 'campus' })).toString('base64url');
        return `${header}.${payload}.`;
      },
    ],
    ['that is no token', () => Promise.resolve('a.b.c')],
  ])('is refused %s', async (_, make) => {
    await expect(make().then((token) => present(token))).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('bears a minute of difference between clocks', async () => {
    expect(await present(await mint({ claims: { exp: now() - 30, nbf: now() + 30 } }))).toBeDefined();
  });

  test.each(['ES256', 'RS256', 'EdDSA'] as const)('can be %s, and then nothing else', async (algorithm) => {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const pem = await exportSPKI(publicKey);
    const keys: EmbedKey[] = [{ ...signed, token: { algorithm, publicKey: pem } }];
    const good = await mint({ header: { alg: algorithm }, key: privateKey });
    expect((await present(good, ORIGIN, keys)).key.id).toBe('campus');
    // The public key as the secret of an HMAC: the oldest of tricks.
    const forged = await mint({ key: new TextEncoder().encode(pem) });
    await expect(present(forged, ORIGIN, keys)).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

test('keys can be replaced; one that is gone is refused, one that stays keeps its count', async () => {
  const keys = new EmbedKeys([plain, signed]);
  const { account } = (await keys.present('book', '')).key;
  account.connected();
  keys.replace([plain]);
  expect((await keys.present('book', '')).key.account.connections).toBe(1);
  expect(() => keys.present('campus', '')).toThrow('unknown');
  expect(keys.someAllow(ORIGIN)).toBe(true);
  expect(keys.someAllow('https://other.example')).toBe(false);
  expect(() => keys.replace([plain, plain])).toThrow(RangeError);
});
