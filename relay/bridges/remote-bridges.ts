/** Bridges that run elsewhere: one link to each that the operator names, and the list may change. */
import type { Log } from '../observe/log.js';
import { bridgeIdOf, type BridgeAddress, type BridgeTls } from './address.js';
import { BridgeLink } from './bridge-link.js';
import type { BridgePool } from './pool.js';

/** How often a bridge that was taken off the list is looked at: it goes when its last session has gone. */
const LEAVING_LOOK_MS = 1_000;

/** What remote bridges need. */
export interface RemoteBridgesOptions {
  /** Takes the bridges in; not owned. */
  readonly pool: BridgePool;
  /** Shared token of all of them. */
  readonly token: string;
  readonly tls: BridgeTls;
  /** How long sessions of a bridge that was taken off the list may be resumed, milliseconds. */
  readonly graceMs: number;
  readonly log: Log;
}

interface Member {
  readonly link: BridgeLink;
  /** Set while it is off the list: when it had sessions last. */
  busyAt: number | undefined;
}

/** `use` says which bridges there are, as often as wanted; `close` ends all links. */
export class RemoteBridges {
  readonly #options: RemoteBridgesOptions;
  readonly #members = new Map<string, Member>();
  readonly #look: NodeJS.Timeout;

  constructor(options: RemoteBridgesOptions) {
    this.#options = options;
    this.#look = setInterval(() => {
      this.#letGo();
    }, LEAVING_LOOK_MS);
    this.#look.unref();
  }

  /** Links to those that are new; those no longer named get no new work and are left when their sessions have gone. */
  use(addresses: readonly BridgeAddress[]): void {
    const { pool, token, tls, log } = this.#options;
    const named = new Set(addresses.map(bridgeIdOf));
    for (const address of addresses) {
      const id = bridgeIdOf(address);
      const known = this.#members.get(id);
      const link =
        known?.link ??
        new BridgeLink({
          address,
          token,
          tls,
          log,
          onReady: () => pool.announceReady(),
          onLost: (bridge) => pool.announceLost(bridge),
        });
      this.#members.set(id, { link, busyAt: undefined });
      pool.add(link);
    }
    for (const [id, member] of this.#members) {
      if (named.has(id)) continue;
      member.busyAt ??= performance.now();
      pool.retire(member.link);
      log.info({ bridge: id }, 'a bridge is off the list');
    }
  }

  close(): void {
    clearInterval(this.#look);
    for (const { link } of this.#members.values()) link.close();
  }

  #letGo(): void {
    const now = performance.now();
    for (const [id, member] of this.#members) {
      if (member.busyAt === undefined) continue;
      if (member.link.load > 0) member.busyAt = now;
      if (now - member.busyAt < this.#options.graceMs) continue;
      this.#members.delete(id);
      this.#options.pool.remove(member.link);
      member.link.close();
    }
  }
}
