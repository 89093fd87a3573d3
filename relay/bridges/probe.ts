/** Looks regularly whether a bridge computes what it should: a sum nobody can guess, and a plot. */
import { randomInt, randomUUID } from 'node:crypto';
import type { ExecutionId, SessionId } from '../protocol/index.js';
import type { Bridge, SessionEvent, SessionListener } from './bridge.js';

/** How long a bridge may take for a probe, milliseconds: a plot on a busy machine takes seconds. */
const ANSWER_WITHIN_MS = 10_000;

/** After a failure the next look comes sooner, milliseconds: three failures make a verdict. */
const AGAIN_AFTER_MS = 2_000;

/** What a probe found. `busy` is no verdict: a bridge with too much to do is not broken. */
export interface ProbeResult {
  readonly verdict: 'good' | 'bad' | 'busy';
  /** From the asking to the end, milliseconds. */
  readonly ms: number;
  /** What was wrong. */
  readonly reason?: string;
}

/** When and for whom a bridge is probed. */
export interface ProbeOptions {
  /** Milliseconds between two looks while all is well. */
  readonly everyMs: number;
  /** @default 10 s */
  readonly answerWithinMs?: number;
  readonly onResult: (result: ProbeResult) => void;
}

/** Probes one bridge from its making to `close`; a bridge that is not connected is not asked. */
export class BridgeProbe {
  readonly #bridge: Bridge;
  readonly #options: ProbeOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: ProbeRun | undefined;

  constructor(bridge: Bridge, options: ProbeOptions) {
    this.#bridge = bridge;
    this.#options = options;
    // Relays that start together do not ask together.
    this.#schedule(options.everyMs * (0.5 + Math.random() / 2));
  }

  /** Ends the probing. Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#running?.abandon();
  }

  #schedule(waitMs: number): void {
    this.#timer = setTimeout(() => {
      this.#look();
    }, waitMs);
    this.#timer.unref();
  }

  #look(): void {
    const { everyMs, answerWithinMs = ANSWER_WITHIN_MS, onResult } = this.#options;
    if (this.#bridge.facts === undefined) {
      this.#schedule(Math.min(AGAIN_AFTER_MS, everyMs));
      return;
    }
    this.#running = new ProbeRun(this.#bridge, answerWithinMs, (result) => {
      this.#running = undefined;
      onResult(result);
      this.#schedule(result.verdict === 'bad' ? Math.min(AGAIN_AFTER_MS, everyMs) : everyMs);
    });
    this.#running.start();
  }
}

/** One look. */
class ProbeRun implements SessionListener {
  readonly #bridge: Bridge;
  readonly #session = randomUUID() as string as SessionId;
  readonly #terms = [randomInt(1_000_000_000), randomInt(1_000_000_000)] as const;
  readonly #startedAt = performance.now();
  readonly #finished: (result: ProbeResult) => void;
  readonly #timer: NodeJS.Timeout;
  #text = '';
  #hasImage = false;
  #isOver = false;

  constructor(bridge: Bridge, answerWithinMs: number, finished: (result: ProbeResult) => void) {
    this.#bridge = bridge;
    this.#finished = finished;
    this.#timer = setTimeout(() => {
      bridge.send({ type: 'kill', session: this.#session, execution: PROBE });
      this.#end('bad', `no end after ${String(answerWithinMs)} ms`);
    }, answerWithinMs);
    this.#timer.unref();
  }

  start(): void {
    const [a, b] = this.#terms;
    this.#bridge.listen(this.#session, this);
    const isSent = this.#bridge.send({
      type: 'execute',
      stateless: true,
      session: this.#session,
      execution: PROBE,
      code: `print(${String(a)} + ${String(b)})\nplot(sin(x), (x, 0, 1))`,
    });
    if (!isSent) this.#end('busy');
  }

  abandon(): void {
    this.#isOver = true;
    this.#leave();
  }

  event(event: SessionEvent): void {
    switch (event.type) {
      case 'output':
        if (event.output.kind === 'stream') this.#text += event.output.text;
        else if (event.output.kind === 'display') {
          this.#hasImage ||= Object.keys(event.output.data).some((type) => type.startsWith('image/'));
        }
        return;
      case 'done':
        this.#judge(event.status, event.error?.code);
        return;
      case 'closed':
        this.#end(event.code === 'busy' ? 'busy' : 'bad', event.message);
        return;
      case 'opened':
      case 'status':
        return;
    }
  }

  refused(code: string, message: string): void {
    this.#end(code === 'busy' ? 'busy' : 'bad', message);
  }

  down(): void {
    // Whoever watches the link counts this.
    this.#end('busy');
  }

  back(): void {
    // `down` has ended this.
  }

  takenOver(): void {
    this.#end('busy');
  }

  #judge(status: string, code: string | undefined): void {
    const sum = String(this.#terms[0] + this.#terms[1]);
    if (code === 'busy') this.#end('busy');
    else if (status !== 'ok') this.#end('bad', `the probe ended as ${status}`);
    else if (this.#text.trim() !== sum) this.#end('bad', 'the sum is wrong');
    else if (!this.#hasImage) this.#end('bad', 'the plot is missing');
    else this.#end('good');
  }

  #end(verdict: ProbeResult['verdict'], reason?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
    const ms = performance.now() - this.#startedAt;
    this.#finished({ verdict, ms, ...(reason !== undefined && verdict === 'bad' && { reason }) });
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#bridge.unlisten(this.#session, this);
  }
}

const PROBE = 'probe' as ExecutionId;
