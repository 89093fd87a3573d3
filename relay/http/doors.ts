/** Every HTTP door of a relay on its app: the JSON API, pages and files, and what operators look at. */
import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { Admission } from '../admission/admission.js';
import type { Bridges } from '../bridges/bridge.js';
import type { ResultCache } from '../cache/result-cache.js';
import { Documents } from '../documents/documents.js';
import { RelayError } from '../errors.js';
import type { Language } from '../protocol/index.js';
import type { UpkeepCounts } from '../observe/metrics.js';
import type { ConnectionContext } from '../sessions/connection-context.js';
import type { Store } from '../stores/store.js';
import { admitBy } from './admit.js';
import type { Jobs } from './api/jobs.js';
import { mountApi } from './api/routes.js';
import { Assets } from './assets.js';
import { answerBlob } from './blobs.js';
import type { Collector } from './collect.js';
import type { Origins } from './cors.js';
import { mountDocuments } from './documents.js';
import { answerHealth, answerReady } from './health.js';
import { answerMetrics, routeOf, type MetricsAccess } from './metrics.js';
import { Exchange, settle, shownPath, type Headers } from './respond.js';
import { answerResult } from './results.js';
import { answerService } from './service.js';
import { answerStatus } from './status.js';

/** Pages of other sites load the SDK from here. */
const FOR_ANY_SITE: Headers = [
  ['Access-Control-Allow-Origin', '*'],
  ['Cross-Origin-Resource-Policy', 'cross-origin'],
];

/** What stands behind the doors. */
export interface DoorParts {
  readonly admission: Admission;
  /** Those without the cache before them: readiness is theirs. */
  readonly ownBridges: Bridges;
  readonly context: ConnectionContext;
  readonly collector: Collector;
  readonly jobs: Jobs;
  readonly origins: Origins;
  readonly metricsAccess: MetricsAccess;
  readonly store?: Store | undefined;
  readonly janitor?: { readonly counters: UpkeepCounts } | undefined;
  readonly cache?: ResultCache | undefined;
  readonly sdkDir: string;
  readonly demoDir: string;
}

/** To be called last: what no door before knows is answered as not found. */
export function mountDoors(app: TemplatedApp, parts: DoorParts): void {
  const { admission, cache, collector, context, jobs, origins, ownBridges, store } = parts;
  const { bridges, log, metrics } = context;
  const admit = admitBy(admission);
  const sdk = new Assets(parts.sdkDir, FOR_ANY_SITE);
  const demo = new Assets(parts.demoDir);

  const route =
    (act: (exchange: Exchange) => Promise<void> | void) =>
    (res: HttpResponse, req: HttpRequest): void => {
      const exchange = new Exchange(res, req, origins, (status, seconds) => {
        metrics.answered(routeOf(exchange.path), status, seconds);
        log.debug(
          { request: exchange.id, method: exchange.method, path: shownPath(exchange.path), status },
          'answered',
        );
      });
      settle(exchange, log, async () => {
        await act(exchange);
      });
    };
  /** For doors that compute. */
  const guarded = (act: (exchange: Exchange) => Promise<void>): ReturnType<typeof route> =>
    route((exchange) => {
      if (!exchange.isAllowed) throw new RelayError('unauthorized', 'This origin may not use this relay.');
      return act(exchange);
    });
  const languages = (): readonly Language[] => bridges.pick()?.facts?.languages ?? ['sage', 'python'];
  mountApi(app, { collector, jobs, admit, languages }, route, guarded);
  app.post(
    '/service',
    guarded((exchange) => answerService(exchange, collector, admit)),
  );
  const get = (path: string, act: (exchange: Exchange) => Promise<void> | void): void => {
    app.get(path, route(act));
    app.head(path, route(act));
  };
  get('/api/v1/results/:key', (exchange) => answerResult(exchange, cache));
  get('/blobs/:hash/:name', (exchange) => answerBlob(exchange, store));
  if (store !== undefined) mountDocuments(app, new Documents(store), route, guarded);
  get('/healthz', answerHealth);
  get('/readyz', (exchange) => {
    // What only the cache answers is no place for new work.
    answerReady(exchange, ownBridges, context.isDraining());
  });
  get('/status', (exchange) =>
    answerStatus(exchange, bridges, {
      version: context.version,
      isDraining: context.isDraining(),
      connections: context.connections.size,
      executions: context.connections.pending + collector.pending,
      sessions: context.connections.sessions,
      orphans: context.orphans.size,
      queuedBytes: admission.queued,
      jobs: jobs.size,
      cache: cache?.counters,
      store: store?.stats(),
      upkeep: parts.janitor?.counters,
    }),
  );
  get('/metrics', async (exchange) => {
    await Promise.all(bridges.list().map((bridge) => bridge.count()));
    return answerMetrics(exchange, metrics, admission, parts.metricsAccess);
  });
  get('/', (exchange) => demo.answer(exchange, ''));
  get('/demo', (exchange) => {
    exchange.reply('308 Permanent Redirect', [['Location', '/demo/']]);
  });
  get('/demo/*', (exchange) => demo.answer(exchange, exchange.path.slice('/demo/'.length)));
  get('/sdk/*', (exchange) => sdk.answer(exchange, exchange.path.slice('/sdk/'.length)));
  app.any(
    '/*',
    route((exchange) => {
      exchange.text('404 Not Found', 'There is no such page here.\n');
    }),
  );
}
