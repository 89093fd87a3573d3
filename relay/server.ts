/** The relay as a server: routes on one uWebSockets.js app, one listening socket, one end. */
import { App, us_listen_socket_close, us_socket_local_port, type us_listen_socket } from 'uWebSockets.js';
import type { ServerMessage } from './protocol/index.js';
import { Admission, type AdmissionOptions } from './admission/admission.js';
import type { Bridges } from './bridges/bridge.js';
import { CachedBridges } from './cache/cached-bridge.js';
import type { ResultCache } from './cache/result-cache.js';
import { Jobs, KEEP_ENDED_MS } from './http/api/jobs.js';
import { Collector } from './http/collect.js';
import { createOrigins } from './http/cors.js';
import { mountDoors } from './http/doors.js';
import { listen } from './http/listen.js';
import type { MetricsAccess } from './http/metrics.js';
import type { Log } from './observe/log.js';
import { Metrics, type UpkeepCounts } from './observe/metrics.js';
import type { Store } from './stores/store.js';
import { ClientConnection } from './sessions/client-connection.js';
import type { ConnectionContext } from './sessions/connection-context.js';
import { Connections, type MoveOptions } from './sessions/connections.js';
import { Orphans } from './sessions/orphans.js';
import { SessionTokens } from './sessions/session-token.js';
import type { SockJsProfile } from './sockjs/profile.js';
import { SockJsService } from './sockjs/service.js';
import { testServices } from './sockjs/test-services.js';
import { TcpDoor, type TcpDoorOptions } from './tcp/door.js';

/** How often a drain looks whether all work is done. */
const DRAIN_POLL_MS = 25;

/** How long a drain waits for the ends of executions that it killed, to pass them on. */
const LAST_WORDS_MS = 500;

/** Shortest name of a SockJS session: that many random letters and digits, as sockjs-client chooses them, can't be guessed in its life. */
const MIN_SESSION_NAME_LENGTH = 8;

/** A sign of life for pages, which can't see WebSocket pings. */
const HEARTBEAT = JSON.stringify({ type: 'pong' } satisfies ServerMessage);

/** What a relay needs. */
export interface RelayOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Not owned: the caller closes them after the relay. */
  readonly bridges: Bridges;
  /** Keeps files and documents; closed by the caller after the relay. Without it there are none. */
  readonly store?: Store | undefined;
  /** Cleans that store; closed by the caller. */
  readonly janitor?: { readonly counters: UpkeepCounts } | undefined;
  /** Answers what is known already; closed by the caller after the relay. Without it everything is computed. */
  readonly cache?: ResultCache | undefined;
  readonly sessionKeys: readonly string[];
  /** The door for programs; there is none without it. */
  readonly tcp?: TcpDoorOptions | undefined;
  /** Who is let in. */
  readonly admission: AdmissionOptions;
  /** @default programs of this machine */
  readonly metricsAccess?: MetricsAccess;
  /** @default its own */
  readonly metrics?: Metrics;
  readonly sdkDir: string;
  readonly demoDir: string;
  readonly version: string;
  readonly log: Log;
  /** How clients over SockJS are served. @default transports for browsers of another age and cookies off */
  readonly sockJs?: SockJsProfile;
  /** Mounts what the SockJS protocol's tests expect (`/echo`, `/close`, …), open to all. @default false */
  readonly hasTestServices?: boolean;
}

/** A relay that listens. */
export interface Relay {
  /** `http://host:port` */
  readonly url: string;
  /** `tcp://host:port` or `tls://host:port` of the door for programs, if there is one. */
  readonly tcpUrl: string | undefined;
  /**
   * Takes no new work, says so on `/readyz`, and tells clients to connect elsewhere, each when its work has ended or
   * can be taken over there. Ends when the last client was told.
   */
  drain(options: MoveOptions): Promise<void>;
  /** Whom it lets in. */
  readonly admission: Admission;
  /** Closes every socket. Idempotent. */
  close(): void;
}

/** @throws StartError when the port is taken or the host is not this machine's */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { cache, log } = options;
  const bridges = cache === undefined ? options.bridges : new CachedBridges(options.bridges, cache);
  let isDraining = false;
  const metrics = options.metrics ?? new Metrics({ version: options.version });
  cache?.observe((layer, outcome) => metrics.lookedUp(layer, outcome));
  const admission = new Admission({ refused: (reason) => metrics.refused(reason), ...options.admission });
  const context: ConnectionContext = {
    bridges,
    metrics,
    tokens: new SessionTokens(options.sessionKeys),
    orphans: new Orphans(),
    connections: new Connections(),
    version: options.version,
    log,
    isDraining: () => isDraining,
  };
  const origins = createOrigins((origin, host) => admission.mayAsk(origin, host));
  const collector = new Collector(bridges, () => isDraining, metrics);
  const jobs = new Jobs(KEEP_ENDED_MS, cache?.guarded);
  const door = new SockJsService({
    prefix: '/sockjs',
    converse: (socket, id, visit) => new ClientConnection(socket, context, id, visit),
    admit: (request) => admission.connection(request),
    origins,
    framers: () => admission.framers,
    minNameLength: MIN_SESSION_NAME_LENGTH,
    ...options.sockJs,
    rawHeartbeat: HEARTBEAT,
    log,
    isDraining: () => isDraining,
  });
  const services = [door, ...(options.hasTestServices === true ? testServices(log) : [])];
  metrics.watch({
    bridges: () =>
      bridges.list().map(({ id, facts, load, workers }) => ({
        id,
        isReady: facts !== undefined,
        outstanding: load,
        parked: workers?.parked ?? facts?.parked ?? 0,
        forked: workers?.forked ?? 0,
        started: workers?.started ?? 0,
      })),
    connections: () => context.connections.count(),
    sessions: () => context.connections.sessions,
    orphans: () => context.orphans.size,
    executions: () => context.connections.pending + collector.pending,
    queuedBytes: () => admission.queued,
    cache: () => cache?.counters,
    upkeep: () => options.janitor?.counters,
  });
  const app = App();
  for (const service of services) service.mount(app);
  mountDoors(app, {
    ...options,
    ...{ admission, collector, context, jobs, origins, ownBridges: options.bridges },
    metricsAccess: options.metricsAccess ?? { access: 'local', token: undefined },
  });

  let tcp: TcpDoor | undefined;
  let listening: us_listen_socket;
  try {
    if (options.tcp)
      tcp = await TcpDoor.open(options.tcp, context, (request) => admission.connection(request));
    listening = await listen(app, options.host, options.port);
  } catch (error) {
    tcp?.close();
    for (const service of services) service.close();
    app.close();
    throw error;
  }
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  let isClosed = false;
  return {
    admission,
    url: `http://${host}:${us_socket_local_port(listening)}`,
    tcpUrl: tcp?.url,
    async drain(options) {
      // It goes on listening: balancers learn from `/readyz` that this relay is leaving, not from refused readers.
      isDraining = true;
      const deadline = performance.now() + options.graceMs;
      await context.connections.move(options);
      while (collector.pending > 0 && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
      }
      collector.close();
      const lastWordsBy = performance.now() + LAST_WORDS_MS;
      while (collector.pending > 0 && performance.now() < lastWordsBy) {
        await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
      }
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      isDraining = true;
      us_listen_socket_close(listening);
      for (const service of services) service.close();
      tcp?.close();
      context.orphans.close();
      jobs.close();
      app.close();
    },
  };
}
