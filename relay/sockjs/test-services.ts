/** Services that the protocol's own tests expect of a server. Not for production: they let everybody in. */
import { Admission } from '../admission/admission.js';
import { createOrigins } from '../http/cors.js';
import type { Log } from '../observe/log.js';
import type { Conversation, Converse } from '../sessions/conversation.js';
import { SockJsService } from './service.js';

/** Bytes of a streaming answer here, so that a test gets to its end. */
const RESPONSE_LIMIT = 4_096;

const silent: Conversation = {
  receive: () => undefined,
  receiveTooLarge: () => undefined,
  receiveBinary: () => undefined,
  hold: () => undefined,
  failed: () => undefined,
  closed: () => undefined,
};

const echo: Converse = (socket) => ({
  ...silent,
  receive: (text) => {
    socket.send(text);
  },
});

const goAway: Converse = (socket) => {
  // Typed for the relay's own codes; this one is the protocol suite's.
  socket.close(3_000 as Parameters<typeof socket.close>[0], 'Go away!');
  return silent;
};

/** `/echo`, `/close`, `/disabled_websocket_echo` and `/cookie_needed_echo`, every transport switched on. */
export function testServices(log: Log): readonly SockJsService[] {
  const admission = new Admission({ allowedOrigins: '*' });
  const service = (prefix: string, converse: Converse, more: object = {}): SockJsService =>
    new SockJsService({
      prefix,
      converse,
      admit: (request) => admission.connection(request),
      origins: createOrigins(() => true),
      framers: () => '*',
      legacy: true,
      responseLimit: RESPONSE_LIMIT,
      log,
      isDraining: () => false,
      ...more,
    });
  return [
    service('/echo', echo),
    service('/close', goAway),
    service('/disabled_websocket_echo', echo, { websocket: false }),
    service('/cookie_needed_echo', echo, { cookies: true }),
  ];
}
