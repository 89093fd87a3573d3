import { describe, expect, it, vi } from 'vitest';
import { UNREACHABLE_MS } from '../../../components/session/client.js';
import { SharedClients } from '../../../components/session/shared.js';
import {
  ACK_BYTES,
  ACK_DELAY_MS,
  CLOSE,
  SESSION_GRACE_MS,
  type ClientMessage,
  type OfType,
} from '../../../relay/protocol/index.js';
import { makeClient, MemorySocket, recorder } from './memory-relay.js';

describe('connecting', () => {
  it('opens no socket before the first execution', () => {
    const { client, sockets } = makeClient();
    client.session('a');
    expect(sockets).toHaveLength(0);
  });

  it('derives the address of the socket from that of the server', () => {
    const { client, last } = makeClient();
    client.execute('1');
    expect(last().url).toBe('ws://relay.test/sockjs/websocket');
  });

  it('says hello, open and execute without waiting for an answer', () => {
    const { client, last } = makeClient();
    client.execute('1', { session: client.session('a') });
    last().accept();
    expect(last().received.map((message) => message.type)).toEqual(['hello', 'open', 'execute']);
  });

  it('ends what waits as lost when the server cannot be reached in time', async () => {
    const { client } = makeClient();
    const { result } = client.execute('1');
    await vi.advanceTimersByTimeAsync(UNREACHABLE_MS + 1);
    expect(await result).toMatchObject({ status: 'lost', error: { code: 'unavailable' } });
  });

  it('does not come back to a server that refuses it', async () => {
    const { client, sockets, last } = makeClient();
    const { result } = client.execute('1');
    last().welcome();
    last().drop(CLOSE.UNSUPPORTED, 'Another version is spoken here.');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sockets).toHaveLength(1);
    expect(await result).toMatchObject({
      status: 'lost',
      message: 'The server refused the connection (Another version is spoken here.).',
    });
  });

  it('presents its embed key', async () => {
    const { client, last } = makeClient(0.5, 'book');
    const { result } = client.execute('1');
    last().accept();
    expect(last().only('hello')).toMatchObject({ key: 'book' });
    last().drop(CLOSE.UNAUTHORIZED, 'unauthorized');
    expect(await result).toMatchObject({ status: 'lost', error: { code: 'unauthorized' } });
  });

  it('asks for a token at each connecting, and comes again when there was none', async () => {
    const answers = ['first', new Error('the login ended'), 'second'];
    const { client, sockets, last } = makeClient(0.5, () => {
      const answer = answers.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? '');
    });
    client.execute('1', { session: client.session('a') });
    last().accept();
    expect(last().received).toEqual([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(last().received.map(({ type }) => type)).toEqual(['hello', 'open', 'execute']);
    expect(last().only('hello')).toMatchObject({ key: 'first' });
    last().drop(1_006, '');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(2);
    vi.spyOn(console, 'warn').mockImplementationOnce(() => undefined);
    last().accept();
    while (sockets.length < 3) await vi.advanceTimersByTimeAsync(50);
    last().accept();
    await vi.advanceTimersByTimeAsync(0);
    expect(last().only('hello')).toMatchObject({ key: 'second' });
  });

  it('moves to a better socket when one is to be had, between executions', async () => {
    const { client, sockets, last } = makeClient();
    const session = client.session('a');
    const { id } = client.execute('1', { session });
    last().welcome();
    last().opened(session.wireId);
    last().isSuperseded = true;
    await vi.advanceTimersByTimeAsync(25_000);
    expect(sockets).toHaveLength(1);
    last().done(id, { session: last().only('open').session, seq: 1 });
    await vi.advanceTimersByTimeAsync(25_001);
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.closedWith).toBeDefined();
    last().accept();
    expect(last().received).toContainEqual(expect.objectContaining({ type: 'open', after: 1 }));
  });

  it('does not come back when nothing is under way and no session is open', async () => {
    const { client, sockets, last } = makeClient();
    const { id } = client.execute('1');
    last().welcome();
    last().done(id);
    last().drop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
  });

  it('tries again at once, then after random waits whose ceiling doubles up to thirty seconds', async () => {
    const { client, sockets, last } = makeClient(0.999_999);
    client.execute('1');
    last().welcome();
    const opened: number[] = [];
    const start = Date.now();
    for (let drops = 0; drops < 9; drops += 1) {
      last().drop();
      const before = sockets.length;
      while (sockets.length === before) await vi.advanceTimersByTimeAsync(1);
      opened.push(Date.now() - start);
    }
    const waits = opened.map((time, index) => time - (opened[index - 1] ?? 0));
    expect(waits.map((wait) => Math.round(wait / 100) * 100)).toEqual([
      0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
  });

  it('waits no longer than two seconds for a relay that has answered, however often it was lost', async () => {
    const { client, sockets, last } = makeClient(0.999_999);
    client.execute('1');
    for (let losses = 0; losses < 12; losses += 1) {
      last().welcome();
      last().drop();
      const before = sockets.length;
      await vi.advanceTimersByTimeAsync(2_000);
      expect(sockets.length).toBe(before + 1);
    }
  });

  it('takes a connection for dead after two heartbeats without an answer', async () => {
    const { client, sockets, last } = makeClient();
    client.execute('1');
    last().welcome();
    await vi.advanceTimersByTimeAsync(52_000);
    expect(sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(sockets).toHaveLength(2);
  });

  it('keeps a connection whose pings are answered', async () => {
    const { client, sockets, last } = makeClient();
    client.execute('1');
    last().welcome();
    for (let beats = 0; beats < 10; beats += 1) {
      await vi.advanceTimersByTimeAsync(25_000);
      last().say({ type: 'pong' });
    }
    expect(sockets).toHaveLength(1);
  });

  it('gives up a silent connection soon after it was probed', async () => {
    const { client, sockets, last } = makeClient();
    client.execute('1');
    last().welcome();
    client.probe();
    await vi.advanceTimersByTimeAsync(3_001);
    expect(sockets).toHaveLength(2);
  });

  it('connects at once when it is probed while it waits', async () => {
    const { client, sockets, last } = makeClient();
    client.execute('1');
    last().drop();
    await vi.advanceTimersByTimeAsync(0);
    last().drop();
    client.probe();
    expect(sockets).toHaveLength(3);
  });
});

describe('a connection', () => {
  it('that was asleep is probed when the clock has jumped', async () => {
    const { client, sockets, last } = makeClient();
    client.execute('1');
    last().welcome();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(last().all('ping')).toHaveLength(0);
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(last().all('ping')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(3_001);
    expect(sockets).toHaveLength(2);
  });

  it('that slept while it waited tries again at once', async () => {
    const { client, sockets, last } = makeClient(0.999);
    client.execute('1');
    for (let drops = 0; drops < 6; drops += 1) {
      last().drop();
      client.probe();
    }
    last().drop();
    const before = sockets.length;
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sockets).toHaveLength(before + 1);
  });

  it('goes to another relay at once when its own takes its leave, however often it had failed before', async () => {
    const { client, sockets, last } = makeClient(0.999);
    client.execute('1', { session: client.session('a') });
    for (let drops = 0; drops < 4; drops += 1) {
      last().drop();
      client.probe();
    }
    last().welcome();
    const before = sockets.length;
    last().drop(CLOSE.DRAINING);
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(before + 1);
  });

  it.each(['online', 'pageshow', 'visibilitychange', 'resume'])(
    'is probed at the event %s',
    async (event) => {
      vi.useFakeTimers();
      const [network, page, sockets] = [new EventTarget(), new EventTarget(), [] as MemorySocket[]];
      const clients = new SharedClients({
        network,
        page,
        openSocket: (url) => {
          const socket = new MemorySocket(url);
          sockets.push(socket);
          return socket;
        },
      });
      const lease = clients.lease('http://relay.test');
      lease.client.execute('1');
      sockets[0]!.welcome();
      for (const target of [network, page]) target.dispatchEvent(new Event(event));
      expect(sockets[0]!.all('ping')).toHaveLength(1);
      lease.release();
      await vi.advanceTimersByTimeAsync(10_000);
      vi.useRealTimers();
    },
  );
});

describe('an execution', () => {
  it('tells status and output in order and its end once', async () => {
    const { client, last } = makeClient();
    const { log, observer } = recorder();
    const execution = client.execute('1', { observer });
    last().welcome();
    last().say({ type: 'status', execution: execution.id, state: 'queued', position: 3 });
    last().say({ type: 'status', execution: execution.id, state: 'running' });
    last().output(execution.id, 'a');
    last().output(execution.id, 'b');
    last().done(execution.id);
    last().done(execution.id, { status: 'killed' });
    last().output(execution.id, 'c');
    expect(log).toEqual(['queued 3', 'running', 'a', 'b', 'done ok']);
    expect(await execution.result).toEqual({
      status: 'ok',
      wallMs: 1,
      cpuMs: 1,
      cached: false,
      truncated: false,
    });
  });

  it('goes on for the others when one listener throws', () => {
    const complaint = vi.spyOn(console, 'error').mockReturnValue();
    const { client, last } = makeClient();
    const { log, observer } = recorder();
    const execution = client.execute('1', {
      observer: {
        output: () => {
          throw new Error('mine');
        },
      },
    });
    execution.observe(observer);
    last().welcome();
    last().output(execution.id, 'a');
    last().done(execution.id);
    expect(log).toEqual(['a', 'done ok']);
    expect(complaint).toHaveBeenCalledOnce();
    complaint.mockRestore();
  });

  it('without a session is sent again under its name after the connection broke, and its output starts over', async () => {
    const { client, last } = makeClient();
    const { log, observer } = recorder();
    const { id } = client.execute('1', { observer });
    last().welcome();
    last().say({ type: 'status', execution: id, state: 'running' });
    last().output(id, 'a');
    last().drop();
    await vi.advanceTimersByTimeAsync(0);
    last().welcome();
    expect(last().only('execute').execution).toBe(id);
    last().output(id, 'a');
    last().done(id);
    expect(log).toEqual(['running', 'a', 'restarted', 'connecting', 'a', 'done ok']);
  });

  it('of too much code ends as lost without being sent', async () => {
    const { client, sockets } = makeClient();
    const { result } = client.execute('x'.repeat(70_000));
    expect(await result).toMatchObject({ status: 'lost', error: { code: 'too-large' } });
    expect(sockets).toHaveLength(0);
  });

  it('that the server refuses to read ends as lost', async () => {
    const { client, last } = makeClient();
    const { id, result } = client.execute('1');
    last().welcome();
    last().say({ type: 'error', code: 'bad-message', message: 'No.', about: id });
    expect(await result).toMatchObject({ status: 'lost', error: { code: 'bad-message' }, message: 'No.' });
  });

  it('stopped before it was sent ends as interrupted', async () => {
    const { client } = makeClient();
    const execution = client.execute('1');
    execution.interrupt();
    expect(await execution.result).toMatchObject({ status: 'interrupted' });
  });

  it('is held back while the connection has as many as it may, and sent as others end', () => {
    const { client, last } = makeClient();
    const executions = Array.from({ length: 260 }, (_, index) => client.execute(String(index)));
    last().welcome();
    expect(last().all('execute')).toHaveLength(256);
    for (const { id } of executions.slice(0, 4)) last().done(id);
    expect(
      last()
        .all('execute')
        .map(({ code }) => code),
    ).toEqual(executions.map(({ code }) => code));
  });

  it('survives messages that are no messages', () => {
    const complaint = vi.spyOn(console, 'warn').mockReturnValue();
    const { client, last } = makeClient();
    const { log, observer } = recorder();
    const { id } = client.execute('1', { observer });
    last().welcome();
    last().onmessage?.({ data: '{' });
    last().onmessage?.({ data: new ArrayBuffer(3) });
    last().say({ type: 'from-the-future', execution: id });
    last().done(id);
    expect(log).toEqual(['done ok']);
    complaint.mockRestore();
  });
});

describe('a session', () => {
  const inSession = () => {
    const made = makeClient();
    const session = made.client.session('chapter');
    const { log, observer } = recorder();
    const execution = made.client.execute('1', { session, observer });
    made.last().welcome();
    const wireId = made.last().only('open').session;
    made.last().opened(wireId);
    return { ...made, session, log, observer, execution, wireId };
  };

  it('is the same object for the same name', () => {
    const { client } = makeClient();
    expect(client.session('a')).toBe(client.session('a'));
    expect(client.session('a')).not.toBe(client.session('b'));
  });

  it('is opened once for all its executions', () => {
    const { client, session, last } = inSession();
    client.execute('2', { session });
    expect(last().all('open')).toHaveLength(1);
    expect(
      new Set(
        last()
          .all('execute')
          .map((message) => message.session),
      ).size,
    ).toBe(1);
  });

  it('says an answer again that may have been lost with a connection, and which question it is for', async () => {
    const { last, execution, wireId } = inSession();
    const ask = (seq: number): void =>
      last().say({
        type: 'output',
        execution: execution.id,
        session: wireId,
        seq,
        output: { kind: 'prompt', text: '', isSecret: false },
      });
    ask(1);
    execution.answer('first');
    ask(2);
    last().drop();
    execution.answer('second');
    await vi.advanceTimersByTimeAsync(0);
    last().accept();
    const second = { type: 'answer', execution: execution.id, session: wireId, text: 'second', prompt: 2 };
    expect(last().all('answer')).toEqual([second]);
    last().drop();
    await vi.advanceTimersByTimeAsync(1_000);
    last().accept();
    expect(last().all('answer')).toEqual([second]);
    ask(3);
    last().drop();
    await vi.advanceTimersByTimeAsync(2_000);
    last().accept();
    expect(last().all('answer')).toEqual([]);
  });

  it('does not repeat an answer when it cannot say which question it is for', async () => {
    const { last, execution, wireId } = inSession();
    last().drop();
    await vi.advanceTimersByTimeAsync(0);
    last().accept();
    last().opened(wireId, true, 7);
    execution.answer('1');
    expect(last().only('answer')).toEqual({
      type: 'answer',
      execution: execution.id,
      session: wireId,
      text: '1',
    });
    last().drop();
    await vi.advanceTimersByTimeAsync(1_000);
    last().accept();
    expect(last().all('answer')).toEqual([]);
  });

  it('acknowledges a moment after the first message', async () => {
    const { last, execution, wireId } = inSession();
    last().output(execution.id, 'a', { session: wireId, seq: 1 });
    last().output(execution.id, 'b', { session: wireId, seq: 2 });
    expect(last().all('ack')).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(ACK_DELAY_MS);
    expect(last().only('ack')).toMatchObject({ session: wireId, seq: 2 });
  });

  it('acknowledges at once when much has come', () => {
    const { last, execution, wireId } = inSession();
    for (let seq = 1; seq <= 3; seq += 1) {
      last().output(execution.id, 'x'.repeat(ACK_BYTES / 3), { session: wireId, seq });
    }
    expect(last().only('ack').seq).toBe(3);
  });

  it('resumes after a broken connection with nothing lost and nothing doubled', async () => {
    const { last, execution, wireId, log } = inSession();
    last().say({ type: 'status', execution: execution.id, session: wireId, seq: 1, state: 'running' });
    last().output(execution.id, 'a', { session: wireId, seq: 2 });
    last().drop();
    await vi.advanceTimersByTimeAsync(0);
    last().accept();
    expect(last().only('open')).toEqual({
      type: 'open',
      session: wireId,
      token: 'token-of-sixteen-letters',
      after: 2,
    });
    expect(last().all('execute')).toHaveLength(0);
    last().opened(wireId, true);
    last().output(execution.id, 'a', { session: wireId, seq: 2 });
    last().output(execution.id, 'b', { session: wireId, seq: 3 });
    last().done(execution.id, { session: wireId, seq: 4 });
    expect(log).toEqual(['running', 'a', 'connecting', 'running', 'b', 'done ok']);
  });

  it('says again what may have been lost on the way, and only that', async () => {
    const { client, session, last, execution, wireId, observer, log } = inSession();
    last().say({ type: 'status', execution: execution.id, session: wireId, seq: 1, state: 'running' });
    const second = client.execute('2', { session, observer });
    last().drop();
    await vi.advanceTimersByTimeAsync(0);
    last().accept();
    expect(last().only('execute').execution).toBe(second.id);
    last().opened(wireId, true);
    last().say({ type: 'error', code: 'duplicate-id', message: 'It runs already.', about: second.id });
    last().done(second.id, { session: wireId, seq: 2 });
    expect(log.at(-1)).toBe('done ok');
  });

  it('that could not be resumed ends its executions as lost, once each, and says so', async () => {
    const { last, session, execution, wireId, log } = inSession();
    const ended = vi.fn();
    session.observe({ ended });
    last().output(execution.id, 'a', { session: wireId, seq: 1 });
    last().drop();
    await vi.advanceTimersByTimeAsync(0);
    last().welcome();
    last().say({
      type: 'closed',
      session: wireId,
      reason: 'lost',
      message: 'The session is gone.',
      code: 'session-lost',
    });
    last().done(execution.id, { status: 'lost' });
    expect(log).toEqual(['a', 'done lost']);
    expect(ended).toHaveBeenCalledExactlyOnceWith({
      reason: 'lost',
      message: 'The session is gone.',
      code: 'session-lost',
    });
    expect(session.state).toBe('ended');
  });

  it('that ended is opened anew, under another name on the wire, by the next execution', () => {
    const { client, last, session, execution, wireId } = inSession();
    last().done(execution.id, { session: wireId, seq: 1 });
    last().say({ type: 'closed', session: wireId, reason: 'idle', message: 'Nobody used it.' });
    client.execute('2', { session });
    const [, second] = last().all('open');
    expect(second).toMatchObject({ type: 'open' });
    expect(second?.token).toBeUndefined();
    expect(second?.session).not.toBe(wireId);
    expect(last().all('execute').at(-1)?.session).toBe(second?.session);
  });

  it('keeps trying to come back as long as the server would keep it, and no longer', async () => {
    const { last, session, execution, wireId, log } = inSession();
    last().output(execution.id, 'a', { session: wireId, seq: 1 });
    last().drop();
    await vi.advanceTimersByTimeAsync(SESSION_GRACE_MS - 1_000);
    expect(session.state).not.toBe('ended');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(session.state).toBe('ended');
    expect(log.at(-1)).toBe('done lost');
  });

  it('is closed with the client', () => {
    const { client, last, wireId } = inSession();
    client.close();
    expect(last().only('close').session).toBe(wireId);
    expect(last().closedWith).toBe(CLOSE.NORMAL);
  });

  it('that the relay does not take since it is leaving is opened at the next one, and so is what was to run', async () => {
    const { client, last } = makeClient();
    const { log, observer } = recorder();
    const execution = client.execute('1', { session: client.session('a'), observer });
    last().welcome();
    const wireId = last().only('open').session;
    last().done(execution.id, {
      session: wireId,
      status: 'lost',
      error: { code: 'draining', retryAfterMs: 0 },
    });
    const message = 'This relay is shutting down.';
    last().say({ type: 'closed', session: wireId, reason: 'refused', message, code: 'draining' });
    last().drop(CLOSE.DRAINING);
    await vi.advanceTimersByTimeAsync(0);
    last().welcome();
    expect(last().received.map(({ type }) => type)).toEqual(['hello', 'open', 'execute']);
    const again = last().only('open').session;
    last().opened(again);
    last().done(execution.id, { session: again, seq: 1 });
    expect(log).toEqual(['done ok']);
  });

  it('asks again for what was lost on the way, on a new connection', async () => {
    const { sockets, last, execution, wireId, log } = inSession();
    last().output(execution.id, 'a', { session: wireId, seq: 1 });
    last().output(execution.id, 'c', { session: wireId, seq: 3 });
    expect(log).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(2);
    last().accept();
    expect(last().only('open').after).toBe(1);
    last().opened(wireId, true);
    last().output(execution.id, 'b', { session: wireId, seq: 2 });
    last().output(execution.id, 'c', { session: wireId, seq: 3 });
    last().done(execution.id, { session: wireId, seq: 4 });
    expect(log.filter((line) => line.length === 1).join('')).toBe('abc');
    expect(log.at(-1)).toBe('done ok');
  });

  it('says that it is lost when what is missing never comes', async () => {
    const { last, session, execution, wireId, log } = inSession();
    last().output(execution.id, 'c', { session: wireId, seq: 3 });
    await vi.advanceTimersByTimeAsync(0);
    last().accept();
    last().opened(wireId, true);
    last().output(execution.id, 'c', { session: wireId, seq: 3 });
    expect(log.at(-1)).toBe('done lost');
    expect(session.state).toBe('ended');
  });

  it('goes on after what could not be kept', async () => {
    const { last, execution, wireId, log } = inSession();
    last().drop();
    await vi.advanceTimersByTimeAsync(0);
    last().accept();
    last().opened(wireId, true, 7);
    last().output(execution.id, 'h', { session: wireId, seq: 8 });
    expect(log.at(-1)).toBe('h');
  });

  it('is another one when the connection broke before its token came', async () => {
    const { client, last } = makeClient();
    const { log, observer } = recorder();
    const { id } = client.execute('1', { session: client.session('a'), observer });
    last().welcome();
    const first = last().only('open').session;
    last().say({ type: 'status', execution: id, session: first, state: 'queued', position: 2 });
    last().drop();
    await vi.advanceTimersByTimeAsync(0);
    last().welcome();
    const second = last().only('open').session;
    expect(second).not.toBe(first);
    last().opened(second);
    last().output(id, 'a', { session: second, seq: 1 });
    last().done(id, { session: second, seq: 2 });
    expect(log).toEqual(['queued 2', 'connecting', 'a', 'done ok']);
  });

  it('is asked to stop again after the connection broke', async () => {
    const { last, execution, wireId } = inSession();
    last().say({ type: 'status', execution: execution.id, session: wireId, seq: 1, state: 'running' });
    execution.interrupt();
    last().drop();
    await vi.advanceTimersByTimeAsync(0);
    last().accept();
    expect(last().received.map(({ type }) => type)).toEqual(['hello', 'open', 'interrupt']);
  });

  it('is named in an interrupt and in a kill', () => {
    const { last, execution, wireId } = inSession();
    execution.interrupt();
    execution.kill();
    expect(last().only('interrupt')).toMatchObject({ session: wireId, execution: execution.id });
    expect(last().only('kill')).toMatchObject({ session: wireId, execution: execution.id });
  });
});

describe('a question', () => {
  it('is answered by the message that names it', async () => {
    const { client, last } = makeClient();
    client.execute('1');
    last().welcome();
    const answer = client.complete('fac');
    const { request } = last().only('complete');
    last().say({
      type: 'completions',
      request,
      target: 'fac',
      items: [{ text: 'factor', kind: 'function' }],
    });
    expect((await answer).items).toEqual([{ text: 'factor', kind: 'function' }]);
  });

  it('about what is left names the session, the execution, or both', async () => {
    const { client, last } = makeClient();
    const session = client.session('default');
    const inSession = client.execute('1', { session });
    const alone = client.execute('2');
    last().welcome();
    for (const [of, about] of [
      [session, { session: session.wireId }],
      [inSession, { session: session.wireId, execution: inSession.id }],
      [alone, { execution: alone.id }],
    ] as const) {
      const answer = client.remaining(of);
      const { type, request, ...rest } = last().received.at(-1) as OfType<ClientMessage, 'budget'>;
      expect([type, rest]).toEqual(['budget', about]);
      last().say({ type: 'remaining', request, wallMs: 5 });
      expect((await answer).wallMs).toBe(5);
    }
    const refused = expect(client.remaining(alone)).rejects.toMatchObject({ code: 'unknown-execution' });
    const { request } = last().received.at(-1) as OfType<ClientMessage, 'budget'>;
    last().say({ type: 'error', code: 'unknown-execution', message: 'None.', about: request });
    await refused;
  });

  it('without a connection fails and opens none', async () => {
    const { client, sockets } = makeClient();
    await expect(client.complete('fac')).rejects.toMatchObject({ code: 'unavailable' });
    expect(sockets).toHaveLength(0);
  });

  it('that nobody answers fails in time', async () => {
    const { client, last } = makeClient();
    client.execute('1');
    last().welcome();
    const outcome = expect(client.inspect('factor', 'docstring')).rejects.toMatchObject({ code: 'timeout' });
    await vi.advanceTimersByTimeAsync(3_000);
    await outcome;
  });

  it('fails when the connection breaks', async () => {
    const { client, last } = makeClient();
    client.execute('1');
    last().welcome();
    const outcome = expect(client.complete('fac')).rejects.toMatchObject({ code: 'unavailable' });
    last().drop();
    await outcome;
  });
});

it('elements with different keys have connections of their own', () => {
  const clients = new SharedClients({ openSocket: (url) => new MemorySocket(url) });
  const leases = ['book', 'book', 'campus', undefined].map((key) => clients.lease('http://relay.test', key));
  expect(new Set(leases.map(({ client }) => client)).size).toBe(3);
  for (const lease of leases) lease.release();
});
