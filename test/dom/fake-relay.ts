/** A relay that answers from a script: real HTTP, real WebSocket, no Sage. Serves the built SDK and test pages. */
import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  HEARTBEAT_MS,
  parseClientMessage,
  type ClientMessage,
  type InteractId,
  type OfType,
  type Output,
  type ServerMessage,
} from '../../relay/protocol/index.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.woff': 'font/woff',
};

/** Begins the tokens of sessions; the name follows. */
const TOKEN = 'token of the session ';

type Done = Omit<OfType<ServerMessage, 'done'>, 'type' | 'execution' | 'session' | 'seq'>;

/** One execution, in the hands of the script. */
export interface ScriptedRun {
  readonly code: string;
  readonly message: OfType<ClientMessage, 'execute'>;
  running(): void;
  queued(position: number): void;
  /** @param frame name of the interact into whose output it belongs */
  put(output: Output, frame?: string): void;
  print(text: string, name?: 'stdout' | 'stderr'): void;
  display(data: Record<string, string>, result?: boolean): void;
  raise(name: string, message: string, line?: number): void;
  done(fields?: Partial<Done>): void;
  /** Ends the run's session for that reason. */
  closed(reason: OfType<ServerMessage, 'closed'>['reason'], message: string): void;
  /** True once the page asked the run to stop. */
  onInterrupt: (() => void) | undefined;
  /** Called with the reader's answer to a prompt. */
  onAnswer: ((text: string | undefined) => void) | undefined;
  onKill: (() => void) | undefined;
}

/** What a run with that code does. */
export type Script = (run: ScriptedRun) => void | Promise<void>;

/** A fake relay on a free port. Whoever starts one closes it. */
export class FakeRelay {
  readonly received: ClientMessage[] = [];
  readonly requests: string[] = [];
  readonly sockets = new Set<WebSocket>();
  connectionCount = 0;
  script: Script = (run) => {
    run.done();
  };
  completions: readonly string[] = [];
  /** What is said to be left to a run. */
  timeLeftMs: number | undefined;
  /** Signature and documentation of every name; none where there is none. */
  documentation: { readonly signature: string; readonly docstring: string } | undefined;
  /** Version that the script at `/other/sdk/` says it is; none: there is no such script. */
  otherVersion: string | undefined;
  readonly #pages = new Map<string, { body: string; headers: Record<string, string> }>();
  readonly #runs = new Map<string, ScriptedRun>();
  /** Numbers of the last messages, by session: they go on in the next connection. */
  readonly #sequences = new Map<string, number>();
  readonly #http: Server;
  readonly #ws: WebSocketServer;

