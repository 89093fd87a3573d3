/** A bridge that answers from the cache what it can, and passes on the rest. */
import type {
  Bridge,
  BridgeAnswer,
  BridgeFacts,
  BridgeQuestion,
  BridgeReport,
  Bridges,
  SessionCommand,
  SessionListener,
} from '../bridges/bridge.js';
import { SENTENCES, stopped } from '../ends.js';
import type { OfType, SessionId, WorkerCounts } from '../protocol/index.js';
import { Claims } from './claims.js';
import { toldBy } from './entry.js';
import { doneFromHit, Flight, type ExecuteCommand, type Passenger } from './flight.js';
import { HistorySession } from './history-session.js';
import { resultKey } from './key.js';
import type { ResultCache } from './result-cache.js';
import { Resumption } from './resumption.js';
import type { Route } from './route.js';

/** Made by `CachedBridges`, one for each bridge. */
export class CachedBridge implements Bridge {
  readonly inner: Bridge;
  readonly #shared: CachedBridges;
  readonly #cache: ResultCache;
  readonly #listeners = new Map<SessionId, SessionListener>();
  readonly #routes = new Map<SessionId, Route>();
  #facts: BridgeFacts | undefined;

  constructor(inner: Bridge, shared: CachedBridges, cache: ResultCache) {
    this.inner = inner;
    this.#shared = shared;
    this.#cache = cache;
  }

  get id(): string {
    return this.inner.id;
  }

  /** What it said of itself when it could last be reached: results are called by that. */
  get facts(): BridgeFacts | undefined {
    return (this.#facts = this.inner.facts ?? this.#facts);
  }

  get load(): number {
    return this.inner.load;
  }

  get latencyMs(): number {
    return this.inner.latencyMs;
  }

  get workers(): WorkerCounts | undefined {
    return this.inner.workers;
  }

  count(): Promise<WorkerCounts | undefined> {
    return this.inner.count();
  }

  homeOf(session: SessionId): string {
    return this.#routes.get(session)?.home ?? this.inner.id;
  }

  listen(session: SessionId, listener: SessionListener): void {
    const before = this.#listeners.get(session);
    this.#listeners.set(session, listener);
    const route = this.#routes.get(session);
    // A session without a route is the bridge's alone.
    if (route === undefined) this.inner.listen(session, listener);
    else {
      route.heardBy(listener);
      if (before !== listener) before?.takenOver();
    }
  }

  unlisten(session: SessionId, listener: SessionListener): void {
    if (this.#listeners.get(session) === listener) {
      this.#listeners.delete(session);
      this.#routes.get(session)?.heardBy(undefined);
    }
    this.inner.unlisten(session, listener);
  }

  send(command: SessionCommand): boolean {
    const route = this.#routes.get(command.session);
    const isElsewhere = command.type === 'attach' && route?.isBehind?.(command.after) === true;
    if (route !== undefined && !isElsewhere) return route.send(command);
    if (isElsewhere) {
      route.heardBy(undefined);
      this.#release(command.session);
    }
    const listener = this.#listeners.get(command.session);
    if (listener === undefined) return this.inner.send(command);
    if (command.type === 'execute' && command.stateless === true)
      return this.#runStateless(command, listener);
    if (command.type === 'open') return this.#open(command, listener);
    if (command.type === 'attach') return this.#attach(command, listener);
    return this.inner.send(command);
  }

  ask(question: BridgeQuestion, answer: (answer: BridgeAnswer) => void): boolean {
    const route = question.session === undefined ? undefined : this.#routes.get(question.session);
    return route?.ask === undefined ? this.inner.ask(question, answer) : route.ask(question, answer);
  }

  /** Puts `route` between the listener and the bridge. */
  #take(session: SessionId, listener: SessionListener, route: Route): void {
    this.inner.unlisten(session, listener);
    this.#routes.set(session, route);
  }

