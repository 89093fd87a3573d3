/** One stateless run for everybody who asks for the same at the same time. */
import type {
  BridgeFacts,
  Bridge,
  SessionCommand,
  SessionEvent,
  SessionListener,
} from '../bridges/bridge.js';
import { lost } from '../ends.js';
import {
  MAX_EXECUTION_OUTPUT_BYTES,
  put,
  type ErrorCode,
  type ExecutionId,
  type OfType,
  type SessionId,
} from '../protocol/index.js';
import { toldBy, type Told } from './entry.js';
import type { Hit, ResultCache } from './result-cache.js';

export type ExecuteCommand = OfType<SessionCommand, 'execute'>;
type DoneEvent = OfType<SessionEvent, 'done'>;

/** One who asked. */
export interface Passenger {
  readonly session: SessionId;
  readonly execution: ExecutionId;
  readonly listener: SessionListener;
  /** Runs what was asked for without this. */
  runAlone(): void;
}

/** What a `done` says when it comes from a cache. */
export const doneFromHit = (
  { entry, from }: Hit,
  key: string,
): Omit<DoneEvent, 'type' | 'execution' | 'session'> => ({
  ...entry.end,
  cached: from,
  ageMs: Math.max(0, Date.now() - entry.createdAt),
  key,
  truncated: false,
  pure: true,
});

/**
 * From the first who asks to the end of the run. The first sees the output as it comes; the others get all of it at
 * the end, and only if it is everybody's: a run that turns out not to be pure, or asks its reader, is the first one's
 * alone, and the others run for themselves.
 */
export class Flight implements SessionListener {
  readonly #cache: ResultCache;
  readonly #bridge: Bridge;
  readonly #facts: BridgeFacts;
  readonly #key: string;
  readonly #command: ExecuteCommand;
  readonly #over: () => void;
  readonly #passengers = new Set<Passenger>();
  #leader: Passenger | undefined;
  /** Who does not read at the moment. */
  #heldBy: Passenger | undefined;
  #isHeld = false;
  #state: 'looking' | 'running' | 'ended' = 'looking';
  #told: Told[] = [];
  #toldLength = 0;
  #status: OfType<SessionEvent, 'status'> | undefined;

  /** @param over called when nobody can join any more */
  constructor(
    cache: ResultCache,
    bridge: Bridge,
    facts: BridgeFacts,
    key: string,
    command: ExecuteCommand,
    over: () => void,
  ) {
    this.#cache = cache;
    this.#bridge = bridge;
    this.#facts = facts;
    this.#key = key;
    this.#command = command;
    this.#over = over;
  }

