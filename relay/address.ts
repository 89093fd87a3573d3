/** Hosts and IP addresses: which belong to this machine, and which to a network. */
import ipaddr from 'ipaddr.js';

/** An address of either family; IPv4 in IPv6's clothes (`::ffff:10.0.0.1`) is IPv4. */
export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** A network: an address and the length of its prefix. */
export type Network = readonly [address: IpAddress, prefixLength: number];

/** @returns undefined if `text` is not an IP address in full (`127.1` is none) */
export function parseAddress(text: string): IpAddress | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.process(text);
}

/** `10.0.0.0/8`, `fd00::/8`, or a single address; undefined if it is none of them. */
export function parseNetwork(text: string): Network | undefined {
  const single = parseAddress(text);
  if (single !== undefined) return [single, single.kind() === 'ipv4' ? 32 : 128];
  const address = text.split('/')[0] ?? '';
  if (parseAddress(address) === undefined || !ipaddr.isValidCIDR(text)) return undefined;
  const [base, length] = ipaddr.parseCIDR(text);
  if (base.kind() === 'ipv4' || !(base as ipaddr.IPv6).isIPv4MappedAddress()) return [base, length];
  return length < 96 ? undefined : [(base as ipaddr.IPv6).toIPv4Address(), length - 96];
}

/** True if `address` lies in one of the networks. */
export const isWithin = (address: IpAddress, networks: readonly Network[]): boolean =>
  networks.some(([base, length]) => base.kind() === address.kind() && address.match(base, length));

/** True if only this machine can come to `host`: a name, an address, or an address in brackets as URLs write it. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  return parseAddress(host.replace(/^\[(.*)\]$/, '$1'))?.range() === 'loopback';
}
