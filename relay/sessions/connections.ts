/** All client connections of a relay, over whatever transport, and how they leave it. */

import type { Transport } from '../observe/metrics.js';

/** How often those that may go are looked for, milliseconds. */
const LOOK_MS = 25;

/** What is asked of a connection here. */
export interface MovableConnection {
  /** Sessions open. */
  readonly sessions: number;
  readonly transport: Transport;
  /** Executions that have no `done` yet… */
  readonly pending: number;
  /** …and those of them that end with the connection: no other relay can take them over. */
  readonly bound: number;
  /** Tells the client to connect elsewhere. */
  drain(): void;
}

/** How connections are sent away. */
export interface MoveOptions {
  /** Clients are told one after another over this time, so that they do not arrive elsewhere all at once. Milliseconds. */
  readonly spreadMs: number;
  /** Who has work that can't be handed over may finish it within this time, milliseconds. */
  readonly graceMs: number;
  /** True if another relay can take sessions over: then running executions of sessions need not end first. */
  readonly handsOver: boolean;
}

/** Connections enter when they are made and leave when they are closed. */
export class Connections {
  readonly #connections = new Set<MovableConnection>();

  get size(): number {
    return this.#connections.size;
  }

  /** Executions of all clients that have no `done` yet. */
  get pending(): number {
    let count = 0;
    for (const connection of this.#connections) count += connection.pending;
    return count;
  }

  /** Sessions of all clients. */
  get sessions(): number {
    let count = 0;
    for (const connection of this.#connections) count += connection.sessions;
    return count;
  }

  /** Clients by transport. */
  count(): Record<Transport, number> {
    const counts = { websocket: 0, sockjs: 0, tcp: 0 };
    for (const { transport } of this.#connections) counts[transport] += 1;
    return counts;
  }

  add(connection: MovableConnection): void {
    this.#connections.add(connection);
  }

  delete(connection: MovableConnection): void {
    this.#connections.delete(connection);
  }

  /** Sends every client away; ends when the last was told. New ones must not come in meanwhile. */
  async move({ spreadMs, graceMs, handsOver }: MoveOptions): Promise<void> {
    const startedAt = performance.now();
    const waiting = [...this.#connections].sort(() => Math.random() - 0.5);
    const turns = new Map(
      waiting.map((connection, index) => [connection, (spreadMs * index) / waiting.length]),
    );
    while (turns.size > 0) {
      const now = performance.now() - startedAt;
      for (const [connection, turn] of turns) {
        const held = handsOver ? connection.bound : connection.pending;
        if (!this.#connections.has(connection)) turns.delete(connection);
        else if (now >= graceMs || (now >= turn && held === 0)) {
          turns.delete(connection);
          connection.drain();
        }
      }
      if (turns.size > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
