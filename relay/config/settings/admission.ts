/** Whom the relay lets in. */
import * as v from 'valibot';
import { embedKeySchema } from '../../admission/embed-key.js';
import { isOriginPattern } from '../../admission/origins.js';
import { parseNetwork } from '../../address.js';
import { checked, flag, json, list, parsed, text, wholeNumber } from '../kind.js';
import { optional, setting } from '../setting.js';

const ORIGIN_FORM =
  '* or a list of origins such as https://book.example.org or https://*.example.org (null for pages opened as files)';

const count = wholeNumber(0, 1_000_000_000_000);

export const admission = {
  allowedOrigins: optional(
    checked(
      list(text(/./, ORIGIN_FORM), ORIGIN_FORM),
      (origins) => origins.join() === '*' || origins.every(isOriginPattern),
    ),
    'whose pages may connect without an embed key: `*` or a list of origins such as `https://book.example.org` or `https://*.example.org` (`null` for pages opened as files)',
    { fallbackDoc: 'pages of this machine on a loopback address, else it must be set' },
  ),
  trustedProxies: setting(
    list(
      parsed(parseNetwork, 'a network such as 10.0.0.0/8, or an address'),
      'a list of networks such as 10.0.0.0/8 and addresses',
    ),
    ['127.0.0.0/8', '::1'],
    'proxies whose `X-Forwarded-For`, or else `Forwarded`, is believed',
  ),
  embedKeys: setting(
    json(
      v.pipe(
        v.array(embedKeySchema, 'a list of embed keys'),
        v.check(
          (keys) => new Set(keys.map(({ id }) => id)).size === keys.length,
          'a list of embed keys with different ids',
        ),
      ),
      'a list of embed keys',
    ),
    [],
    'keys that pages present, and what each allows: see [Embed keys](#embed-keys)',
    { isSecret: true, isLive: true, fallbackDoc: 'none' },
  ),
  requireEmbedKey: setting(flag, false, 'whether nobody computes without an embed key'),
  connectionsPerAddress: setting(count, 200, 'connections from one address, whatever keys they bring'),
  connectionsPerClient: setting(count, 40, 'connections of one client'),
  sessionsPerClient: setting(count, 40, 'sessions of one client at a time'),
  sessionsPerMinute: setting(count, 60, 'new sessions of one client in a minute'),
  executionsPerMinute: setting(count, 600, 'executions of one client in a minute'),
  bytesPerMinute: setting(count, 67_108_864, 'bytes of messages of one client in a minute, both ways'),
  maxConnections: setting(count, 20_000, 'connections of all clients together'),
  maxSessions: setting(count, 10_000, 'sessions of all clients together'),
  maxExecutions: setting(count, 10_000, 'executions of all clients together that have not ended'),
  maxQueuedBytes: setting(
    count,
    268_435_456,
    'bytes of output that wait for all clients together; above it no execution begins',
  ),
  proxyProtocol: setting(
    flag,
    false,
    'whether those proxies announce clients by the PROXY protocol, version 2',
  ),
};
