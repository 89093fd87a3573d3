/** Where a session is at home: a bridge, the name it has there, and what waits for a link that broke. */
import { randomUUID } from 'node:crypto';
import type { SessionId } from '../protocol/index.js';
import type { Bridge, Bridges, SessionCommand, SessionListener } from '../bridges/bridge.js';

/** Commands kept for a link that broke. */
export const MAX_HELD_COMMANDS = 64;

/** A command that is for whatever session says it. */
export type Unaddressed = SessionCommand extends infer C
  ? C extends SessionCommand
    ? Omit<C, 'session'>
    : never
  : never;

/** Listened to from its making on, until `leave`. */
export class Seat {
  readonly #bridges: Bridges;
  readonly #listener: SessionListener;
  #bridge: Bridge;
  #id: SessionId;
  /** Bridges that could not open the session. */
  readonly #tried = new Set<Bridge>();
  #held: Unaddressed[] = [];

  /** @param id of a session that is there already; a new one has a name that nobody can guess */
  constructor(bridges: Bridges, listener: SessionListener, bridge: Bridge, id = newId()) {
    this.#bridges = bridges;
    this.#listener = listener;
    this.#bridge = bridge;
    this.#id = id;
    bridge.listen(id, listener);
  }

  get id(): SessionId {
    return this.#id;
  }

  get bridge(): Bridge {
    return this.#bridge;
  }

  /** @returns false if the bridge is not there or has too much to do */
  send(command: Unaddressed): boolean {
    return this.#bridge.send({ ...command, session: this.#id });
  }

  /** Keeps a command for when the link is back; what is too much is dropped. */
  hold(command: Unaddressed): void {
    if (this.#held.length < MAX_HELD_COMMANDS) this.#held.push(command);
  }

  /** What was kept, which is kept no more. */
  takeHeld(): readonly Unaddressed[] {
    return this.#held.splice(0);
  }

  /** Moves to another bridge, none that was tried. @returns false if there is none */
  moveOn(): boolean {
    this.#tried.add(this.#bridge);
    const next = this.#bridges.pick(this.#tried);
    if (next === undefined) return false;
    this.moveTo(next);
    return true;
  }

  /** Takes a new name on `bridge`; what has the old one is left to its grace period. */
  moveTo(bridge: Bridge): void {
    this.leave();
    this.#bridge = bridge;
    this.#id = newId();
    bridge.listen(this.#id, this.#listener);
  }

  /** Listens no more. */
  leave(): void {
    this.#bridge.unlisten(this.#id, this.#listener);
  }
}

const newId = (): SessionId => randomUUID() as string as SessionId;
