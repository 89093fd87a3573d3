/** What the relay counts and measures, in the form that Prometheus reads. Every label has a bounded set of values. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** How an execution came here. */
export type ExecutionKind = 'stateless' | 'session' | 'http';

/** How a client is connected. */
export type Transport = 'websocket' | 'sockjs' | 'tcp';

const REFUSAL_REASONS = [
  'origin',
  'key',
  'connections',
  'sessions',
  'session-rate',
  'execution-rate',
  'bytes',
  'executions',
  'queue',
  'draining',
] as const;

/** Why something was refused. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** What one lookup in a layer of the cache came to. */
export type LookupOutcome = 'hit' | 'miss' | 'error' | 'timeout';

/** What the cache tells of itself. */
export interface CacheCounts {
  readonly memoryBytes: number;
  /** Of the store behind the memory, if there is one. */
  readonly store?: { readonly dropped: number };
}

/** What the cleaning of the store tells of itself, since the start. */
export interface UpkeepCounts {
  readonly sweeps: number;
  /** Entries whose time was over. */
  readonly expired: number;
  /** Files that no document named any more. */
  readonly orphans: number;
}

/** A bridge as the metrics show it. */
export interface BridgeGauges {
  readonly id: string;
  readonly isReady: boolean;
  /** Sessions and executions that it works on for this relay. */
  readonly outstanding: number;
  /** Workers it has parked, as far as it told… */
  readonly parked: number;
  /** …forked since it began… */
  readonly forked: number;
  /** …and given to sessions. */
  readonly started: number;
}

/** What is read at each scrape. */
export interface GaugeSource {
  bridges(): readonly BridgeGauges[];
  /** Clients connected, by transport. */
  connections(): Readonly<Partial<Record<Transport, number>>>;
  /** Sessions with a client. */
  sessions(): number;
  /** Sessions whose client may still come back. */
  orphans(): number;
  /** Executions without an end. */
  executions(): number;
  /** Bytes of output that wait for clients. */
  queuedBytes(): number;
  /** Undefined if nothing is cached. */
  cache(): CacheCounts | undefined;
  /** Undefined if nobody cleans. */
  upkeep(): UpkeepCounts | undefined;
}

/** Seconds: from a cached answer (a tenth of a millisecond) to the longest wall time. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** So many ends of executions wait to be counted. */
const FOLDED_AT = 1_024;

/** Status classes of HTTP answers that are told apart. */
type StatusClass = '2xx' | '3xx' | '4xx' | '5xx';

