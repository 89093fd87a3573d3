/** `/status` for people: the same facts as a quiet page. */
import type { BridgeFacts } from '../bridges/bridge.js';
import type { WorkerCounts } from '../protocol/index.js';
import { escapeHtml, type Page } from './page.js';

/** How often the page loads itself again, seconds. */
const REFRESH_S = 10;

/** What `/status` tells. */
export interface RelayStatus {
  readonly relay: {
    readonly version: string;
    readonly uptimeSeconds: number;
    readonly draining: boolean;
    readonly connections: number;
    readonly executions: number;
    readonly sessions: number;
    readonly orphanedSessions: number;
    readonly queuedBytes: number;
    readonly jobs: number;
  };
  readonly bridges: readonly BridgeStatus[];
}

/** What `/status` tells of one bridge; its facts while it is ready. */
export type BridgeStatus = Partial<Omit<BridgeFacts, 'type' | 'version'> & WorkerCounts> & {
  readonly id: string;
  readonly ready: boolean;
  readonly sessions: number;
  readonly latencyMs: number;
  readonly failures: number;
};

export function statusPage({ relay, bridges }: RelayStatus): Page {
  const ready = bridges.filter((bridge) => bridge.ready);
  const state = relay.draining
    ? 'Shutting down'
    : ready.length === 0
      ? 'Nothing can be computed at the moment'
      : ready.length < bridges.length
        ? `Working, with ${ready.length} of ${bridges.length} bridges`
        : 'Working';
  const isGood = !relay.draining && ready.length > 0;
  return {
    title: `${state} · sage-embed`,
    refreshS: REFRESH_S,
    body:
      `<h1 class="state${isGood ? '' : ' bad'}">${escapeHtml(state)}</h1>` +
      table([
        ['Relay', relay.version],
        ['Up', duration(relay.uptimeSeconds)],
        ['Connections', count(relay.connections)],
        ['Sessions', sessions(relay)],
        ['Computations running', count(relay.executions)],
        ['Jobs kept', count(relay.jobs)],
        ['Output not yet read', `${count(Math.ceil(relay.queuedBytes / 1_024))} KiB`],
      ]) +
      bridges.map(bridgeHtml).join('') +
      `<p class="soft">Every ${REFRESH_S} s anew. Programs read the same as JSON here, and more at <a href="/metrics">/metrics</a>.</p>`,
  };
}

const sessions = ({ sessions: open, orphanedSessions }: RelayStatus['relay']): string =>
  count(open) + (orphanedSessions === 0 ? '' : `, and ${count(orphanedSessions)} whose page may come back`);

function bridgeHtml(bridge: BridgeStatus): string {
  const missing = bridge.sandbox?.layers.filter(({ state }) => state === 'missing') ?? [];
  const rows: [string, string][] = bridge.ready
    ? [
        ['Sage', `${bridge.sage ?? ''} on Python ${bridge.python ?? ''}`],
        ['Sessions', `${count(bridge.sessions)} of ${count(bridge.maxSessions ?? 0)}`],
        ['Workers parked', count(bridge.parked ?? 0)],
        ['Workers used since its start', count(bridge.started ?? 0)],
        ['Answers after', `${bridge.latencyMs} ms`],
        [
          'Sandbox',
          bridge.sandbox === undefined
            ? 'none'
            : bridge.sandbox.level +
              (missing.length === 0 ? '' : `, without ${missing.map(({ name }) => name).join(', ')}`),
        ],
      ]
    : [['State', `can’t be reached (${count(bridge.failures)} failures in a row)`]];
  return `<h2 class="state${bridge.ready ? '' : ' bad'}">Bridge ${escapeHtml(bridge.id)}</h2>${table(rows)}`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const body = rows
    .map(([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`)
    .join('');
  return `<div class="table"><table>${body}</table></div>`;
}

const count = (value: number): string => value.toLocaleString('en');

function duration(seconds: number): string {
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}
