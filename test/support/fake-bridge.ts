/**
 * A bridge without Sage: speaks the bridge's side of the wire over a real Unix socket and understands the few
 * programs of `run`. Held to the same contract as the real one by `relay-bridge.contract.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  PROTOCOL_VERSION,
  parseBridgeCommand,
  type BridgeCommand,
  type BridgeEvent,
  type Language,
  type OfType,
  type Output,
} from '../../relay/protocol/index.js';
import { encodeJson, FrameDecoder, type Frame } from '../../relay/bridges/framing.js';
import type { BridgeAddress } from '../../relay/bridges/address.js';
import type { Cleanup } from './cleanup.js';
import { FakeInteracts } from './fake-interacts.js';

type Execute = OfType<BridgeCommand, 'execute'>;
type Numbered = Record<string, unknown> & { readonly seq: number };

interface FakeSession {
  link: FakeLink;
  seq: number;
  unacked: Numbered[];
  acked: number;
  queue: Execute[];
  running: Execute | undefined;
  /** What runs was told before. */
  isReplaying: boolean;
  /** Built again from a history, with nothing new in it. */
  isCopy: boolean;
  /** Kept for its last messages only. */
  isEnded: boolean;
  readonly seen: Set<string>;
  readonly variables: Map<string, number>;
  readonly interacts: FakeInteracts;
  readonly stateless: boolean;
  /** Of a program that takes its time. */
  timer: NodeJS.Timeout | undefined;
  /** What is not told while the session is held back. */
  late: Numbered[] | undefined;
}

interface FakeLink {
  readonly socket: Socket;
  authorized: boolean;
}

/** What a program does: outputs, then how it ends; undefined for one that runs until it is stopped. */
interface Run {
  readonly outputs: readonly Output[];
  readonly status: 'ok' | 'error' | undefined;
  /** Pause before each output, milliseconds; without it they come at once. */
  readonly pauseMs?: number;
}

const stdout = (text: string): Output => ({ kind: 'stream', name: 'stdout', text });

const raised = (name: string, message: string): Run => ({
  outputs: [{ kind: 'error', name, message, traceback: `Traceback …\n${name}: ${message}`, line: 1 }],
  status: 'error',
});

/** The programs there are: valid Sage, so that the real bridge can run them too. */
export function run(code: string, variables: Map<string, number>): Run {
  const sum = /^print\((\d+) ?\+ ?(\d+)\)$/.exec(code);
  if (sum) return { outputs: [stdout(`${String(Number(sum[1]) + Number(sum[2]))}\n`)], status: 'ok' };
  const set = /^(\w+) = (\d+)$/.exec(code);
  if (set) {
    variables.set(set[1]!, Number(set[2]));
    return { outputs: [], status: 'ok' };
  }
  const get = /^print\((\w+)\)$/.exec(code);
  if (get) {
    const value = variables.get(get[1]!);
    if (value === undefined) return raised('NameError', `name '${get[1]!}' is not defined`);
    return { outputs: [stdout(`${String(value)}\n`)], status: 'ok' };
  }
  const text = /^print\("([^"]*)"\)$/.exec(code);
  if (text) return { outputs: [stdout(`${text[1]!}\n`)], status: 'ok' };
  const many = /^for i in range\((\d+)\): print\("(\w)" \* (\d+)\)$/.exec(code);
  if (many) {
    const line = `${many[2]!.repeat(Number(many[3]))}\n`;
    return { outputs: Array.from({ length: Number(many[1]) }, () => stdout(line)), status: 'ok' };
  }
  const probe = /^print\((\d+) \+ (\d+)\)\nplot\(sin\(x\), \(x, 0, 1\)\)$/.exec(code);
  if (probe) {
    const data = { 'text/plain': 'a plot', 'image/svg+xml': '<svg xmlns="http://www.w3.org/2000/svg"/>' };
    const sum = stdout(`${String(Number(probe[1]) + Number(probe[2]))}\n`);
    return { outputs: [sum, { kind: 'display', data, result: true }], status: 'ok' };
  }
  const slow =
    /^k = globals\(\)\.get\("k", 0\) \+ 1\nfrom time import sleep\nfor i in range\((\d+)\):\n {4}print\("(\w+)", k, i, flush=True\); sleep\(float\(([\d.]+)\)\)$/.exec(
      code,
    );
  if (slow) {
    const k = (variables.get('k') ?? 0) + 1;
    variables.set('k', k);
    const outputs = Array.from({ length: Number(slow[1]) }, (_, i) =>
      stdout(`${slow[2]!} ${String(k)} ${String(i)}\n`),
    );
    return { outputs, status: 'ok', pauseMs: Number(slow[3]) * 1_000 };
  }
  const undone = /^print\("(\w+)"\); show\((\d+)\); salvus\.delete_last_output\(\); print\("(\w+)"\)$/.exec(
    code,
  );
  if (undone) {
    const [, before = '', shown = '', after = ''] = undone;
    const data = { 'text/plain': shown };
    return {
      outputs: [
        stdout(`${before}\n`),
        { kind: 'display', data, result: false },
        { kind: 'retract' },
        stdout(`${after}\n`),
      ],
      status: 'ok',
    };
  }
  if (code === '1/0') return raised('ZeroDivisionError', 'rational division by zero');
  if (code === 'print(input())') {
    return { outputs: [{ kind: 'prompt', text: '', isSecret: false }], status: undefined };
  }
  if (code === 'while True: pass') return { outputs: [], status: undefined };
  if (code === 'print("begun", flush=True)\nwhile True: pass') {
    return { outputs: [stdout('begun\n')], status: undefined };
  }
  return raised('SyntaxError', 'the fake bridge does not know this program');
}