/** One relay's metrics; each has its own registry. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #executionSeconds = this.#histogram(
    'execution_seconds',
    'From the request to its done, by kind.',
    'kind',
  );
  readonly #firstResultSeconds = this.#histogram(
    'first_result_seconds',
    "From a client's connecting to its first done.",
  );
  readonly #httpSeconds = this.#histogram(
    'http_request_seconds',
    'From a request to its answer, by route and class of status.',
    'route',
    'status',
  );
  readonly #executions = this.#counter(
    'executions_total',
    'Executions ended, by kind and end.',
    'kind',
    'status',
  );
  readonly #bytes = this.#counter('bytes_total', 'Message bytes, by direction.', 'direction');
  readonly #refusals = this.#counter('refusals_total', 'What was refused, by reason.', 'reason');
  readonly #lookups = this.#counter(
    'cache_lookups_total',
    'Lookups, by layer of the cache and what they came to.',
    'layer',
    'outcome',
  );
  /** Counted here, and told at a scrape: a counter of the library's costs more than the message it counts. */
  #in = 0;
  #out = 0;
  /** Ends that the histogram has not been told of; `FOLDED_AT` at most. */
  #ends: { readonly kind: ExecutionKind; readonly status: string; readonly seconds: number }[] = [];
  readonly #kinds = {
    stateless: this.#executionSeconds.labels('stateless'),
    session: this.#executionSeconds.labels('session'),
    http: this.#executionSeconds.labels('http'),
  } satisfies Record<ExecutionKind, unknown>;

  /** @param build shown as labels of `sage_embed_build_info` */
  constructor(build: { readonly version: string }) {
    collectDefaultMetrics({ register: this.#registry });
    this.#gauge('build_info', 'Always 1; what runs, in labels.', 'version', 'node')
      .labels(build.version, process.versions.node)
      .set(1);
    // A counter that begins with its first event hides that event from who asks how fast it grows.
    for (const reason of REFUSAL_REASONS) this.#refusals.labels(reason).inc(0);
  }

  /** Reads from `source` at each scrape what is counted elsewhere. Called once. */
  watch(source: GaugeSource): void {
    const each = (name: string, help: string, read: (bridge: BridgeGauges) => number): void => {
      this.#gauge(name, help, 'bridge').collect = function (this: Gauge): void {
        // A bridge that is gone must not be shown for ever.
        this.reset();
        for (const bridge of source.bridges()) this.labels(bridge.id).set(read(bridge));
      };
    };
    each('bridge_ready', '1 if the bridge takes commands.', ({ isReady }) => (isReady ? 1 : 0));
    each('bridge_outstanding', 'Sessions and executions it works on for this relay.', (b) => b.outstanding);
    each('bridge_parked', 'Workers it has parked.', ({ parked }) => parked);
    this.#counted(
      'bridge_forks_total',
      'Workers it has forked since it began.',
      (add) => {
        for (const { id, forked } of source.bridges()) add(forked, id);
      },
      'bridge',
    );
    this.#counted(
      'bridge_sessions_total',
      'Sessions it has given a worker since it began.',
      (add) => {
        for (const { id, started } of source.bridges()) add(started, id);
      },
      'bridge',
    );
    const one = (name: string, help: string, read: () => number): void => {
      this.#gauge(name, help).collect = function (this: Gauge): void {
        this.set(read());
      };
    };
    one('sessions', 'Sessions with a client.', () => source.sessions());
    one('orphaned_sessions', 'Sessions whose client may still come back.', () => source.orphans());
    one('executions_pending', 'Executions without an end.', () => source.executions());
    one('queued_bytes', 'Bytes of output that wait for clients.', () => source.queuedBytes());
    one('cache_memory_bytes', 'Results kept in memory.', () => source.cache()?.memoryBytes ?? 0);
    this.#counted('cache_dropped_writes_total', 'Writes to the store that were given up.', (add) => {
      add(source.cache()?.store?.dropped ?? 0);
    });
    this.#counted('store_sweeps_total', 'How often the store was cleaned.', (add) => {
      add(source.upkeep()?.sweeps ?? 0);
    });
    this.#counted('store_expired_total', 'Entries freed because their time was over.', (add) => {
      add(source.upkeep()?.expired ?? 0);
    });
    this.#counted(
      'store_orphans_total',
      'Files given a time because no document named them any more.',
      (add) => {
        add(source.upkeep()?.orphans ?? 0);
      },
    );
    this.#gauge('connections', 'Clients connected, by transport.', 'transport').collect = function (
      this: Gauge,
    ): void {
      for (const [transport, count] of Object.entries(source.connections())) {
        this.labels(transport).set(count);
      }
    };
  }

  /** An execution ended `seconds` after it was asked for. */
  executed(kind: ExecutionKind, status: string, seconds: number): void {
    this.#ends.push({ kind, status, seconds });
    if (this.#ends.length >= FOLDED_AT) this.#fold();
  }

  /** A client had its first result `seconds` after it connected. */
  firstResult(seconds: number): void {
    this.#firstResultSeconds.observe(seconds);
  }

  /** @param route as mounted, never the path of a request */
  answered(route: string, status: number, seconds: number): void {
    this.#httpSeconds
      .labels(route, `${Math.trunc(status / 100)}xx` satisfies string as StatusClass)
      .observe(seconds);
  }

  received(bytes: number): void {
    this.#in += bytes;
  }

  sent(bytes: number): void {
    this.#out += bytes;
  }

  refused(reason: RefusalReason): void {
    this.#refusals.labels(reason).inc();
  }

  /** @param layer `memory`, `cassandra`, … : a name from the code */
  lookedUp(layer: string, outcome: LookupOutcome): void {
    this.#lookups.labels(layer, outcome).inc();
  }

  /** Everything, in Prometheus' text format. */
  text(): Promise<string> {
    this.#fold();
    return this.#registry.metrics();
  }

  /** Of `text`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  #fold(): void {
    for (const { kind, status, seconds } of this.#ends.splice(0)) {
      this.#kinds[kind].observe(seconds);
      this.#executions.labels(kind, status).inc();
    }
    this.#bytes.labels('in').inc(this.#in);
    this.#bytes.labels('out').inc(this.#out);
    this.#in = this.#out = 0;
  }

  #histogram(name: string, help: string, ...labelNames: string[]): Histogram {
    return new Histogram({
      name: `sage_embed_${name}`,
      help,
      labelNames,
      buckets: BUCKETS,
      registers: [this.#registry],
    });
  }

  #counter(name: string, help: string, ...labelNames: string[]): Counter {
    return new Counter({ name: `sage_embed_${name}`, help, labelNames, registers: [this.#registry] });
  }

  /** @param read adds at each scrape what was counted so far; what it no longer adds is shown no longer */
  #counted(
    name: string,
    help: string,
    read: (add: (count: number, ...labels: string[]) => void) => void,
    ...labelNames: string[]
  ): void {
    const counter = this.#counter(name, help, ...labelNames) as Counter & { collect: () => void };
    counter.collect = () => {
      counter.reset();
      read((count, ...labels) => {
        if (labels.length === 0) counter.inc(count);
        else counter.labels(...labels).inc(count);
      });
    };
  }

  #gauge(name: string, help: string, ...labelNames: string[]): Gauge & { collect: () => void } {
    return new Gauge({
      name: `sage_embed_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
    }) as Gauge & {
      collect: () => void;
    };
  }
}
