/** Relays and bridges that can be killed and come back under the same address. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BridgeAddress } from '../../../relay/bridges/address.js';
import type { Cleanup } from '../cleanup.js';
import type { FakeBridge } from '../fake-bridge.js';
import { freePort, RelayProcess } from '../relay-process.js';
import { SageBridgeProcess } from '../sage-bridge.js';

/** A bridge under attack. */
export interface BridgeNode {
  readonly address: BridgeAddress;
  readonly token: string;
  /** Dies without a word; ends when another process answers in its place. */
  kill(): Promise<void>;
  /** Does nothing for a while, and keeps its sockets. */
  stop(ms: number): Promise<void>;
}

/** Settings that relays of the same bridges share. */
export function settingsOf(bridges: readonly BridgeNode[]): { readonly [name: string]: string } {
  return {
    BRIDGES: bridges.map(({ address }) => (address.kind === 'unix' ? `unix://${address.path}` : '')).join(),
    BRIDGE_TOKEN: bridges[0]?.token ?? '',
    SESSION_KEYS: 'the key that all relays of these tests share',
    LOG_LEVEL: 'error',
    ALLOWED_ORIGINS: '*',
  };
}

/** A relay under attack. */
export class RelayNode {
  readonly #cleanup: Cleanup;
  readonly #env: { readonly [name: string]: string };
  #process: RelayProcess;
  /** `http://host:port`, the same for each process. */
  url = '';

  private constructor(cleanup: Cleanup, env: { readonly [name: string]: string }) {
    this.#cleanup = cleanup;
    this.#env = env;
    this.#process = new RelayProcess(cleanup, env);
  }

  /** @param env settings besides the port, which the system chooses once */
  static async start(cleanup: Cleanup, env: { readonly [name: string]: string }): Promise<RelayNode> {
    // A port that the system chose for a listening socket can't be taken again for a minute after its process died.
    const node = new RelayNode(cleanup, { ...env, PORT: String(await freePort()) });
    node.url = await node.#process.url();
    return node;
  }

  async kill(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.#process.ended;
    await this.#restart();
  }

  /** Asks it to end. @returns its exit code */
  async terminate(): Promise<number | null> {
    this.#process.signal('SIGTERM');
    const { code } = await this.#process.ended;
    await this.#restart();
    return code;
  }

  async stop(ms: number): Promise<void> {
    this.#process.signal('SIGSTOP');
    await sleep(ms);
    this.#process.signal('SIGCONT');
  }

  /** Ends when new work is welcome. */
  async ready(): Promise<void> {
    while (!(await fetch(`${this.url}/readyz`)).ok) await sleep(20);
  }

  async #restart(): Promise<void> {
    this.#process = new RelayProcess(this.#cleanup, this.#env);
    await this.#process.url();
    await this.ready();
  }
}

/** The fake bridge, killed in the way of a process: links break, sessions are gone, nobody listens for a moment. */
export function fakeNode(bridge: FakeBridge): BridgeNode {
  return {
    address: bridge.address,
    token: bridge.token,
    kill: () => bridge.crash(150),
    stop: (ms) => bridge.freeze(ms),
  };
}

/** The real bridge. */
export async function sageNode(cleanup: Cleanup): Promise<BridgeNode> {
  const bridge = await SageBridgeProcess.start(cleanup);
  return {
    address: bridge.address,
    token: bridge.token,
    kill: () => bridge.killAndRestart(),
    stop: async (ms) => {
      bridge.signal('SIGSTOP');
      await sleep(ms);
      bridge.signal('SIGCONT');
    },
  };
}