/** Start with `startFakeBridge`. */
export class FakeBridge {
  readonly address: BridgeAddress;
  readonly token: string;
  /** Commands received, in order. */
  readonly commands: BridgeCommand[] = [];
  /** While true, executions are taken and nothing is said about them. */
  isMute = false;
  /** Answers to prompts get lost on their way here. */
  losesAnswers = false;
  /** While true, runs that end normally are said to have been pure. */
  isPure = false;
  /** While true, runs of code are said to have left their session as it was, whatever they did. */
  saysUnchanged = false;
  /** Sessions refused from now on. */
  isFull = false;
  /** Said to be installed here, to links that come up from now on. */
  languages: readonly Language[] = ['sage', 'python'];
  /** Plots end in an error from now on. */
  cannotPlot = false;
  #fingerprint = 'fake';
  #server: Server;
  #isFrozen = false;
  readonly #links = new Set<FakeLink>();
  #started = 0;
  readonly #sessions = new Map<string, FakeSession>();

  constructor(path: string, token: string) {
    this.address = { kind: 'unix', path };
    this.token = token;
    this.#server = this.#createServer();
  }

  listen(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen((this.address as { path: string }).path, resolve);
    });
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Has other packages from now on, and says so. */
  becomes(fingerprint: string): void {
    this.#fingerprint = fingerprint;
    for (const link of this.#links) if (link.authorized) this.#introduce(link);
  }

  /** Breaks every link, as a network does; sessions live on. */
  breakLinks(): void {
    for (const { socket } of this.#links) socket.destroy();
  }

  /** Sends bytes that no bridge should send. */
  sendRaw(bytes: Uint8Array): void {
    for (const { socket } of this.#links) socket.write(bytes);
  }

  /** Ends all sessions that have a name, as if nobody had used them for long; their names are taken until that is acknowledged. */
  endIdle(): void {
    for (const [id, session] of this.#sessions) {
      if (session.stateless || session.running !== undefined) continue;
      this.#tell(id, session, { type: 'closed', reason: 'idle', message: 'Nothing ran for too long.' });
      session.isEnded = true;
    }
  }

  async close(): Promise<void> {
    this.breakLinks();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Dies as a process does, without a word and with all its sessions, and listens again after `downMs`. */
  async crash(downMs: number): Promise<void> {
    for (const session of this.#sessions.values()) clearInterval(session.timer);
    this.#sessions.clear();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const { socket } of this.#links) socket.destroy();
    await closed;
    await new Promise((resolve) => setTimeout(resolve, downMs));
    this.#server = this.#createServer();
    await this.listen();
  }

  /** Neither reads nor writes for a while, and keeps its sockets, as a stopped process does. */
  async freeze(ms: number): Promise<void> {
    this.#isFrozen = true;
    for (const { socket } of this.#links) hold(socket);
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#isFrozen = false;
    for (const { socket } of this.#links) {
      socket.uncork();
      socket.resume();
    }
  }

  #createServer(): Server {
    return createServer((socket) => {
      this.#accept(socket);
    });
  }

  #accept(socket: Socket): void {
    const link: FakeLink = { socket, authorized: false };
    this.#links.add(link);
    const decoder = new FrameDecoder();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#links.delete(link);
      for (const [id, session] of this.#sessions) {
        // Nobody can ask for a stateless session again.
        if (session.link !== link || !session.stateless) continue;
        clearInterval(session.timer);
        this.#sessions.delete(id);
      }
    });
    if (this.#isFrozen) hold(socket);
    socket.on('data', (chunk) => {
      let frames: readonly Frame[];
      try {
        frames = decoder.push(chunk);
      } catch {
        // What follows a broken frame is anybody's guess.
        socket.destroy();
        return;
      }
      for (const frame of frames) {
        if (frame.kind !== 'json') continue;
        const parsed = parseBridgeCommand(frame.text);
        if (!parsed.ok) {
          if (!link.authorized) {
            this.#refuse(link);
            return;
          }
          const { code, message, about } = parsed.problem;
          this.#say(link, { type: 'error', code, message, ...(about !== undefined && { about }) });
        } else this.#obey(link, parsed.message);
      }
    });
  }

  #refuse(link: FakeLink): void {
    this.#say(link, { type: 'error', code: 'unauthorized', message: 'Say auth with the right token first.' });
    link.socket.end();
  }

  #say(link: FakeLink, event: BridgeEvent | Record<string, unknown>): void {
    if (!link.socket.destroyed) link.socket.write(encodeJson(JSON.stringify(event)));
  }

  #tell(id: string, session: FakeSession, event: Record<string, unknown>): void {
    if (session.isReplaying) {
      if (event['type'] === 'done') this.#say(session.link, { ...event, session: id });
      return;
    }
    const numbered: Numbered = { ...event, session: id, seq: (session.seq += 1) };
    session.unacked.push(numbered);
    if (session.late) session.late.push(numbered);
    else this.#say(session.link, numbered);
  }

  #introduce(link: FakeLink): void {
    this.#say(link, {
      type: 'ready',
      version: PROTOCOL_VERSION,
      bridge: 'fake',
      sage: 'fake 0',
      python: '3',
      fingerprint: this.#fingerprint,
      languages: [...this.languages],
      parked: 1,
      maxSessions: 1_000,
    });
  }

  #obey(link: FakeLink, command: BridgeCommand): void {
    if (command.type === 'auth') {
      if (command.token !== this.token) {
        this.#refuse(link);
        return;
      }
      link.authorized = true;
      this.#introduce(link);
      return;
    }
    if (!link.authorized) {
      this.#refuse(link);
      return;
    }
    this.commands.push(command);
    switch (command.type) {
      case 'ping':
        this.#say(link, {
          ...command,
          type: 'pong',
          workers: {
            parked: 1,
            inUse: this.#sessions.size,
            forked: this.#started + 1,
            started: this.#started,
          },
        });
        return;
      case 'complete':
        this.#say(link, { type: 'completions', request: command.request, target: 'fac', items: [] });
        return;
      case 'inspect':
        this.#say(link, { type: 'inspection', request: command.request, target: '', found: false });
        return;
      case 'open':
        if (this.isFull) {
          const message = 'No worker is free.';
          this.#say(link, {
            type: 'closed',
            session: command.session,
            reason: 'refused',
            message,
            code: 'busy',
          });
          return;
        }
        if (this.#sessions.has(command.session)) {
          const message = 'A session of that name exists.';
          this.#say(link, { type: 'error', code: 'duplicate-id', message, about: command.session });
          return;
        }
        this.#create(link, command.session, false, command.after);
        this.#say(link, { type: 'opened', session: command.session, resumed: false, missed: 0 });
        return;
      case 'execute':
        this.#execute(link, command);
        return;
      case 'budget':
        this.#budget(link, command);
        return;
      case 'attach':
      case 'answer':
      case 'interrupt':
      case 'kill':
      case 'close':
      case 'ack':
      case 'hold':
        this.#obeyInSession(link, command);
    }
  }

  #obeyInSession(
    link: FakeLink,
    command: OfType<BridgeCommand, 'attach' | 'answer' | 'interrupt' | 'kill' | 'close' | 'ack' | 'hold'>,
  ): void {
    const id = command.session;
    const there = this.#sessions.get(id);
    const isGone = command.type === 'attach' && there?.isCopy === true;
    if (isGone) {
      clearInterval(there.timer);
      this.#sessions.delete(id);
      this.#tellTakenOver(link, id, there);
    }
    const session = isGone ? undefined : there;
    if (session === undefined) {
      if (command.type === 'attach') {
        this.#say(link, {
          type: 'closed',
          session: id,
          reason: 'lost',
          message: 'No such session.',
          code: 'session-lost',
        });
      } else if (command.type !== 'ack' && command.type !== 'hold') {
        this.#say(link, { type: 'error', code: 'unknown-session', message: 'No such session.', about: id });
      }
      return;
    }
    switch (command.type) {
      case 'attach':
        this.#tellTakenOver(link, id, session);
        session.link = link;
        session.late = undefined;
        this.#say(link, {
          type: 'opened',
          session: id,
          resumed: true,
          missed: Math.max(0, session.acked - command.after),
        });
        for (const event of session.unacked) if (event.seq > command.after) this.#say(link, event);
        return;
      case 'answer': {
        if (this.losesAnswers) return;
        // Its programs ask once.
        if (session.running?.execution !== command.execution || (command.prompt ?? 1) > 1) return;
        const { outputs, status } =
          command.text === undefined
            ? raised('EOFError', 'EOF when reading a line')
            : { outputs: [stdout(`${command.text}\n`)], status: 'ok' as const };
        for (const output of outputs) {
          this.#tell(id, session, { type: 'output', execution: command.execution, output });
        }
        this.#end(id, session, status ?? 'ok');
        return;
      }
      case 'interrupt':
        if (session.running?.execution === command.execution) this.#end(id, session, 'interrupted');
        return;
      case 'kill':
        if (session.running?.execution !== command.execution) return;
        if (session.stateless) this.#end(id, session, 'killed');
        else this.#closeSession(id, session, 'killed');
        return;
      case 'close':
        this.#closeSession(id, session, 'closed');
        return;
      case 'hold': {
        const late = session.late ?? [];
        session.late = command.isHeld ? late : undefined;
        if (command.isHeld) return;
        for (const event of late) this.#say(session.link, event);
        if (session.stateless && session.running === undefined) this.#sessions.delete(id);
        return;
      }
      case 'ack':
        session.acked = Math.max(session.acked, Math.min(command.seq, session.seq));
        session.unacked = session.unacked.filter((event) => event.seq > command.seq);
        if (session.isEnded && session.unacked.length === 0) this.#sessions.delete(id);
        return;
    }
  }

  #tellTakenOver(by: FakeLink, id: string, { link }: FakeSession): void {
    if (link === by) return;
    const message = 'Another connection has taken the session over.';
    this.#say(link, { type: 'closed', session: id, reason: 'taken-over', message, code: 'session-lost' });
  }

  #create(link: FakeLink, id: string, stateless: boolean, after = 0): FakeSession {
    const session: FakeSession = {
      link,
      seq: after,
      unacked: [],
      acked: 0,
      queue: [],
      running: undefined,
      isReplaying: false,
      isCopy: after > 0,
      isEnded: false,
      seen: new Set(),
      variables: new Map(),
      interacts: new FakeInteracts(),
      stateless,
      timer: undefined,
      late: undefined,
    };
    this.#sessions.set(id, session);
    this.#started += 1;
    return session;
  }

  #execute(link: FakeLink, command: Execute): void {
    const session =
      this.#sessions.get(command.session) ??
      (command.stateless === true ? this.#create(link, command.session, true) : undefined);
    if (session === undefined) {
      const { execution, session: id } = command;
      const error = { code: 'unknown-session' };
      this.#say(link, {
        type: 'done',
        execution,
        session: id,
        ...ended('lost'),
        message: 'No session.',
        error,
      });
      return;
    }
    if (session.seen.has(command.execution)) return;
    session.seen.add(command.execution);
    session.isCopy &&= command.replay === true;
    session.queue.push(command);
    this.#next(command.session, session);
  }

  #budget(link: FakeLink, { request, session: id, execution }: OfType<BridgeCommand, 'budget'>): void {
    const session = this.#sessions.get(id);
    const refuse = (code: 'unknown-session' | 'unknown-execution'): void => {
      this.#say(link, { type: 'error', code, message: 'No such thing.', about: request });
    };
    if (session === undefined) {
      refuse('unknown-session');
      return;
    }
    const waiting = session.queue.find((each) => each.execution === execution);
    const meant =
      execution === undefined || session.running?.execution === execution ? session.running : waiting;
    if (execution !== undefined && meant === undefined) {
      refuse('unknown-execution');
      return;
    }
    this.#say(link, {
      type: 'remaining',
      request,
      ...(meant && { execution: meant.execution, wallMs: meant.limits?.wallMs ?? 9_000, cpuMs: 4_000 }),
      ...(!session.stateless && { lifetimeMs: 60_000 }),
      ...(!session.stateless && session.running === undefined && { idleMs: 10_000 }),
    });
  }

  #next(id: string, session: FakeSession): void {
    if (this.isMute || session.running !== undefined) return;
    const execute = session.queue.shift();
    if (execute === undefined) return;
    session.running = execute;
    session.isReplaying = execute.replay === true;
    const { execution } = execute;
    this.#tell(id, session, { type: 'status', execution, state: 'running' });
    const { interacts, variables } = session;
    const call =
      execute.frame === undefined
        ? interacts.make(execute.code, variables)
        : interacts.call(execute.frame, variables);
    if (call !== undefined) {
      for (const told of call.told) this.#tell(id, session, { type: 'output', execution, ...told });
      this.#end(id, session, call.status, call.isUnchanged);
      return;
    }
    const isHindered = this.cannotPlot && execute.code.includes('plot(');
    const { outputs, status, pauseMs } = run(isHindered ? '1/0' : execute.code, variables);
    if (pauseMs === undefined) {
      for (const output of outputs) this.#tell(id, session, { type: 'output', execution, output });
      if (status !== undefined) this.#end(id, session, status);
      return;
    }
    const waiting = [...outputs];
    session.timer = setInterval(() => {
      const output = waiting.shift();
      if (output !== undefined) this.#tell(id, session, { type: 'output', execution, output });
      else if (status !== undefined) this.#end(id, session, status);
    }, pauseMs);
  }

  #end(
    id: string,
    session: FakeSession,
    status: 'ok' | 'error' | 'interrupted' | 'killed',
    isUnchanged = this.saysUnchanged,
  ): void {
    const { execution, expressions } = session.running ?? {};
    const values = Object.entries(expressions ?? {}).map(([name, text]) => {
      const value = session.variables.get(text);
      return [
        name,
        value === undefined
          ? { status: 'error', name: 'NameError', message: `name '${text}' is not defined` }
          : { status: 'ok', data: { 'text/plain': String(value) } },
      ];
    });
    session.running = undefined;
    clearInterval(session.timer);
    const message = status === 'ok' || status === 'error' ? {} : { message: 'Stopped.' };
    this.#tell(id, session, {
      type: 'done',
      execution,
      ...ended(status),
      ...(this.isPure && (status === 'ok' || status === 'error') && { pure: true }),
      ...(this.isPure && isUnchanged && { unchanged: true }),
      ...message,
      ...(status === 'ok' && values.length > 0 && { expressions: Object.fromEntries(values) as object }),
    });
    // One that is held back has its end still to tell.
    if (session.stateless && session.late === undefined) this.#sessions.delete(id);
    else this.#next(id, session);
  }

  #closeSession(id: string, session: FakeSession, reason: 'closed' | 'killed'): void {
    clearInterval(session.timer);
    for (const execute of [session.running, ...session.queue]) {
      if (execute === undefined) continue;
      const { execution } = execute;
      this.#tell(id, session, { type: 'done', execution, ...ended('killed'), message: 'Closed.' });
    }
    this.#tell(id, session, { type: 'closed', reason, message: 'The session was closed.' });
    this.#sessions.delete(id);
  }
}

function hold(socket: Socket): void {
  socket.pause();
  socket.cork();
}

const ended = (status: string): Record<string, unknown> => ({
  status,
  wallMs: 1,
  cpuMs: 1,
  cached: false,
  truncated: false,
});

/** Listens on a socket in a folder of its own, until the test's end. */
export async function startFakeBridge(
  cleanup: Cleanup,
  token = 'the token of the fake bridge',
): Promise<FakeBridge> {
  const dir = mkdtempSync(join(tmpdir(), 'fake-bridge-'));
  const bridge = new FakeBridge(join(dir, 'bridge.sock'), token);
  await bridge.listen();
  cleanup(async () => {
    await bridge.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return bridge;
}
