/** The bridges a relay knows, and which of them gets new work. */
import type { Log } from '../observe/log.js';
import type { Bridge, BridgeReport, Bridges } from './bridge.js';
import { BridgeHealth } from './health.js';
import { BridgeProbe, type ProbeResult } from './probe.js';

/** What a pool is made with. */
export interface BridgePoolOptions {
  readonly log?: Log;
  /** Milliseconds between two probes of each bridge. @default never probed */
  readonly probeEveryMs?: number;
  /** A number from 0 (included) to 1 (excluded). @default Math.random */
  readonly random?: () => number;
}

interface Member {
  readonly bridge: Bridge;
  readonly health: BridgeHealth;
  readonly probe: BridgeProbe | undefined;
  /** Gets no new work; sessions it has go on. */
  isRetired: boolean;
  lastProbe: (ProbeResult & { readonly at: number }) | undefined;
}

/** A `Bridges` over any bridges. Whoever adds a bridge says when it became ready or was lost, and removes it when it is gone. */
export class BridgePool implements Bridges {
  readonly #options: BridgePoolOptions;
  readonly #members = new Map<string, Member>();
  readonly #waiting = new Set<() => void>();

  constructor(options: BridgePoolOptions = {}) {
    this.#options = options;
  }

  /** Adds a bridge, or takes a retired one of the same name back. */
  add(bridge: Bridge): void {
    const before = this.#members.get(bridge.id);
    if (before?.bridge === bridge) {
      before.isRetired = false;
      return;
    }
    before?.probe?.close();
    const { probeEveryMs: everyMs } = this.#options;
    const member: Member = {
      bridge,
      health: new BridgeHealth(),
      probe:
        everyMs === undefined
          ? undefined
          : new BridgeProbe(bridge, { everyMs, onResult: (result) => this.#probed(member, result) }),
      isRetired: false,
      lastProbe: undefined,
    };
    this.#members.set(bridge.id, member);
  }

  /** No new work from now on. */
  retire(bridge: Bridge): void {
    const member = this.#memberOf(bridge);
    if (member !== undefined) member.isRetired = true;
  }

  remove(bridge: Bridge): void {
    const member = this.#memberOf(bridge);
    if (member === undefined) return;
    member.probe?.close();
    this.#members.delete(bridge.id);
  }

  /** Ends the probes. The bridges are closed by whoever opened them. */
  close(): void {
    for (const member of this.#members.values()) member.probe?.close();
  }

  /** Wakes who waits in `whenReady`. Called when any bridge has become ready. */
  announceReady(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** The link to a bridge that was ready broke. */
  announceLost(bridge: Bridge): void {
    const member = this.#memberOf(bridge);
    if (member !== undefined) this.#failed(member, 'its link broke');
  }

  list(): readonly Bridge[] {
    return [...this.#members.values()].map(({ bridge }) => bridge);
  }

  find(id: string): Bridge | undefined {
    return this.#members.get(id)?.bridge;
  }

  report(): readonly BridgeReport[] {
    return [...this.#members.values()].map(({ bridge, health, isRetired, lastProbe }) => ({
      bridge,
      isRetired,
      failures: health.failures,
      ejectedForMs: Math.round(health.ejectedForMs),
      ...(lastProbe && {
        probe: {
          verdict: lastProbe.verdict,
          ms: Math.round(lastProbe.ms),
          secondsAgo: Math.round((performance.now() - lastProbe.at) / 1_000),
          ...(lastProbe.reason !== undefined && { reason: lastProbe.reason }),
        },
      }),
    }));
  }

  /** Two of them at random, and of the two the one with less latency × outstanding work. */
  pick(except?: ReadonlySet<Bridge>): Bridge | undefined {
    const ready = [...this.#members.values()].filter(
      ({ bridge, isRetired }) => bridge.facts !== undefined && !isRetired && except?.has(bridge) !== true,
    );
    const trusted = ready.filter(({ health }) => health.ejectedForMs === 0);
    // A bridge in doubt is better than none.
    const from = trusted.length > 0 ? trusted : ready;
    const random = this.#options.random ?? Math.random;
    const first = Math.floor(random() * from.length);
    // One of the others, each as likely.
    const second = (first + 1 + Math.floor(random() * (from.length - 1))) % from.length;
    const [a, b] = [from[first]?.bridge, from[second]?.bridge];
    return a !== undefined && b !== undefined && costOf(b) < costOf(a) ? b : a;
  }

  whenReady(timeoutMs: number, except?: ReadonlySet<Bridge>): Promise<Bridge | undefined> {
    const ready = this.pick(except);
    if (ready !== undefined) return Promise.resolve(ready);
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(this.pick(except));
      };
      const timer = setTimeout(finish, timeoutMs);
      const wake = (): void => {
        if (this.pick(except) !== undefined) finish();
      };
      this.#waiting.add(wake);
    });
  }

  #memberOf(bridge: Bridge): Member | undefined {
    const member = this.#members.get(bridge.id);
    return member?.bridge === bridge ? member : undefined;
  }

  #probed(member: Member, result: ProbeResult): void {
    member.lastProbe = { ...result, at: performance.now() };
    if (result.verdict === 'good') member.health.succeeded();
    if (result.verdict === 'bad') this.#failed(member, result.reason ?? 'the probe failed');
  }

  #failed(member: Member, reason: string): void {
    const others = [...this.#members.values()].filter((other) => other !== member && !other.isRetired);
    const out = others.filter(({ health }) => health.ejectedForMs > 0).length;
    // Never more than half: what looks like that many broken bridges is more likely this relay's own trouble.
    const mayEject = (out + 1) * 2 <= others.length + 1;
    const ejectedForMs = member.health.failed(mayEject);
    this.#options.log?.warn(
      { bridge: member.bridge.id, reason, failures: member.health.failures, ejectedForMs },
      ejectedForMs > 0 ? 'a bridge is ejected' : 'a bridge failed',
    );
  }
}

const costOf = (bridge: Bridge): number => bridge.latencyMs * (bridge.load + 1);
