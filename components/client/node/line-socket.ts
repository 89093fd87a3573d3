/** The TCP and TLS door as a socket of the session client: one JSON text a line. */
import { connect as connectTcp } from 'node:net';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import { CLOSE, PROTOCOL_VERSION } from '../../../relay/protocol/index.js';
import type { Socket } from '../index.js';

/** A connection that ended without a word. */
const BROKEN = 1_006;

/** Errors of TLS itself. */
const NO_TRUST = /CERT|UNABLE_TO_VERIFY|^ERR_(?:SSL|TLS)_/;

interface TlsError extends NodeJS.ErrnoException {
  /** In a few words, where OpenSSL has them. */
  readonly reason?: string;
}

/** What the errors that end a connection mean, in the close codes of WebSockets. */
const MEANING: Readonly<Record<string, number>> = {
  draining: CLOSE.DRAINING,
  unauthorized: CLOSE.UNSUPPORTED,
  'hello-expected': CLOSE.UNSUPPORTED,
  'unsupported-version': CLOSE.UNSUPPORTED,
};

/** @param url `tcp://host:port/…` or `tls://host:port/…` */
export function openLineSocket(
  url: string,
  { token, ca }: { readonly token: string | undefined; readonly ca: string | undefined },
): Socket {
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === 'tls:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const to = { host, port: Number(port) };
  const stream = isTls
    ? connectTls({ ...to, ...(ca !== undefined && { ca }), servername: /^[\d.]+$|:/.test(host) ? '' : host })
    : connectTcp(to);
  stream.setNoDelay(true);
  let last: { code: number; reason: string } | undefined;
  const socket: Socket = {
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send: (text) => {
      stream.write(`${text}\n`);
    },
    close: () => {
      // An end alone would say that the answers are still wanted.
      stream.destroySoon();
    },
  };
  stream.once(isTls ? 'secureConnect' : 'connect', () => {
    if (token !== undefined) socket.send(JSON.stringify({ type: 'auth', version: PROTOCOL_VERSION, token }));
    socket.onopen?.(undefined as never);
  });
  const lines = createInterface({ input: stream, crlfDelay: Infinity });
  // It passes on what goes wrong with the stream; `close` follows.
  lines.on('error', () => undefined);
  lines.on('line', (data) => {
    if (!data.startsWith('{')) {
      // A web server, say, at the wrong port.
      last = { code: CLOSE.UNSUPPORTED, reason: 'What answers there is no door of a relay for programs.' };
      stream.destroy();
      return;
    }
    const [, code, reason] = /^\{"type":"error","code":"([a-z-]+)","message":"([^"\\]*)/.exec(data) ?? [];
    const meaning = code === undefined ? undefined : MEANING[code];
    if (meaning !== undefined) last = { code: meaning, reason: reason ?? '' };
    socket.onmessage?.({ data });
  });
  stream.on('error', ({ code = '', message, reason }: TlsError) => {
    // It would be the same certificate, or none, the next time.
    if (NO_TRUST.test(code)) last = { code: CLOSE.UNSUPPORTED, reason: reason ?? message };
  });
  stream.once('close', () => {
    socket.onclose?.(last ?? { code: BROKEN, reason: '' });
  });
  return socket;
}
