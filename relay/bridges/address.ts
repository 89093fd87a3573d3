/** Where a bridge listens, and how to get there. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
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

/**
 * A socket on its way there; `onOpen` is called when bytes can be sent, with TLS after its handshake.
 * The other end must prove that it is the host of that name when TLS is used; else the socket errs.
 */
export function dial(address: BridgeAddress, tls: BridgeTls, onOpen: () => void): Socket {
  if (address.kind === 'unix') return connect({ path: address.path }, onOpen);
  const { host, port } = address;
  if (address.kind === 'tcp') return connect({ host, port, noDelay: true, keepAlive: true }, onOpen);
  const socket = connectTls({ host, port, servername: isName(host) ? host : '', ...tls }, onOpen);
  return socket.setNoDelay(true).setKeepAlive(true);
}

/** Certificates name IP addresses too, but the handshake's server name may not be one. */
const isName = (host: string): boolean => /[a-z]/i.test(host) && !host.includes(':');
