/** A bridge of the relay's own: a child process on a private Unix socket, started anew whenever it dies. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Log } from '../observe/log.js';
import { backoffMs } from './backoff.js';
import type { Bridge } from './bridge.js';
import { BridgeLink } from './bridge-link.js';

const RESTART = { baseMs: 200, capMs: 10_000 };

/** A process that lived this long and dies is a new trouble, not the old one going on. */
const STABLE_AFTER_MS = 60_000;

/** From SIGTERM to SIGKILL. */
const STOP_GRACE_MS = 3_000;

/** Lines of the bridge's standard error kept to say why it did not start. */
const LAST_WORDS = 12;

/** What a local bridge needs. */
export interface LocalBridgeOptions {
  /** argv of Sage's Python. */
  readonly python: readonly string[];
  /** Folder that holds the `sage_bridge` package. */
  readonly packageDir: string;
  /** The child's whole environment besides what is set here. */
  readonly env: NodeJS.ProcessEnv;
  /** Workers kept parked. @default the bridge's own */
  readonly pool?: number;
  /** How it shuts its workers in; `require` makes it refuse to start where a layer is missing. */
  readonly sandbox: 'require' | 'best-effort' | 'off';
  readonly log: Log;
  /** A bridge that can be used from now on… */
  readonly onUp: (bridge: Bridge) => void;
  /** …and each time it has become able to take commands… */
  readonly onReady: () => void;
  /** …until now. */
  readonly onDown: (bridge: Bridge) => void;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts at once; `close` stops the process and removes its folder. */
export class LocalBridge {
  readonly #options: LocalBridgeOptions;
  readonly #log: Log;
  #child: Child | undefined;
  #failures = 0;
  #closed = false;
  #restart: NodeJS.Timeout | undefined;
  /** Ends when the present process has ended and its folder is gone. */
  #run: Promise<void> = Promise.resolve();
  #lastWords: string[] = [];
  readonly #started: Promise<void>;
  #settleStart: { resolve: () => void; reject: (reason: Error) => void } | undefined;

  constructor(options: LocalBridgeOptions) {
    this.#options = options;
    this.#log = options.log.child({ bridge: 'local' });
    this.#started = new Promise((resolve, reject) => {
      this.#settleStart = { resolve, reject };
    });
    this.#started.catch(() => undefined);
    this.#run = this.#keepRunning();
  }

  /**
   * Ends when the bridge has been ready once.
   * @throws Error with the bridge's last words if its first process ended before that
   */
  get started(): Promise<void> {
    return this.#started;
  }

  /** Stops the bridge; ends when nothing of it is left. Idempotent. `SIGKILL` stops it without grace. */
  async close(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child !== undefined) {
      child.kill(signal);
      const hurry = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      await this.#run;
      clearTimeout(hurry);
    }
    await this.#run;
  }

  /** Runs one process to its end, and makes the next one start. */
  async #keepRunning(): Promise<void> {
    const startedAt = performance.now();
    try {
      await this.#runOnce();
    } catch (error) {
      // The folder for temporary files is full or missing, say: the next try may do better.
      this.#log.error({ err: error }, 'the local bridge has no folder');
      this.#settleStart?.reject(error as Error);
    }
    if (performance.now() - startedAt > STABLE_AFTER_MS) this.#failures = 0;
    if (this.#closed) return;
    const waitMs = backoffMs(++this.#failures, RESTART);
    this.#log.warn({ waitMs: Math.round(waitMs), failures: this.#failures }, 'the local bridge starts again');
    this.#restart = setTimeout(() => {
      this.#run = this.#keepRunning();
    }, waitMs);
  }

  async #runOnce(): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'sage-embed-'));
    try {
      if (!this.#closed) await this.#runIn(dir);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  /** Runs one process from spawn to exit. */
  #runIn(dir: string): Promise<void> {
    const { python, packageDir, env, pool, sandbox } = this.#options;
    const [program = '', ...args] = python;
    const socketPath = join(dir, 'bridge.sock');
    const token = randomBytes(32).toString('base64url');
    const child: Child = spawn(
      program,
      [
        ...args,
        ...['-m', 'sage_bridge', 'serve', '--listen', `unix:${socketPath}`, '--lifeline', 'stdin'],
        ...['--sandbox', sandbox],
        ...(pool === undefined ? [] : ['--pool', String(pool)]),
      ],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: {
          ...env,
          PYTHONPATH: [packageDir, env['PYTHONPATH']].filter(Boolean).join(':'),
          PYTHONDONTWRITEBYTECODE: '1',
          SAGE_BRIDGE_TOKEN: token,
        },
        // A group of its own: Ctrl-C in a terminal must reach the relay alone, which then stops the bridge in order.
        detached: true,
      },
    );
    this.#child = child;
    this.#lastWords = [];
    let link: BridgeLink | undefined;

    child.stdin.on('error', () => undefined); // The lifeline's other end may be gone; `close` tells.
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (link !== undefined || !isListening(line)) return;
      // The id is new with each process: tokens of the one before must not find their way here.
      const id = `local-${randomBytes(6).toString('base64url')}`;
      link = new BridgeLink({
        address: { kind: 'unix', path: socketPath },
        token,
        id,
        log: this.#options.log,
        onReady: () => {
          this.#settleStart?.resolve();
          this.#options.onReady();
        },
      });
      this.#options.onUp(link);
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#lastWords.push(line);
      if (this.#lastWords.length > LAST_WORDS) this.#lastWords.shift();
      this.#log[levelOf(line)]({ stderr: line.slice(0, 2_000) }, 'bridge says');
    });

    return new Promise((resolve) => {
      const end = (how: string): void => {
        this.#child = undefined;
        if (link !== undefined) {
          link.close();
          this.#options.onDown(link);
        }
        const words = this.#lastWords.join('\n');
        if (!this.#closed) this.#log.error({ how, words }, 'the local bridge ended');
        this.#settleStart?.reject(
          new Error(`The Sage bridge (${python.join(' ')}) did not start: ${how}.${words && `\n${words}`}`),
        );
        resolve();
      };
      child.once('error', (error) => {
        if (child.pid === undefined) end(error.message);
      });
      child.once('close', (code, signal) => {
        end(signal === null ? `exit code ${String(code)}` : `ended by ${signal}`);
      });
    });
  }
}

/** How the bridge means what it says; what is not of its own making, Sage's for instance, is for who looks closely. */
function levelOf(line: string): 'warn' | 'info' | 'debug' {
  const level = /^\{"time": [\d.]+, "level": "(warn|info)", /.exec(line)?.[1];
  return (level as 'warn' | 'info' | undefined) ?? 'debug';
}

function isListening(line: string): boolean {
  try {
    return (JSON.parse(line) as { event?: unknown } | null)?.event === 'listening';
  } catch {
    return false;
  }
}