  #release(session: SessionId): void {
    this.#routes.delete(session);
  }

  #runStateless(command: ExecuteCommand, listener: SessionListener): boolean {
    const { facts } = this;
    if (facts === undefined) return this.inner.send(command);
    const key = resultKey(facts, 'stateless', '', command);
    const mayLook = command.cache !== 'bypass';
    if (mayLook && this.#cache.isKnownImpure(key) && this.inner.facts !== undefined) {
      return this.inner.send(command);
    }
    const { session, execution } = command;
    const hit = mayLook ? this.#cache.recall(key) : undefined;
    if (hit !== undefined) {
      for (const each of toldBy(hit.entry)) listener.event({ type: 'output', session, execution, ...each });
      listener.event({ type: 'done', session, execution, ...doneFromHit(hit, key) });
      return true;
    }
    const joined = mayLook ? this.#shared.flights.get(key) : undefined;
    const flight =
      joined ??
      new Flight(this.#cache, this.inner, facts, key, command, () => {
        if (this.#shared.flights.get(key) === flight) this.#shared.flights.delete(key);
      });
    const passenger: Passenger = {
      session,
      execution,
      listener,
      runAlone: () => {
        this.#release(session);
        this.inner.listen(session, listener);
        if (!this.inner.send(command)) listener.refused('busy', SENTENCES.busy);
      },
    };
    this.#take(session, listener, {
      send: (next) => this.#steer(flight, passenger, next),
      heardBy: () => {
        this.#release(session);
        flight.leave(passenger);
      },
    });
    flight.join(passenger);
    if (joined !== undefined) return true;
    if (mayLook) this.#shared.flights.set(key, flight);
    flight.begin(mayLook);
    return true;
  }

  #steer(flight: Flight, passenger: Passenger, command: SessionCommand): boolean {
    if (command.type === 'answer') flight.answer(command.text);
    if (command.type === 'hold') flight.hold(passenger, command.isHeld);
    if (command.type !== 'interrupt' && command.type !== 'kill') return true;
    if (flight.stop(passenger, command.type)) return true;
    flight.leave(passenger);
    this.#release(passenger.session);
    const { session, execution } = passenger;
    const end = stopped(command.type === 'kill' ? 'killed' : 'interrupted', 'Stopped on request.');
    passenger.listener.event({ type: 'done', session, execution, ...end });
    return true;
  }

  #open(command: OfType<SessionCommand, 'open'>, listener: SessionListener): boolean {
    const { session } = command;
    const route = this.#historySession(session);
    this.#take(session, listener, route);
    route.heardBy(listener);
    return route.send(command);
  }

  #attach(command: OfType<SessionCommand, 'attach'>, listener: SessionListener): boolean {
    const { session } = command;
    if (this.#cache.guarded === undefined) {
      // It may come back within the time that a client's session waits for it.
      if (!this.inner.send(command)) listener.down(false);
      return true;
    }
    const route = new Resumption(this.#cache, this.inner, session, {
      found: (record, held) => {
        const next = this.#historySession(session);
        this.#routes.set(session, next);
        next.heardBy(this.#listeners.get(session));
        next.resume(record, command.after, held);
      },
      real: (event, held) => {
        this.#release(session);
        const heir = this.#listeners.get(session);
        if (heir === undefined) return;
        this.inner.listen(session, heir);
        heir.event(event);
        for (const each of held) this.inner.send(each);
      },
      abandoned: () => this.#release(session),
    });
    this.#take(session, listener, route);
    route.heardBy(listener);
    return route.send(command);
  }

  #historySession(session: SessionId): HistorySession {
    return new HistorySession({
      session,
      cache: this.#cache,
      bridge: this.inner,
      bridges: this.#shared.inner,
      facts: this.facts,
      claims: this.#shared.claims,
      over: () => this.#release(session),
    });
  }
}

/** Bridges over others, with one cache before all of them. */
export class CachedBridges implements Bridges {
  readonly inner: Bridges;
  /** Runs under way, by the key of their result. */
  readonly flights = new Map<string, Flight>();
  /** What sessions compute, by the same. */
  readonly claims = new Claims();
  readonly #cache: ResultCache;
  readonly #wrapped = new WeakMap<Bridge, CachedBridge>();
  /** The latest that was picked: while none can be reached, what is known is answered in its name. */
  #latest: CachedBridge | undefined;

  constructor(inner: Bridges, cache: ResultCache) {
    this.inner = inner;
    this.#cache = cache;
  }

  /**
   * While none is ready: one that was, which answers what the cache has; not for who has tried one, and must have it
   * computed.
   */
  pick(except?: ReadonlySet<Bridge>): Bridge | undefined {
    const picked = this.#wrap(this.inner.pick(except && unwrapped(except)));
    if (picked === undefined) {
      return except === undefined ? this.#latest : undefined;
    }
    // It is asked for its facts while it has them.
    if (picked.facts !== undefined) this.#latest = picked;
    return picked;
  }

  list(): readonly Bridge[] {
    return this.inner.list();
  }

  /** Any bridge for one that is gone: what the shared store knows of its sessions can go on elsewhere. */
  find(id: string): Bridge | undefined {
    const own = this.inner.find(id);
    if (own !== undefined || this.#cache.guarded === undefined) return this.#wrap(own);
    return this.pick();
  }

  report(): readonly BridgeReport[] {
    return this.inner.report();
  }

  async whenReady(timeoutMs: number, except?: ReadonlySet<Bridge>): Promise<Bridge | undefined> {
    return this.#wrap(await this.inner.whenReady(timeoutMs, except && unwrapped(except)));
  }

  #wrap(bridge: Bridge | undefined): CachedBridge | undefined {
    if (bridge === undefined) return undefined;
    let wrapped = this.#wrapped.get(bridge);
    if (wrapped === undefined) {
      wrapped = new CachedBridge(bridge, this, this.#cache);
      this.#wrapped.set(bridge, wrapped);
    }
    return wrapped;
  }
}

const unwrapped = (bridges: ReadonlySet<Bridge>): ReadonlySet<Bridge> =>
  new Set([...bridges].map((bridge) => (bridge instanceof CachedBridge ? bridge.inner : bridge)));
