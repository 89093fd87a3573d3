/** The bridges a relay knows, and which of them gets new work. */
import type { Bridge, Bridges } from './bridge.js';

/** A `Bridges` over any bridges. Whoever adds a bridge says when it became ready and removes it when it is gone. */
export class BridgePool implements Bridges {
  readonly #bridges = new Map<string, Bridge>();
  readonly #waiting = new Set<() => void>();

  add(bridge: Bridge): void {
    this.#bridges.set(bridge.id, bridge);
  }

  remove(bridge: Bridge): void {
    if (this.#bridges.get(bridge.id) === bridge) this.#bridges.delete(bridge.id);
  }

  /** Wakes who waits in `whenReady`. Called when any bridge has become ready. */
  announceReady(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  list(): readonly Bridge[] {
    return [...this.#bridges.values()];
  }

  find(id: string): Bridge | undefined {
    return this.#bridges.get(id);
  }

  pick(): Bridge | undefined {
    let best: Bridge | undefined;
    for (const bridge of this.#bridges.values()) {
      if (bridge.facts !== undefined && (best === undefined || bridge.load < best.load)) best = bridge;
    }
    return best;
  }

  whenReady(timeoutMs: number): Promise<Bridge | undefined> {
    const ready = this.pick();
    if (ready !== undefined) return Promise.resolve(ready);
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(this.pick());
      };
      const timer = setTimeout(finish, timeoutMs);
      const wake = (): void => {
        if (this.pick() !== undefined) finish();
      };
      this.#waiting.add(wake);
    });
  }
}
