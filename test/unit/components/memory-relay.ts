/** The far end of sockets that never leave memory, for the session client under a virtual clock. */
import type { EmbedKeySource } from '../../../components/session/connection.js';
import { onTestFinished, vi } from 'vitest';
import { Client } from '../../../components/session/client.js';
import type { ExecutionObserver } from '../../../components/session/execution.js';
import type { Socket } from '../../../components/session/socket.js';
import {
  parseClientMessage,
  type ClientMessage,
  type OfType,
  type ServerMessage,
} from '../../../relay/protocol/index.js';

/** One socket, seen from the relay. */
export class MemorySocket implements Socket {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly received: ClientMessage[] = [];
  closedWith: number | undefined;
  isSuperseded = false;

  constructor(readonly url: string) {}

  /** The network answered. */
  accept(): void {
    this.onopen?.(undefined as never);
  }

  /** The network answered, and the relay too. */
  welcome(): void {
    this.accept();
    this.say({
      type: 'welcome',
      version: 1,
      relay: 'memory',
      sage: '10.8',
      languages: ['sage'],
      heartbeatMs: 25_000,
    });
  }

  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** Ends the socket from the far side. */
  drop(code = 1_006, reason = ''): void {
    this.onclose?.({ code, reason });
  }

  send(text: string): void {
    const parsed = parseClientMessage(text);
    if (!parsed.ok) throw new Error(parsed.problem.message);
    this.received.push(parsed.message);
  }

  close(code?: number): void {
    this.closedWith = code ?? 1_005;
  }

  all<T extends ClientMessage['type']>(type: T): OfType<ClientMessage, T>[] {
    return this.received.filter((message) => message.type === type) as OfType<ClientMessage, T>[];
  }

  /** The one message of that type; fails if there is not exactly one. */
  only<T extends ClientMessage['type']>(type: T): OfType<ClientMessage, T> {
    const [message, ...more] = this.all(type);
    if (message === undefined || more.length > 0) {
      throw new Error(`expected one ${type}, got ${JSON.stringify(this.received)}`);
    }
    return message;
  }

  output(execution: string, text: string, numbered: { session?: string; seq?: number } = {}): void {
    this.say({ type: 'output', execution, ...numbered, output: { kind: 'stream', name: 'stdout', text } });
  }

  done(execution: string, fields: Partial<OfType<ServerMessage, 'done'>> = {}): void {
    this.say({
      type: 'done',
      execution,
      status: 'ok',
      wallMs: 1,
      cpuMs: 1,
      cached: false,
      truncated: false,
      ...fields,
    });
  }

  opened(session: string, resumed = false, missed = 0): void {
    this.say({ type: 'opened', session, token: 'token-of-sixteen-letters', resumed, missed });
  }
}

/** A client whose sockets are in `sockets`, on a virtual clock; closed with the test. */
export function makeClient(
  random = 0.5,
  key?: EmbedKeySource,
): {
  client: Client;
  sockets: MemorySocket[];
  last: () => MemorySocket;
} {
  vi.useFakeTimers();
  const sockets: MemorySocket[] = [];
  const client = new Client('http://relay.test/', {
    random: () => random,
    ...(key !== undefined && { key }),
    openSocket: (url) => {
      const socket = new MemorySocket(url);
      sockets.push(socket);
      return socket;
    },
  });
  onTestFinished(() => {
    client.close();
    vi.useRealTimers();
  });
  const last = (): MemorySocket => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  };
  return { client, sockets, last };
}

/** An observer that writes down everything in order. */
export function recorder(): {
  log: string[];
  observer: ExecutionObserver;
} {
  const log: string[] = [];
  return {
    log,
    observer: {
      status: (state, position) => log.push(position === undefined ? state : `${state} ${String(position)}`),
      output: (output) => log.push(output.kind === 'stream' ? output.text : output.kind),
      restarted: () => log.push('restarted'),
      done: (result) => log.push(`done ${result.status}`),
    },
  };
}
