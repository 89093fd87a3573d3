/** Starts a relay from the environment's settings: the one place where the concrete back-ends are named. */
import { parseArgs } from 'node:util';
import type { Admission } from './admission/admission.js';
import { LocalBridge } from './bridges/local-bridge.js';
import { BridgePool } from './bridges/pool.js';
import { RemoteBridges } from './bridges/remote-bridges.js';
import { ConfigError, ConfigSource, type Config } from './config/index.js';
import { EXIT, StartError } from './errors.js';
import { createLog, type Log } from './observe/log.js';
import { SESSION_GRACE_MS } from './protocol/index.js';
import { ResultCache } from './cache/result-cache.js';
import { startRelay } from './server.js';
import { openStore } from './stores/open.js';
import type { Store } from './stores/store.js';
import { Janitor } from './upkeep/janitor.js';

/** Clients are told to go elsewhere one after another over this time. */
const SPREAD_MS = 3_000;

/** How long running executions may go on after Ctrl-C: somebody waits in front of a terminal. */
const IMPATIENT_DRAIN_MS = 4_000;

/** What `main` opened and must close. */
interface Backends {
  readonly pool: BridgePool;
  /** True if sessions outlive this relay. */
  readonly isRemote: boolean;
  /** Ends when work can be taken. @throws Error when that can't come about */
  readonly started: Promise<void>;
  /** Takes over what may change while the relay runs. */
  reload(config: Config): void;
  close(signal?: 'SIGKILL'): Promise<void>;
}

/** What outlives executions. */
interface Kept {
  readonly store: Store;
  readonly cache: ResultCache | undefined;
  readonly janitor: Janitor;
  close(): Promise<void>;
}

/** How long writes that wait may take when the relay ends. */
const LAST_WRITES_MS = 1_000;

function openBridges(config: Config, log: Log): Backends {
  const pool = new BridgePool({ log, probeEveryMs: config.probeSeconds * 1_000 });
  if (config.bridges.kind === 'remote') {
    const { addresses, token, tls } = config.bridges;
    const remote = new RemoteBridges({ pool, token, tls, graceMs: SESSION_GRACE_MS, log });
    remote.use(addresses);
    return {
      pool,
      isRemote: true,
      started: Promise.resolve(),
      reload: ({ bridges }) => {
        if (bridges.kind === 'remote') remote.use(bridges.addresses);
      },
      close: () => {
        pool.close();
        remote.close();
        return Promise.resolve();
      },
    };
  }
  const { python, packageDir, env, sandbox, pool: poolSize } = config.bridges;
  const local = new LocalBridge({
    python,
    packageDir,
    env,
    sandbox,
    ...(poolSize !== undefined && { pool: poolSize }),
    log,
    onUp: (bridge) => pool.add(bridge),
    onReady: () => pool.announceReady(),
    onDown: (bridge) => pool.remove(bridge),
  });
  return {
    pool,
    isRemote: false,
    started: local.started,
    reload: () => undefined,
    close: (signal) => {
      pool.close();
      return local.close(signal);
    },
  };
}

/** Reads the settings again; with a mistake in them all stays as it was. */
function reload(source: ConfigSource, bridges: Backends, admission: Admission, log: Log): void {
  try {
    const { config, changed, needRestart } = source.reload();
    bridges.reload(config);
    admission.replaceKeys(config.admission.embedKeys ?? []);
    log.info({ changed, needRestart }, 'settings read again');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.error({ reason: error.message }, 'the settings can not be used; all stays as it was');
  }
}

/** The store, and the cache before it. @throws StartError when the store's folder can't be used */
function openKept(config: Config, log: Log): Kept {
  let store: Store;
  try {
    store = openStore(config, log);
  } catch (error) {
    throw new StartError(
      `The store can't be opened: ${(error as Error).message}. Set STORE_DIR to a folder that can be written, or STORE=memory.`,
      EXIT.CONFIG,
    );
  }
  const cache = config.cache
    ? new ResultCache({ memoryBytes: config.cacheMemoryMb * 1_048_576, store, log })
    : undefined;
  const janitor = new Janitor(store, log);
  return {
    store,
    cache,
    janitor,
    async close() {
      janitor.close();
      await cache?.guarded?.settled(LAST_WRITES_MS);
      cache?.close();
      await store.close();
    },
  };
}

/** The file that `--config FILE` names. @throws StartError for anything else on the command line */
function configFile(): string | undefined {
  try {
    return parseArgs({ options: { config: { type: 'string' } } }).values.config;
  } catch (error) {
    throw new StartError(
      `${(error as Error).message}\nUsage: main.js [--config FILE]; settings are in FILE or the environment.`,
      EXIT.USAGE,
    );
  }
}

async function main(): Promise<void> {
  const source = new ConfigSource({ file: configFile() });
  const { config } = source;
  const log = createLog(config.logLevel);
  const kept = openKept(config, log);
  const bridges = openBridges(config, log);
  try {
    const relay = await startRelay({ ...config, bridges: bridges.pool, log, ...kept });
    let signals = 0;
    const stop = (signal: string): void => {
      signals += 1;
      log.info({ signal }, signals === 1 ? 'stopping' : 'stopping at once');
      void (async () => {
        if (signals === 1) {
          await relay.drain({
            spreadMs: SPREAD_MS,
            graceMs: signal === 'SIGINT' ? IMPATIENT_DRAIN_MS : config.drainSeconds * 1_000,
            handsOver: bridges.isRemote,
          });
        }
        relay.close();
        await bridges.close(signals === 1 ? undefined : 'SIGKILL');
        await kept.close();
        process.exit(0);
      })();
    };
    for (const defect of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(defect, (error: unknown) => {
        log.fatal({ err: error }, 'a defect ends this relay');
        void bridges.close('SIGKILL').finally(() => process.exit(EXIT.SOFTWARE));
      });
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        stop(signal);
      });
    }
    process.on('SIGHUP', () => {
      reload(source, bridges, relay.admission, log);
      // An operator may have purged the store.
      kept.cache?.clearMemory();
    });
    try {
      await bridges.started;
    } catch (error) {
      relay.close();
      throw new StartError((error as Error).message, EXIT.UNAVAILABLE);
    }
    log.info({ url: relay.url, tcp: relay.tcpUrl, version: config.version }, 'listening');
    process.stdout.write(`${JSON.stringify({ event: 'listening', url: relay.url, tcp: relay.tcpUrl })}\n`);
  } catch (error) {
    await bridges.close();
    await kept.close();
    throw error;
  }
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) {
    process.stderr.write(`The settings can't be used:\n${error.message}\n`);
    process.exit(EXIT.CONFIG);
  }
  if (error instanceof StartError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(error.exitCode);
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(EXIT.SOFTWARE);
});
