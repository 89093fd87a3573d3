import type { WebSocket } from 'uWebSockets.js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { STALL_TIMEOUT_MS } from '../../../../relay/sessions/outbox.js';
import { WsSocket } from '../../../../relay/ws/socket.js';

/** A uWebSockets.js socket whose client reads only when it is told to. */
class Stub {
  readonly sent: string[] = [];
  readonly ends: number[] = [];
  buffered = 0;
  isReading = true;

  cork(act: () => void): this {
    act();
    return this;
  }

  send(text: string): number {
    this.sent.push(text);
    if (!this.isReading) this.buffered += text.length;
    return this.isReading ? 1 : 0;
  }

  getBufferedAmount(): number {
    return this.buffered;
  }

  end(code: number): void {
    this.ends.push(code);
  }

  close(): void {
    this.ends.push(1_006);
  }
}

function setUp() {
  const stub = new Stub();
  const seen = { behind: [] as boolean[], queued: 0 };
  const socket = new WsSocket(stub as unknown as WebSocket<unknown>, {
    behind: (isBehind) => seen.behind.push(isBehind),
    queued: (delta) => {
      seen.queued += delta;
    },
  });
  return { stub, socket, seen };
}

const turn = (): Promise<void> => Promise.resolve();

describe('a socket', () => {
  test('sends in order what is sent within one turn', async () => {
    const { stub, socket } = setUp();
    socket.send('a');
    socket.send('b');
    expect(stub.sent).toEqual([]);
    await turn();
    expect(stub.sent).toEqual(['a', 'b']);
  });

  test('holds back what a client that does not read could lose, and sends it when it reads', async () => {
    const { stub, socket } = setUp();
    stub.isReading = false;
    const texts = Array.from({ length: 10 }, (_, index) => String(index).repeat(100_000));
    for (const text of texts) socket.send(text);
    await turn();
    expect(stub.sent).toHaveLength(3);
    stub.buffered = 0;
    stub.isReading = true;
    socket.drained();
    expect(stub.sent).toEqual(texts);
  });

  test('tells when its client falls behind and when it has caught up, and what waits meanwhile', async () => {
    const { stub, socket, seen } = setUp();
    stub.isReading = false;
    for (let count = 0; count < 4; count += 1) socket.send('x'.repeat(100_000));
    await turn();
    expect(seen).toEqual({ behind: [true], queued: 100_000 });
    stub.buffered = 100_000;
    socket.drained();
    // Not before most of it was taken: or it would go back and forth.
    expect(seen).toEqual({ behind: [true], queued: 0 });
    stub.buffered = 50_000;
    socket.drained();
    expect(seen).toEqual({ behind: [true, false], queued: 0 });
    socket.send('x'.repeat(300_000));
    socket.send('y');
    await turn();
    socket.closed();
    expect(seen.queued).toBe(0);
  });

  test('lets what is urgent go before output, even to a client that is behind', async () => {
    const { stub, socket } = setUp();
    stub.isReading = false;
    socket.send('x'.repeat(300_000));
    socket.send('output');
    await turn();
    socket.send('more');
    socket.send('pong', true);
    socket.send('error', true);
    await turn();
    expect(stub.sent.slice(1)).toEqual(['pong', 'error']);
    stub.buffered = 0;
    socket.drained();
    expect(stub.sent.slice(3)).toEqual(['output', 'more']);
  });

  test('says what it had to say before it closes, and nothing after', async () => {
    const { stub, socket } = setUp();
    socket.send('the reason');
    socket.close(4_400, 'bad');
    socket.send('too late');
    await turn();
    expect(stub.sent).toEqual(['the reason']);
    expect(stub.ends).toEqual([4_400]);
    socket.close(4_400, 'bad');
    expect(stub.ends).toEqual([4_400]);
  });

  test('counts as stalled when output waits and the client takes nothing for the time allowed', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { stub, socket } = setUp();
    stub.isReading = false;
    socket.send('x'.repeat(300_000));
    socket.send('waits');
    await turn();
    vi.advanceTimersByTime(STALL_TIMEOUT_MS);
    expect(socket.isStalled).toBe(false);
    vi.advanceTimersByTime(1);
    expect(socket.isStalled).toBe(true);
    stub.buffered = 0;
    socket.drained();
    expect(socket.isStalled).toBe(false);
  });

  test('does not count as stalled while nothing waits', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { socket } = setUp();
    vi.advanceTimersByTime(10 * STALL_TIMEOUT_MS);
    expect(socket.isStalled).toBe(false);
    expect(socket.silentMs).toBe(10 * STALL_TIMEOUT_MS);
  });
});
