/** What the relay relies on in a bridge: one body, run over the fake and over the real one. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import * as v from 'valibot';
import { expect, onTestFinished, test } from 'vitest';
import type { Bridge, BridgeAnswer, SessionEvent, SessionListener } from '../../relay/bridges/bridge.js';
import type { BridgeAddress } from '../../relay/bridges/address.js';
import { BridgeLink } from '../../relay/bridges/bridge-link.js';
import { encodeJson, FrameDecoder, type Frame } from '../../relay/bridges/framing.js';
import {
  INTERACT_TYPE,
  interactView,
  type BridgeEvent,
  type ExecutionId,
  type InteractId,
  type OfType,
  type SessionId,
} from '../../relay/protocol/index.js';
import { SQUARE, SUM } from '../support/fake-interacts.js';
import { printed, program } from '../support/faults/player.js';
import { silentLog } from '../support/relay.js';

/** A bridge that runs, and how to reach it. */
export interface BridgeUnderTest {
  readonly address: BridgeAddress;
  readonly token: string;
}

/** Records what a bridge says of one session. */
class Recorder implements SessionListener {
  readonly session: SessionId;
  readonly events: SessionEvent[] = [];
  readonly refusals: string[] = [];
  readonly #bridge: Bridge;
  #wake: () => void = () => undefined;

  constructor(bridge: Bridge, session = randomUUID() as string as SessionId) {
    this.#bridge = bridge;
    this.session = session;
    bridge.listen(session, this);
  }

  open(): Promise<unknown> {
    this.#bridge.send({ type: 'open', session: this.session });
    return this.waitFor('opened');
  }