  join(passenger: Passenger): void {
    this.#passengers.add(passenger);
    this.#leader ??= passenger;
    this.#regulate();
    if (this.#status !== undefined) this.#tell(passenger, this.#status);
  }

  /** Looks into the cache, and runs if there is nothing. */
  begin(mayLook: boolean): void {
    if (mayLook && this.#cache.guarded !== undefined) {
      void this.#cache.search(this.#key).then((hit) => {
        if (this.#state !== 'looking') return;
        if (hit !== undefined) this.#land(hit);
        else if (!this.#run()) this.#refuseAll();
      });
    } else if (!this.#run()) this.#refuseAll();
  }

  /** Somebody leaves, for whatever reason; the run goes on for the others. */
  leave(passenger: Passenger): void {
    if (!this.#passengers.delete(passenger)) return;
    if (this.#passengers.size === 0) this.#abandon();
    else if (this.#leader === passenger) this.#leader = undefined;
    this.#regulate();
  }

  /** A passenger does not read, or does again: the run is held back while nobody else waits for it. */
  hold(passenger: Passenger, isHeld: boolean): void {
    if (isHeld) this.#heldBy = passenger;
    else if (this.#heldBy === passenger) this.#heldBy = undefined;
    this.#regulate();
  }

  /** @returns false if the command is about the run itself and must be obeyed by the bridge */
  stop(passenger: Passenger, type: 'interrupt' | 'kill'): boolean {
    if (this.#state === 'running' && this.#passengers.size === 1 && this.#passengers.has(passenger)) {
      const { session, execution } = this.#command;
      this.#bridge.send({ type, session, execution });
      return true;
    }
    return false;
  }

  answer(text: string | undefined): void {
    const { session, execution } = this.#command;
    this.#bridge.send({ type: 'answer', session, execution, ...(text !== undefined && { text }) });
  }

  event(event: SessionEvent): void {
    switch (event.type) {
      case 'output':
        this.#output({ output: event.output, ...(event.frame !== undefined && { frame: event.frame }) });
        return;
      case 'status':
        this.#status = event;
        for (const passenger of this.#passengers) this.#tell(passenger, event);
        return;
      case 'done':
        this.#done(event);
        return;
      case 'closed':
        for (const { session, listener } of this.#end()) listener.event({ ...event, session });
        return;
      case 'opened':
        return;
    }
  }

  refused(code: ErrorCode, message: string): void {
    for (const { listener } of this.#end()) listener.refused(code, message);
  }

  down(final: boolean): void {
    // Each tries again by itself, and the first of them leads again.
    for (const { listener } of this.#end()) listener.down(final);
  }

  back(): void {
    // `down` has ended this.
  }

  takenOver(): void {
    for (const { listener } of this.#end()) listener.takenOver();
  }

  #regulate(): void {
    const isHeld =
      this.#heldBy !== undefined && this.#passengers.size === 1 && this.#passengers.has(this.#heldBy);
    if (this.#state !== 'running' || isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#bridge.send({ type: 'hold', session: this.#command.session, isHeld });
  }

  #run(): boolean {
    this.#state = 'running';
    this.#bridge.listen(this.#command.session, this);
    if (this.#bridge.send(this.#command)) {
      this.#regulate();
      return true;
    }
    this.#bridge.unlisten(this.#command.session, this);
    this.#state = 'looking';
    return false;
  }

  #output(told: Told): void {
    if (told.output.kind === 'prompt') {
      this.#leader ??= this.#promote();
      this.#leaveOthers();
    }
    this.#toldLength += JSON.stringify(told.output).length;
    // More than a bridge lets through can't be; still this holds no more.
    if (this.#toldLength <= 2 * MAX_EXECUTION_OUTPUT_BYTES) put(this.#told, told);
    if (this.#leader !== undefined) this.#tell(this.#leader, { type: 'output', ...ofNobody, ...told });
  }

  /** The first of those left sees what the one before saw. */
  #promote(): Passenger | undefined {
    const [next] = this.#passengers;
    if (next !== undefined) this.#tellAll(next, this.#told);
    return next;
  }

  /** Leaves all but the leader to themselves. */
  #leaveOthers(): void {
    this.#over();
    for (const passenger of [...this.#passengers]) {
      if (passenger === this.#leader) continue;
      this.#passengers.delete(passenger);
      passenger.runAlone();
    }
  }

  #done(event: DoneEvent): void {
    const isNormal = event.status === 'ok' || event.status === 'error';
    const isKept = this.#cache.keep(this.#key, this.#facts, this.#told, event);
    if (isNormal && event.pure !== true) this.#cache.noteImpure(this.#key);
    const isEverybodys = event.pure === true || !isNormal;
    if (!isEverybodys) this.#leaveOthers();
    const leader = this.#leader;
    const done = { ...event, ...(isKept && { key: this.#key }) };
    for (const passenger of this.#end()) {
      if (passenger !== leader) this.#tellAll(passenger, this.#told);
      this.#tell(passenger, done);
    }
  }

  #land(hit: Hit): void {
    for (const passenger of this.#end()) {
      this.#tellAll(passenger, toldBy(hit.entry));
      this.#tell(passenger, { type: 'done', ...ofNobody, ...doneFromHit(hit, this.#key) });
    }
  }

  #refuseAll(): void {
    const end = lost(this.#bridge.facts === undefined ? 'unavailable' : 'busy');
    for (const passenger of this.#end()) this.#tell(passenger, { type: 'done', ...ofNobody, ...end });
  }

  /** Nobody is left. */
  #abandon(): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'running') {
      const { session, execution } = this.#command;
      this.#bridge.send({ type: 'kill', session, execution });
    }
    this.#end();
  }

  /** @returns who was there */
  #end(): Passenger[] {
    this.#state = 'ended';
    this.#over();
    this.#bridge.unlisten(this.#command.session, this);
    const passengers = [...this.#passengers];
    this.#passengers.clear();
    return passengers;
  }

  #tellAll(passenger: Passenger, told: readonly Told[]): void {
    for (const each of told) this.#tell(passenger, { type: 'output', ...ofNobody, ...each });
  }

  #tell({ session, execution, listener }: Passenger, event: SessionEvent): void {
    listener.event({ ...event, session, ...('execution' in event && { execution }) });
  }
}

/** Replaced for each passenger by its own. */
const ofNobody = { session: '' as SessionId, execution: '' as ExecutionId };
