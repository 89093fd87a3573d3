/** `/status`: what this relay and its bridges are and do at this moment, for operators. */
import type { Bridges } from '../bridges/bridge.js';
import type { CacheCounters } from '../cache/result-cache.js';
import type { UpkeepCounts } from '../observe/metrics.js';
import { without } from '../sessions/without.js';
import { replyPage } from './page.js';
import type { StoreStats } from '../stores/store.js';
import type { Exchange } from './respond.js';
import { statusPage, type RelayStatus } from './status-page.js';

/** What the relay knows of itself. */
export interface RelayState {
  readonly version: string;
  readonly isDraining: boolean;
  /** Client connections open. */
  readonly connections: number;
  /** Executions that have no end yet. */
  readonly executions: number;
  /** Sessions with a client. */
  readonly sessions: number;
  /** Sessions whose client may still come back. */
  readonly orphans: number;
  /** Output that waits for clients to read it, bytes. */
  readonly queuedBytes: number;
  /** Calculations of the JSON API that are kept for who asks for them, ended or not. */
  readonly jobs: number;
  /** What the cache came to; absent when there is none. */
  readonly cache?: CacheCounters | undefined;
  readonly store?: StoreStats | undefined;
  /** How often the store was cleaned, and of what. */
  readonly upkeep?: UpkeepCounts | undefined;
}

/** JSON, or a page for who reads pages; holds no code, no addresses of clients and no secrets. */
export async function answerStatus(exchange: Exchange, bridges: Bridges, state: RelayState): Promise<void> {
  await Promise.all(bridges.list().map((bridge) => bridge.count()));
  const status: RelayStatus = {
    relay: {
      version: state.version,
      uptimeSeconds: Math.round(process.uptime()),
      draining: state.isDraining,
      connections: state.connections,
      executions: state.executions,
      sessions: state.sessions,
      orphanedSessions: state.orphans,
      queuedBytes: state.queuedBytes,
      jobs: state.jobs,
    },
    ...(state.cache && { cache: state.cache }),
    ...(state.store && { store: state.store }),
    ...(state.upkeep && { upkeep: state.upkeep }),
    bridges: bridges.report().map(({ bridge, isRetired, failures, ejectedForMs, probe }) => ({
      id: bridge.id,
      ready: bridge.facts !== undefined,
      retired: isRetired,
      sessions: bridge.load,
      latencyMs: Math.round(bridge.latencyMs * 10) / 10,
      failures,
      ejectedForMs,
      ...(probe && { probe }),
      ...(bridge.facts && without(bridge.facts, 'type', 'version')),
      ...(bridge.facts && bridge.workers),
    })),
  };
  if (exchange.prefersHtml) replyPage(exchange, '200 OK', statusPage(status));
  else exchange.json('200 OK', status, [['Vary', 'Accept']]);
}
