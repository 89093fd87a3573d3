/** The way of frames to the session that made their interacts; where that is gone, the sentence that says so. */
import type { Frame } from '../../relay/protocol/index.js';
import { onTheWire } from '../languages.js';
import type { ExecuteOptions, Execution, ExecutionObserver } from '../session/execution.js';
import type { Session } from '../session/session.js';
import { shiftedObserver } from '../run/shifted.js';
import type { FrameServer, FrameSource, RunBase } from './site.js';

const routes = new WeakMap<RunBase, FrameRoute>();

/** The one of a run; undefined where there was none. */
export function routeOf(runs: FrameSource | undefined): FrameRoute | undefined {
  const server = runs?.attachment;
  const base = server?.base;
  if (server === undefined || base === undefined) return undefined;
  let route = routes.get(base);
  if (route === undefined) {
    route = new FrameRoute(server, base);
    routes.set(base, route);
  }
  return route;
}

/** Shared by all interacts of one run. */
export class FrameRoute {
  readonly #server: FrameServer;
  readonly #base: RunBase;
  #life: string | undefined;
  #isGone = false;
  #isFresh = true;
  #unobserve: (() => void) | undefined;
  readonly #lost = new Set<() => void>();

  constructor(server: FrameServer, base: RunBase) {
    this.#server = server;
    this.#base = base;
    if (base.session !== undefined) this.#follow(base.session);
    else this.#isGone = base.request.code === undefined;
  }

  /** False once the session is gone that could answer. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Calls `lost` when it is gone. The returned function ends that. */
  observe(lost: () => void): () => void {
    this.#lost.add(lost);
    return () => this.#lost.delete(lost);
  }

  /** @returns undefined if it can't be sent any more */
  send(frame: Frame, observer: ExecutionObserver): Execution | undefined {
    const { request } = this.#base;
    if (this.#isGone) return undefined;
    const client = this.#server.clientFor(request);
    const session = this.#base.session ?? this.#begin();
    // Its life may have ended unseen, while the connection was away.
    if (session.wireId !== this.#life) {
      this.#loseIt();
      return undefined;
    }
    this.#isFresh = false;
    const { addedLines } = onTheWire('', request.language ?? 'sage');
    return client.execute('', {
      ...this.#options(session),
      frame,
      observer: shiftedObserver(observer, addedLines),
    });
  }

  #options(session: Session): ExecuteOptions {
    const { isTypeset, mayCache, timeLimitMs } = this.#base.request;
    return {
      session,
      ...(isTypeset === true && { typeset: true }),
      ...(mayCache === false && { cache: 'bypass' as const }),
      ...(timeLimitMs !== undefined && { limits: { wallMs: timeLimitMs } }),
    };
  }

  /** The code ran in a process that is gone: it runs again, unseen, in a session, ahead of the first frame. */
  #begin(): Session {
    const { request } = this.#base;
    const client = this.#server.clientFor(request);
    const session = this.#server.openPrivate(request);
    this.#base.session = session;
    const { code, language } = onTheWire(request.code ?? '', request.language ?? 'sage');
    client.execute(code, {
      ...this.#options(session),
      language,
      observer: {
        done: ({ status }) => {
          if (status !== 'ok') this.#loseIt();
        },
      },
    });
    this.#follow(session);
    return session;
  }

  #follow(session: Session): void {
    this.#unobserve?.();
    this.#life = session.wireId;
    this.#isGone = session.state === 'ended';
    this.#unobserve = session.observe({
      ended: ({ reason }) => {
        this.#unobserve?.();
        this.#unobserve = undefined;
        const { request } = this.#base;
        // Closed to make room, and nothing lost with it that running the code again does not bring back.
        if (
          reason === 'closed' &&
          this.#isFresh &&
          request.session === undefined &&
          request.code !== undefined
        )
          this.#base.session = undefined;
        else this.#loseIt();
      },
    });
  }

  #loseIt(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#unobserve?.();
    for (const lost of [...this.#lost]) lost();
  }
}
