/** Who is at the other end: the address of a client, behind however many proxies, and what it is counted under. */
import { isWithin, parseAddress, type IpAddress, type Network } from '../address.js';

/** What a request tells of where it came from. */
export interface Peer {
  /** Address of the socket's other end. */
  readonly remote: string;
  /** Address that the PROXY protocol (version 2) announced, '' if none did. */
  readonly proxied: string;
  /** Header `X-Forwarded-For`, '' if there is none. */
  readonly forwardedFor: string;
  /** Header `Forwarded` (RFC 7239), '' if there is none. */
  readonly forwarded: string;
}

/** A client's address. */
export interface ClientAddress {
  /** What limits count under: an IPv4 address, or the /64 of an IPv6 one, since one customer has as many of those as he likes. */
  readonly key: string;
  /** This machine's own. */
  readonly isLoopback: boolean;
}

/** Hops of a forwarding header that are looked at, from the right: nobody has more proxies. */
const MAX_HOPS = 16;

const UNKNOWN: ClientAddress = { key: 'unknown', isLoopback: false };

/** What decides whose word is taken. */
export interface ClientAddressOptions {
  /** Proxies whose forwarding headers are believed. */
  readonly trustedProxies: readonly Network[];
  /** Whether trusted proxies speak the PROXY protocol; else what it says is ignored. */
  readonly takesProxyProtocol: boolean;
}

/** Immutable. */
export class ClientAddresses {
  readonly #options: ClientAddressOptions;

  constructor(options: ClientAddressOptions) {
    this.#options = options;
  }

  /**
   * The right-most hop that is not a trusted proxy: everything left of it was written by whoever that hop is.
   * A hop that is not an address (`unknown`, `_hidden`) ends the search at the proxy that reported it.
   */
  of(peer: Peer): ClientAddress {
    let client = parseAddress(peer.remote);
    if (client === undefined) return UNKNOWN;
    if (!this.#trusts(client)) return identify(client);
    if (this.#options.takesProxyProtocol && peer.proxied !== '') {
      client = parseAddress(peer.proxied) ?? client;
      if (!this.#trusts(client)) return identify(client);
    }
    for (const hop of hopsOf(peer).slice(-MAX_HOPS).reverse()) {
      const address = parseAddress(hop);
      if (address === undefined) break;
      client = address;
      if (!this.#trusts(client)) break;
    }
    return identify(client);
  }

  #trusts(address: IpAddress): boolean {
    return isWithin(address, this.#options.trustedProxies);
  }
}

function identify(address: IpAddress): ClientAddress {
  const isLoopback = address.range() === 'loopback';
  if (address.kind() === 'ipv4') return { key: address.toString(), isLoopback };
  const parts = address.toByteArray().slice(0, 8);
  const text = parts.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { key: `${text.replace(/(....)(?!$)/g, '$1:')}::/64`, isLoopback };
}

/** Hops in the order of the proxies, the last one added last. `X-Forwarded-For` wins: more proxies write it. */
function hopsOf({ forwardedFor, forwarded }: Peer): string[] {
  if (forwardedFor !== '') return forwardedFor.split(',').map(withoutPort);
  if (forwarded === '') return [];
  return forwarded.split(',').map((element) => {
    const node = /(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^;\s]*))/i.exec(element);
    return withoutPort(node?.[1] ?? node?.[2] ?? '');
  });
}

/** `1.2.3.4:5`, `[2001:db8::1]:5`, `[2001:db8::1]` → the address alone */
function withoutPort(hop: string): string {
  const text = hop.trim();
  return /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
}
