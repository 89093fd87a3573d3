/** The real bridge on the real Sage, as a process of its own. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseBridgeAddress, type BridgeAddress } from '../../relay/bridges/address.js';
import type { Cleanup } from './cleanup.js';
import { sagePython } from './sage-python.js';

const TOKEN = 'the token of the bridge under test';

/** Start with `SageBridgeProcess.start`. */
export class SageBridgeProcess {
  readonly token = TOKEN;
  readonly #arguments: readonly string[];
  #address: BridgeAddress | undefined;
  #child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  #exited: Promise<void> = Promise.resolve();

  private constructor(args: readonly string[]) {
    this.#arguments = args;
  }

  /** Where it listens. */
  get address(): BridgeAddress {
    if (this.#address === undefined) throw new Error('The bridge does not listen.');
    return this.#address;
  }

  /**
   * Starts a bridge and waits until it listens; stopped at the end, its folder removed.
   * @param args of its command line, `--listen` among them. @default a socket in a folder of its own
   * @throws Error when `SAGE_PYTHON` is not set or the bridge ends before it listens
   */
  static async start(cleanup: Cleanup, args?: readonly string[]): Promise<SageBridgeProcess> {
    const dir = mkdtempSync(join(tmpdir(), 'sage-bridge-test-'));
    const bridge = new SageBridgeProcess(args ?? ['--listen', `unix:${join(dir, 'bridge.sock')}`]);
    cleanup(async () => {
      bridge.signal('SIGCONT');
      bridge.signal('SIGTERM');
      await bridge.#exited;
      rmSync(dir, { recursive: true, force: true });
    });
    await bridge.#spawn();
    return bridge;
  }

  /** Of the process that runs now. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends when another process listens at the same address. */
  async killAndRestart(): Promise<void> {
    this.signal('SIGKILL');
    await this.#exited;
    await this.#spawn();
  }

  #spawn(): Promise<void> {
    const [program = '', ...args] = sagePython();
    const child = spawn(
      program,
      [...args, '-m', 'sage_bridge', 'serve', ...this.#arguments, '--lifeline', 'stdin'],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: {
          ...process.env,
          PYTHONPATH: fileURLToPath(new URL('../../sage-bridge', import.meta.url)),
          PYTHONDONTWRITEBYTECODE: '1',
          SAGE_BRIDGE_TOKEN: TOKEN,
        },
      },
    );
    this.#child = child;
    this.#exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin.on('error', () => undefined);
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(-4_000)));
    return new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const { event, address } = JSON.parse(line) as { event?: string; address?: string };
        if (event !== 'listening') return;
        this.#address = parseBridgeAddress((address ?? '').replace(':', '://'));
        resolve();
      });
      child.once('error', reject);
      child.once('close', (code) => reject(new Error(`The bridge ended with ${String(code)}:\n${words}`)));
    });
  }
}

/** A bridge that runs until the test's end. @throws Error as `SageBridgeProcess.start` does */
export function startSageBridge(cleanup: Cleanup): Promise<SageBridgeProcess> {
  return SageBridgeProcess.start(cleanup);
}