  execute(execution: string, code: string, stateless = false): void {
    this.#bridge.send({
      type: 'execute',
      execution: execution as ExecutionId,
      session: this.session,
      code,
      ...(stateless && { stateless }),
    });
  }

  /** Runs an interact with its slider `n` at a position. */
  frame(execution: string, interact: InteractId, position: number): void {
    this.#bridge.send({
      type: 'execute',
      execution: execution as ExecutionId,
      session: this.session,
      code: '',
      frame: { interact, values: { n: position }, changed: ['n'] },
    });
  }

  /** The interact that an execution made. */
  interact(execution: string): InteractId {
    const [made] = this.events.flatMap((event) => {
      if (event.type !== 'output' || event.execution !== execution || event.output.kind !== 'display')
        return [];
      const text = event.output.data[INTERACT_TYPE];
      return text === undefined ? [] : [v.parse(interactView, JSON.parse(text)).interact];
    });
    return made!;
  }

  interrupt(execution: string): void {
    this.#bridge.send({ type: 'interrupt', session: this.session, execution: execution as ExecutionId });
  }

  done(execution: string): Promise<OfType<SessionEvent, 'done'>> {
    return this.waitFor('done', (event) => event.execution === execution);
  }

  stdout(execution: string): string {
    return this.events
      .flatMap((event) =>
        event.type === 'output' && event.execution === execution && event.output.kind === 'stream'
          ? [event.output.text]
          : [],
      )
      .join('');
  }

  get numbers(): number[] {
    return this.events.flatMap((event) => ('seq' in event && event.seq !== undefined ? [event.seq] : []));
  }

  async waitFor<T extends SessionEvent['type']>(
    type: T,
    accept: (event: OfType<SessionEvent, T>) => boolean = () => true,
  ): Promise<OfType<SessionEvent, T>> {
    for (;;) {
      const found = this.events.find(
        (event): event is OfType<SessionEvent, T> =>
          event.type === type && accept(event as OfType<SessionEvent, T>),
      );
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async refusal(): Promise<string> {
    while (this.refusals.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.refusals[0]!;
  }

  event(event: SessionEvent): void {
    this.events.push(event);
    this.#wake();
  }

  refused(code: string): void {
    this.refusals.push(code);
    this.#wake();
  }

  down(): void {
    this.#wake();
  }

  back(): void {
    this.#wake();
  }

  takenOver(): void {
    this.#wake();
  }
}

async function link({ address, token }: BridgeUnderTest): Promise<BridgeLink> {
  let made: BridgeLink | undefined;
  const ready = new Promise<void>((resolve) => {
    made = new BridgeLink({ address, token, log: silentLog, onReady: resolve });
    onTestFinished(() => made?.close());
  });
  await ready;
  return made!;
}

const FOREVER = 'while True: pass';

/** @param bridge called within each test; its bridge outlives them */
export function contractOfBridges(bridge: () => BridgeUnderTest): void {
  test('says what it is', async () => {
    const { facts } = await link(bridge());
    expect(facts).toMatchObject({ version: 1 });
    expect(facts?.languages).toEqual(expect.arrayContaining(['sage', 'python']));
    expect(facts?.sage).not.toBe('');
  });

  test('never becomes ready for a wrong token', async () => {
    let isReady = false;
    const wrong = new BridgeLink({
      address: bridge().address,
      token: 'not the token of this bridge',
      log: silentLog,
      onReady: () => (isReady = true),
    });
    onTestFinished(() => wrong.close());
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isReady).toBe(false);
    expect(wrong.send({ type: 'open', session: 'x' as SessionId })).toBe(false);
    // And goes on for those who know it.
    await link(bridge());
  });

  test.each([
    ['another command', '{"type":"ping"}'],
    ['a wrong token', '{"type":"auth","version":1,"token":"wrong"}'],
    ['what is not JSON', 'auth'],
  ])('answers %s before the right auth with unauthorized and the end of the link', async (_what, text) => {
    const { address } = bridge();
    const attacker = connect(address.kind === 'unix' ? { path: address.path } : address);
    onTestFinished(() => void attacker.destroy());
    attacker.write(encodeJson(text));
    const decoder = new FrameDecoder();
    const frames: Frame[] = [];
    attacker.on('data', (chunk) => frames.push(...decoder.push(chunk)));
    await new Promise((resolve) => attacker.once('close', resolve));
    expect(frames.map((frame) => frame.kind === 'json' && (JSON.parse(frame.text) as unknown))).toMatchObject(
      [{ type: 'error', code: 'unauthorized' }],
    );
    await link(bridge());
  });

  test('runs a stateless execution to one done, in a session that nobody opened', async () => {
    const run = new Recorder(await link(bridge()));
    run.execute('e1', 'print(2+2)', true);
    expect(await run.done('e1')).toMatchObject({ status: 'ok', cached: false, truncated: false });
    expect(run.stdout('e1')).toBe('4\n');
    expect(run.events.some(({ type }) => type === 'opened' || type === 'closed')).toBe(false);
  });

  test('numbers the messages of a session from 1 without holes', async () => {
    const session = new Recorder(await link(bridge()));
    await session.open();
    session.execute('e1', 'x = 41');
    session.execute('e2', 'print(x)');
    session.execute('e3', '1/0');
    expect((await session.done('e3')).status).toBe('error');
    expect(session.stdout('e2')).toBe('41\n');
    expect(session.events.some((event) => event.type === 'output' && event.output.kind === 'error')).toBe(
      true,
    );
    expect(session.numbers).toEqual(session.numbers.map((_, index) => index + 1));
  });

  test('runs the same id once', async () => {
    const session = new Recorder(await link(bridge()));
    await session.open();
    session.execute('e1', 'x = 1');
    session.execute('e1', 'x = 2');
    session.execute('e2', 'print(x)');
    await session.done('e2');
    expect(session.stdout('e2')).toBe('1\n');
    expect(session.events.filter((event) => event.type === 'done' && event.execution === 'e1')).toHaveLength(
      1,
    );
  });

  test('runs a program that counts its runs in the session and takes its time', async () => {
    const session = new Recorder(await link(bridge()));
    await session.open();
    const score = { lines: 3, pauseMs: 20 };
    for (const k of [1, 2]) {
      session.execute(`e${String(k)}`, program('p', score));
      expect((await session.done(`e${String(k)}`)).status).toBe('ok');
      expect(session.stdout(`e${String(k)}`)).toBe(printed('p', k, score));
    }
  });

  test('waits for the answer to what the code asks', async () => {
    const made = await link(bridge());
    const session = new Recorder(made);
    await session.open();
    const answer = (execution: string, text?: string): void => {
      const fields = text === undefined ? {} : { text };
      made.send({ type: 'answer', session: session.session, execution: execution as ExecutionId, ...fields });
    };
    session.execute('e1', 'print(input())');
    await session.waitFor('output', (event) => event.output.kind === 'prompt');
    answer('e1', 'effectuées');
    expect((await session.done('e1')).status).toBe('ok');
    expect(session.stdout('e1')).toBe('effectuées\n');
    session.execute('e2', 'print(input())');
    await session.waitFor('output', (event) => event.execution === 'e2' && event.output.kind === 'prompt');
    answer('e2');
    expect((await session.done('e2')).status).toBe('error');
  });

  test('takes an answer once that is repeated and says what it is for', async () => {
    const made = await link(bridge());
    const session = new Recorder(made);
    await session.open();
    const execution = 'e1' as ExecutionId;
    const answer = (text: string): void => {
      made.send({ type: 'answer', session: session.session, execution, text, prompt: 1 });
    };
    session.execute(execution, 'print(input())');
    await session.waitFor('output', (event) => event.output.kind === 'prompt');
    answer('once');
    answer('once');
    expect((await session.done(execution)).status).toBe('ok');
    expect(session.stdout(execution)).toBe('once\n');
    session.execute('e2', 'print(input())');
    await session.waitFor('output', (event) => event.execution === 'e2' && event.output.kind === 'prompt');
    answer('once');
    session.interrupt('e2');
    expect((await session.done('e2')).status).toBe('interrupted');
  });

  test('makes an interact, marks what its first call puts out, and runs it with what a page says', async () => {
    const session = new Recorder(await link(bridge()));
    await session.open();
    session.execute('e1', SQUARE);
    expect((await session.done('e1')).status).toBe('ok');
    const interact = session.interact('e1');
    const told = session.events.flatMap((event) => (event.type === 'output' ? [event] : []));
    expect(told.map(({ output, frame }) => [output.kind, frame])).toEqual([
      ['display', undefined],
      ['stream', interact],
    ]);
    expect(session.stdout('e1')).toBe('1\n');
    session.frame('e2', interact, 3);
    const end = await session.done('e2');
    // Whoever does not measure whether runs are pure does not say that of this one.
    expect(end).toMatchObject({ status: 'ok', ...(end.pure === true && { unchanged: true }) });
    expect(session.stdout('e2')).toBe('16\n');
    expect(
      session.events.every(
        (event) => event.type !== 'output' || event.execution === 'e1' || event.frame === undefined,
      ),
    ).toBe(true);
  });

  test('does not say of a frame that it left the session as it was when it did not', async () => {
    const session = new Recorder(await link(bridge()));
    await session.open();
    session.execute('e1', 'total = 10');
    session.execute('e2', SUM);
    await session.done('e2');
    const interact = session.interact('e2');
    for (const [execution, text] of [
      ['e3', '14\n'],
      ['e4', '17\n'],
    ] as const) {
      session.frame(execution, interact, 2);
      expect((await session.done(execution)).unchanged ?? false).toBe(false);
      expect(session.stdout(execution)).toBe(text);
    }
  });

  test('gives an interact the same name after the same code, and none to what is not there', async () => {
    const made = await link(bridge());
    const names = [];
    for (let turn = 0; turn < 2; turn += 1) {
      const session = new Recorder(made);
      await session.open();
      session.execute('e1', SQUARE);
      await session.done('e1');
      names.push(session.interact('e1'));
      session.frame('e2', `${names[0]!}0` as InteractId, 1);
      expect((await session.done('e2')).status).toBe('error');
    }
    expect(names[0]).toBe(names[1]);
  });

  test('evaluates expressions after the code', async () => {
    const made = await link(bridge());
    const run = new Recorder(made);
    made.send({
      type: 'execute',
      stateless: true,
      session: run.session,
      execution: 'e1' as ExecutionId,
      code: 'x = 41',
      expressions: { A: 'x', B: 'y' },
    });
    expect((await run.done('e1')).expressions).toEqual({
      A: { status: 'ok', data: { 'text/plain': '41' } },
      B: { status: 'error', name: 'NameError', message: "name 'y' is not defined" },
    });
  });

  test('interrupts what runs, and the session lives on', async () => {
    const session = new Recorder(await link(bridge()));
    await session.open();
    session.execute('e1', FOREVER);
    await session.waitFor('status', (event) => event.execution === 'e1' && event.state === 'running');
    session.interrupt('e1');
    expect((await session.done('e1')).status).toBe('interrupted');
    session.execute('e2', 'print(2+2)');
    expect((await session.done('e2')).status).toBe('ok');
  });

  test('kills what runs, and with it the session', async () => {
    const made = await link(bridge());
    const session = new Recorder(made);
    await session.open();
    session.execute('e1', FOREVER);
    session.execute('e2', 'print(2+2)');
    await session.waitFor('status', (event) => event.execution === 'e1' && event.state === 'running');
    made.send({ type: 'kill', session: session.session, execution: 'e1' as ExecutionId });
    expect((await session.done('e1')).status).toBe('killed');
    expect((await session.done('e2')).status).toBe('killed');
    expect((await session.waitFor('closed')).reason).toBe('killed');
  });

  test('kills a stateless execution', async () => {
    const made = await link(bridge());
    const run = new Recorder(made);
    run.execute('e1', FOREVER, true);
    await run.waitFor('status', (event) => event.state === 'running');
    made.send({ type: 'kill', session: run.session, execution: 'e1' as ExecutionId });
    expect((await run.done('e1')).status).toBe('killed');
  });

  test('hands a session over to another link and replays what came after a number, once', async () => {
    const first = new Recorder(await link(bridge()));
    await first.open();
    first.execute('e1', 'x = 41');
    const { seq = 0 } = await first.done('e1');
    first.execute('e2', 'print(x)');
    await first.done('e2');
    const other = await link(bridge());
    const second = new Recorder(other, first.session);
    other.send({ type: 'attach', session: first.session, after: seq });
    expect(await second.waitFor('opened')).toMatchObject({ resumed: true, missed: 0 });
    second.execute('e3', 'print(x)');
    await second.done('e3');
    expect(second.stdout('e2')).toBe('41\n');
    expect(second.stdout('e3')).toBe('41\n');
    expect(second.numbers).toEqual(second.numbers.map((_, index) => seq + 1 + index));
    expect(await first.waitFor('closed')).toMatchObject({ reason: 'taken-over' });
  });

  test('keeps a session whose link broke', async () => {
    const broken = await link(bridge());
    const before = new Recorder(broken);
    await before.open();
    before.execute('e1', 'x = 41');
    await before.done('e1');
    broken.close();
    const made = await link(bridge());
    const after = new Recorder(made, before.session);
    made.send({ type: 'attach', session: before.session, after: before.numbers.at(-1) ?? 0 });
    after.execute('e2', 'print(x)');
    await after.done('e2');
    expect(after.stdout('e2')).toBe('41\n');
  });

  test('tells that a session it does not know is lost', async () => {
    const made = await link(bridge());
    const session = new Recorder(made);
    made.send({ type: 'attach', session: session.session, after: 0 });
    expect(await session.waitFor('closed')).toMatchObject({ reason: 'lost' });
  });

  test('ends an execution in a session it does not know in one done', async () => {
    const session = new Recorder(await link(bridge()));
    session.execute('e1', 'print(2+2)');
    expect(await session.done('e1')).toMatchObject({ status: 'lost', error: { code: 'unknown-session' } });
  });

  test('refuses to close a session it does not know, by its name', async () => {
    const made = await link(bridge());
    const session = new Recorder(made);
    made.send({ type: 'close', session: session.session });
    expect(await session.refusal()).toBe('unknown-session');
  });

  test('closes a session and ends what had not ended', async () => {
    const made = await link(bridge());
    const session = new Recorder(made);
    await session.open();
    session.execute('e1', FOREVER);
    made.send({ type: 'close', session: session.session });
    expect((await session.done('e1')).status).toBe('killed');
    expect((await session.waitFor('closed')).reason).toBe('closed');
  });

  test.each([false, true])(
    'holds output back and lets it flow again, all of it and in order (stateless: %s)',
    async (stateless) => {
      const made = await link(bridge());
      const recorder = new Recorder(made);
      const { session } = recorder;
      if (!stateless) await recorder.open();
      recorder.execute('e1', 'print(input())', stateless);
      await recorder.waitFor('output');
      made.send({ type: 'hold', session, isHeld: true });
      const text = 'x'.repeat(30_000);
      made.send({ type: 'answer', session, execution: 'e1' as ExecutionId, text });
      // Many times as long as it takes when nobody holds it.
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(recorder.stdout('e1')).toBe('');
      expect(recorder.events.some(({ type }) => type === 'done')).toBe(false);
      made.send({ type: 'hold', session, isHeld: false });
      expect(await recorder.done('e1')).toMatchObject({ status: 'ok', truncated: false });
      expect(recorder.stdout('e1')).toBe(`${text}\n`);
      expect(recorder.numbers).toEqual(recorder.numbers.map((_, index) => index + 1));
    },
  );

  test('answers a question without a session', async () => {
    const made = await link(bridge());
    const answer = await new Promise((resolve) => {
      made.ask({ type: 'complete', before: 'fac' }, resolve);
    });
    expect(answer).toMatchObject({ type: 'completions', target: 'fac' });
  });

  test('counts the sessions that were given a worker, and those at work', async () => {
    const made = await link(bridge());
    const before = await made.count();
    const session = new Recorder(made);
    await session.open();
    const stateless = new Recorder(made);
    stateless.execute('e1', 'print(1+1)', true);
    await stateless.done('e1');
    const after = await made.count();
    expect(after).toEqual(made.workers);
    expect(after!.started - before!.started).toBe(2);
    expect(after!.forked).toBeGreaterThanOrEqual(after!.started);
    expect(after!.inUse).toBeGreaterThan(0);
    made.send({ type: 'close', session: session.session });
    await session.waitFor('closed');
    expect((await made.count())!.started).toBe(after!.started);
  });

  test('tells what is left of the limits of a session and of what runs there', async () => {
    const made = await link(bridge());
    const session = new Recorder(made);
    await session.open();
    const ask = (execution?: ExecutionId): Promise<BridgeAnswer> =>
      new Promise((resolve) => {
        made.ask({ type: 'budget', session: session.session, ...(execution && { execution }) }, resolve);
      });
    expect(await ask()).toEqual({
      type: 'remaining',
      request: expect.any(String) as string,
      idleMs: expect.any(Number) as number,
      lifetimeMs: expect.any(Number) as number,
    });
    session.execute('e1', FOREVER);
    await session.waitFor('status');
    const running = (await ask()) as OfType<BridgeEvent, 'remaining'>;
    expect(running.execution).toBe('e1');
    expect(running.wallMs).toBeGreaterThan(0);
    expect(running.cpuMs).toBeGreaterThan(0);
    expect(running.idleMs).toBeUndefined();
    expect(await ask('nobody' as ExecutionId)).toMatchObject({ type: 'error', code: 'unknown-execution' });
    made.send({ type: 'kill', session: session.session, execution: 'e1' as ExecutionId });
    await session.waitFor('closed');
  });
}
