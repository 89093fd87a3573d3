/** The door for programs. */
import { path, text, wholeNumber } from '../kind.js';
import { optional, setting } from '../setting.js';

export const tcp = {
  tcpPort: optional(wholeNumber(0, 65_535), 'port of the TCP door for programs; `0` lets the system choose', {
    fallbackDoc: 'no such door',
  }),
  tcpHost: setting(
    text(/^[A-Za-z0-9.:_-]+$/, 'a host name or an IP address'),
    '127.0.0.1',
    'address of the TCP door; any but a loopback address needs `TCP_TOKEN`',
  ),
  tcpToken: optional(
    text(/^.{16,}$/, 'a secret of at least 16 characters'),
    'secret that programs say before anything else, 16 characters or more',
    { isSecret: true },
  ),
  tcpTlsCert: optional(path, 'certificate chain of the TCP door, a PEM file: TLS instead of plain TCP'),
  tcpTlsKey: optional(path, 'its private key, a PEM file'),
};
