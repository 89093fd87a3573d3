/** Where a request came from, as far as the socket and the headers tell. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { Peer } from '../admission/client-address.js';

const text = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString('latin1');

/** Must be called within the route's or the upgrade's callback. */
export function peerOf(res: HttpResponse, req: HttpRequest): Peer {
  return {
    remote: text(res.getRemoteAddressAsText()),
    proxied: text(res.getProxiedRemoteAddressAsText()),
    forwardedFor: req.getHeader('x-forwarded-for'),
    forwarded: req.getHeader('forwarded'),
  };
}
