/** `/metrics`: for Prometheus, and for nobody else. */
import { timingSafeEqual } from 'node:crypto';
import type { Admission } from '../admission/admission.js';
import { RelayError } from '../errors.js';
import type { Metrics } from '../observe/metrics.js';
import type { Exchange } from './respond.js';

/** Who may read. */
export interface MetricsAccess {
  /** `local`: programs of this machine. */
  readonly access: 'local' | 'everybody';
  /** Whoever presents it as `Authorization: Bearer …` may too. */
  readonly token: string | undefined;
}

const isSame = (given: string, right: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** @throws RelayError `unauthorized` */
export async function answerMetrics(
  exchange: Exchange,
  metrics: Metrics,
  admission: Admission,
  { access, token }: MetricsAccess,
): Promise<void> {
  const { bearer } = exchange;
  const mayRead =
    access === 'everybody' ||
    (token !== undefined && bearer !== undefined && isSame(bearer, token)) ||
    // A page that this machine's browser shows is not a program of this machine.
    (exchange.header('origin') === '' && admission.isFromHere(exchange.request().peer));
  if (!mayRead) throw new RelayError('unauthorized', 'The metrics are not for everybody.');
  const text = await metrics.text();
  exchange.reply(
    '200 OK',
    [
      ['Content-Type', metrics.contentType],
      ['Cache-Control', 'no-store'],
    ],
    text,
  );
}

/** Paths told apart in metrics; the longest beginning wins. */
const ROUTES = [
  '/api/v1/execute',
  '/api/v1/jobs',
  '/api/v1/results',
  '/api/v1',
  '/service',
  '/permalink',
  '/kernel',
  '/embedded_sagecell.js',
  '/blobs',
  '/embed',
  '/oembed',
  '/lti',
  '/sockjs',
  '/sdk',
  '/demo',
  '/healthz',
  '/readyz',
  '/metrics',
  '/status',
] as const;

/** The route of a path, for a label: one of a fixed list. */
export function routeOf(path: string): string {
  if (path === '/') return '/';
  const route = ROUTES.find((begin) => path === begin || path.startsWith(`${begin}/`));
  return route ?? 'other';
}