  private constructor() {
    this.#http = createServer((request, response) => {
      void this.#serve(request.url ?? '/').then(({ status, body, headers }) => {
        response.writeHead(status, headers).end(body);
      });
    });
    this.#ws = new WebSocketServer({ server: this.#http, path: '/sockjs/websocket' });
    this.#ws.on('connection', (socket) => {
      this.#connected(socket);
    });
  }

  static async start(port = 0): Promise<FakeRelay> {
    const relay = new FakeRelay();
    await new Promise<void>((resolve) => relay.#http.listen(port, '127.0.0.1', resolve));
    return relay;
  }

  get url(): string {
    const address = this.#http.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `http://127.0.0.1:${String(address.port)}`;
  }

  /** Serves a page with that body, which loads the SDK unless it says otherwise. */
  page(path: string, body: string, headers: Record<string, string> = {}): string {
    const html = body.includes('<html')
      ? body
      : `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test page</title>
         <meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
         <script type="module" src="/sdk/sage-embed.js"></script></head><body><main><h1>Test</h1>${body}</main></body></html>`;
    this.#pages.set(path, { body: html, headers });
    return this.url + path;
  }

  /** Breaks every connection as a failing network would. */
  drop(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  async close(): Promise<void> {
    this.drop();
    this.#ws.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #serve(
    url: string,
  ): Promise<{ status: number; body: string | Buffer; headers: Record<string, string> }> {
    const path = new URL(url, 'http://x').pathname;
    this.requests.push(path);
    const page = this.#pages.get(path);
    if (page)
      return {
        status: 200,
        body: page.body,
        headers: { 'content-type': TYPES['.html'] ?? '', ...page.headers },
      };
    if (this.otherVersion !== undefined && path.startsWith('/other/sdk/')) {
      const script = await readFile(join(ROOT, 'dist', normalize(path.slice('/other'.length))), 'utf8');
      const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
        version: string;
      };
      return {
        status: 200,
        body: script.replaceAll(version, this.otherVersion),
        headers: { 'content-type': TYPES['.js'] ?? '' },
      };
    }
    const file = path === '/' ? 'demo/index.html' : path.startsWith('/sdk/') ? `dist${path}` : path.slice(1);
    try {
      const body = await readFile(join(ROOT, normalize(file)));
      return {
        status: 200,
        body,
        headers: { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' },
      };
    } catch {
      return { status: 404, body: 'Not found', headers: { 'content-type': 'text/plain' } };
    }
  }

  #connected(socket: WebSocket): void {
    this.connectionCount += 1;
    this.sockets.add(socket);
    const send = (message: ServerMessage): void => {
      socket.send(JSON.stringify(message));
    };
    const numbered = (session: string | undefined): object => {
      if (session === undefined) return {};
      const seq = (this.#sequences.get(session) ?? 0) + 1;
      this.#sequences.set(session, seq);
      return { session, seq };
    };
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('message', (data: Buffer) => {
      const parsed = parseClientMessage(data.toString('utf8'));
      if (!parsed.ok) throw new Error(parsed.problem.message);
      const { message } = parsed;
      this.received.push(message);
      switch (message.type) {
        case 'hello':
          send({
            type: 'welcome',
            version: 1,
            relay: 'fake',
            sage: '10.8',
            languages: ['sage', 'python'],
            heartbeatMs: HEARTBEAT_MS,
          });
          break;
        case 'open': {
          // Who has the token of a session goes on with it, under another name maybe.
          const before = message.token?.slice(TOKEN.length) ?? message.session;
          this.#sequences.set(message.session, this.#sequences.get(before) ?? 0);
          send({
            type: 'opened',
            session: message.session,
            token: `${TOKEN}${message.session}`,
            resumed: message.token !== undefined,
            missed: 0,
          } as ServerMessage);
          break;
        }
        case 'execute':
          this.#execute(message, send, numbered);
          break;
        case 'answer':
          this.#runs.get(message.execution)?.onAnswer?.(message.text);
          break;
        case 'interrupt':
          this.#runs.get(message.execution)?.onInterrupt?.();
          break;
        case 'kill':
          this.#runs.get(message.execution)?.onKill?.();
          break;
        case 'complete': {
          const target = /[\p{L}\p{N}_]*$/u.exec(message.before)?.[0] ?? '';
          const items = this.completions.filter((text) => text.startsWith(target));
          send({
            type: 'completions',
            request: message.request,
            target,
            items: items.map((text) => ({ text, kind: 'function' })),
          });
          break;
        }
        case 'budget':
          send({
            type: 'remaining',
            request: message.request,
            ...(this.timeLeftMs !== undefined && { wallMs: this.timeLeftMs }),
          });
          break;
        case 'ping':
          send({ type: 'pong' });
          break;
        case 'inspect':
          send({
            type: 'inspection',
            request: message.request,
            target: /[\p{L}\p{N}_]*(?=[?(]*$)/u.exec(message.before)?.[0] ?? '',
            found: this.documentation !== undefined,
            ...this.documentation,
          });
          break;
        case 'ack':
        case 'close':
          break;
      }
    });
  }

  #execute(
    message: OfType<ClientMessage, 'execute'>,
    send: (message: ServerMessage) => void,
    numbered: (session: string | undefined) => object,
  ): void {
    const about = (): { execution: typeof message.execution } => ({
      execution: message.execution,
      ...numbered(message.session),
    });
    const run: ScriptedRun = {
      code: message.code,
      message,
      running: () => {
        send({ type: 'status', ...about(), state: 'running' });
      },
      queued: (position) => {
        send({ type: 'status', ...about(), state: 'queued', position });
      },
      put: (output, frame) => {
        send({
          type: 'output',
          ...about(),
          output,
          ...(frame !== undefined && { frame: frame as InteractId }),
        });
      },
      print: (text, name = 'stdout') => {
        run.put({ kind: 'stream', name, text });
      },
      display: (data, result = true) => {
        run.put({ kind: 'display', data, result });
      },
      raise: (name, text, line) => {
        const traceback = `Traceback (most recent call last):\n  line ${String(line)}\n${name}: ${text}`;
        run.put({ kind: 'error', name, message: text, traceback, ...(line !== undefined && { line }) });
        run.done({ status: 'error' });
      },
      done: (fields = {}) => {
        send({
          type: 'done',
          ...about(),
          status: 'ok',
          wallMs: 12,
          cpuMs: 11,
          cached: false,
          truncated: false,
          ...fields,
        });
      },
      closed: (reason, text) => {
        if (message.session === undefined) throw new Error('a stateless run has no session');
        send({ type: 'closed', session: message.session, reason, message: text });
      },
      onInterrupt: undefined,
      onAnswer: undefined,
      onKill: undefined,
    };
    this.#runs.set(message.execution, run);
    void this.script(run);
  }
}
