/** Liveness and readiness. */
import type { Bridges } from '../bridges/bridge.js';
import type { Exchange } from './respond.js';

/** `/healthz`: the process answers. */
export function answerHealth(exchange: Exchange): void {
  exchange.json('200 OK', { status: 'ok' });
}

/** `/readyz`: new work is welcome here; else 503 and why. */
export function answerReady(exchange: Exchange, bridges: Bridges, isDraining: boolean): void {
  const facts = bridges.pick()?.facts;
  if (isDraining) {
    exchange.json('503 Service Unavailable', { ready: false, reason: 'draining' });
  } else if (facts === undefined) {
    exchange.json('503 Service Unavailable', { ready: false, reason: 'no bridge is ready' }, [
      ['Retry-After', '2'],
    ]);
  } else {
    exchange.json('200 OK', { ready: true, sage: facts.sage });
  }
}
