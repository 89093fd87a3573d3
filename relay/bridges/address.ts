/** Where a bridge listens, and how to get there. */
import { createHash } from 'node:crypto';
import { connect, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where a bridge listens. */
export type BridgeAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp' | 'tls'; readonly host: string; readonly port: number };

/** Who is believed to be a bridge, and who this relay is to it. PEM texts. */
export interface BridgeTls {
  /** Certificate authorities that sign the bridges' certificates. @default those Node trusts */
  readonly ca?: string;
  /** This relay's certificate, for bridges that ask for one… */
  readonly cert?: string;
  /** …and its key. */
  readonly key?: string;
}

/** `tcp://host:port`, `tls://host:port` or `unix:///path` → address; undefined if it is none of them. */
export function parseBridgeAddress(text: string): BridgeAddress | undefined {
  const unix = /^unix:\/\/(\/.+)$/.exec(text)?.[1];
  if (unix !== undefined) return { kind: 'unix', path: unix };
  const [, kind, bracketed, plain, port] =
    /^(tcp|tls):\/\/(?:\[([0-9a-f:.]+)\]|([^/:[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { kind: kind?.toLowerCase() === 'tls' ? 'tls' : 'tcp', host, port: Number(port) };
}

/** The same for every relay that writes the address the same way. */
export function bridgeIdOf(address: BridgeAddress): string {
  const text = address.kind === 'unix' ? address.path : `${address.host}:${address.port}`;
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

/** Bytes read from a bridge at a time. */
const READ_BYTES = 65_536;

/** What becomes of a socket. */
export interface Dialled {
  /** Bytes can be sent, with TLS after its handshake. */
  open(): void;
  /** Bytes came; their memory is used again afterwards. */
  data(chunk: Buffer): void;
}

/**
 * A socket on its way there. It is not to be read as a stream.
 * The other end must prove that it is the host of that name when TLS is used; else the socket errs.
 */
export function dial(address: BridgeAddress, tls: BridgeTls, told: Dialled): Socket {
  const open = (): void => told.open();
  if (address.kind === 'tls') {
    const { host, port } = address;
    const socket = connectTls({ host, port, servername: isName(host) ? host : '', ...tls }, open);
    socket.on('data', (chunk: Buffer) => told.data(chunk));
    return socket.setNoDelay(true).setKeepAlive(true);
  }
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  // One buffer for all that comes, and no stream around it: a quarter of the time that a short message takes.
  const onread: OnReadOpts = {
    buffer,
    callback: (size) => {
      told.data(buffer.subarray(0, size));
      return true;
    },
  };
  if (address.kind === 'unix') return connect({ path: address.path, onread }, open);
  return connect({ host: address.host, port: address.port, noDelay: true, keepAlive: true, onread }, open);
}

/** Certificates name IP addresses too, but the handshake's server name may not be one. */
const isName = (host: string): boolean => /[a-z]/i.test(host) && !host.includes(':');
