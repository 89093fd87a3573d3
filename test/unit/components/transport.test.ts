import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  BLOCKED_MS,
  FAILURES_OF_A_GOOD_NETWORK,
  RETRY_WEBSOCKET_MS,
  Transport,
  WEBSOCKET_PATIENCE_MS,
} from '../../../components/session/transport.js';
import type { Socket } from '../../../components/session/socket.js';
import { MemorySocket } from './memory-relay.js';

function setUp() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const webSockets: MemorySocket[] = [];
  const fallbacks: MemorySocket[] = [];
  let isFallbackMissing = false;
  const into = (list: MemorySocket[]) => (url: string) => {
    const socket = new MemorySocket(url);
    list.push(socket);
    return socket;
  };
  const transport = new Transport({
    openWebSocket: into(webSockets),
    loadFallback: () =>
      isFallbackMissing ? Promise.reject(new Error('404')) : Promise.resolve(into(fallbacks)),
  });
  const closes: number[] = [];
  const heard: unknown[] = [];
  let opens = 0;
  const open = (): Socket => {
    const socket = transport.open('wss://relay.test/sockjs/websocket');
    socket.onopen = () => (opens += 1);
    socket.onmessage = ({ data }) => heard.push(data);
    socket.onclose = ({ code }) => closes.push(code);
    return socket;
  };
  return {
    transport,
    webSockets,
    fallbacks,
    closes,
    heard,
    open,
    opens: () => opens,
    loseFallback: () => (isFallbackMissing = true),
    /** Lets promises go on. */
    settle: () => vi.advanceTimersByTimeAsync(0),
  };
}

/** Opens a socket that ends up with the fallback. */
async function fallBack(world: ReturnType<typeof setUp>): Promise<Socket> {
  const socket = world.open();
  world.webSockets.at(-1)?.drop();
  await world.settle();
  world.fallbacks.at(-1)?.accept();
  return socket;
}

describe('a network that lets WebSockets through', () => {
  test('sees nothing else', async () => {
    const world = setUp();
    const socket = world.open();
    world.webSockets[0]?.welcome();
    socket.send('{"type":"ping"}');
    await vi.advanceTimersByTimeAsync(BLOCKED_MS);
    expect(world.opens()).toBe(1);
    expect(world.heard).toHaveLength(1);
    expect(world.webSockets[0]?.received).toEqual([{ type: 'ping' }]);
    expect(world.fallbacks).toHaveLength(0);
    expect(socket.isSuperseded).toBe(false);
  });

  test('is not blamed at once when a relay that answered is away', async () => {
    const world = setUp();
    world.open();
    world.webSockets[0]?.welcome();
    world.webSockets[0]?.drop();
    for (let turn = 1; turn < FAILURES_OF_A_GOOD_NETWORK; turn += 1) {
      world.open();
      world.webSockets.at(-1)?.drop();
      await world.settle();
      expect(world.fallbacks).toHaveLength(0);
    }
    expect(world.closes).toHaveLength(FAILURES_OF_A_GOOD_NETWORK);
    await fallBack(world);
    expect(world.opens()).toBe(2);
  });

  test('tells how the relay closed', () => {
    const world = setUp();
    world.open();
    world.webSockets[0]?.accept();
    world.webSockets[0]?.drop(4_406);
    expect(world.closes).toEqual([4_406]);
    expect(world.transport.isBlocked).toBe(false);
  });
});

describe('a network that blocks WebSockets', () => {
  test('gets the fallback when they fail, within the same socket', async () => {
    const world = setUp();
    const socket = await fallBack(world);
    world.fallbacks[0]?.say({ type: 'pong' });
    socket.send('{"type":"ping"}');
    expect(world.opens()).toBe(1);
    expect(world.closes).toEqual([]);
    expect(world.heard).toEqual(['{"type":"pong"}']);
    expect(world.fallbacks[0]?.received).toEqual([{ type: 'ping' }]);
  });

  test('gets it when they hang', async () => {
    const world = setUp();
    world.open();
    await vi.advanceTimersByTimeAsync(WEBSOCKET_PATIENCE_MS);
    expect(world.webSockets[0]?.closedWith).toBeDefined();
    world.fallbacks[0]?.accept();
    expect(world.opens()).toBe(1);
  });

  test('gets it next time when they open and nothing more comes', async () => {
    const world = setUp();
    const socket = world.open();
    world.webSockets[0]?.accept();
    await vi.advanceTimersByTimeAsync(WEBSOCKET_PATIENCE_MS);
    socket.close();
    world.open();
    await world.settle();
    expect(world.webSockets).toHaveLength(1);
    expect(world.fallbacks).toHaveLength(1);
  });

  test('is remembered, and after a while tried anew', async () => {
    const world = setUp();
    (await fallBack(world)).close();
    const socket = world.open();
    await world.settle();
    expect(world.webSockets).toHaveLength(1);
    socket.close();
    await vi.advanceTimersByTimeAsync(BLOCKED_MS);
    world.open();
    expect(world.webSockets).toHaveLength(2);
  });

  test('is probed beside the fallback, which tells when a WebSocket came through', async () => {
    const world = setUp();
    const socket = await fallBack(world);
    await vi.advanceTimersByTimeAsync(RETRY_WEBSOCKET_MS);
    expect(world.webSockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2 * RETRY_WEBSOCKET_MS);
    expect(world.webSockets[1]?.closedWith).toBe(1_000);
    expect(socket.isSuperseded).toBe(false);
    world.webSockets[2]?.welcome();
    expect(world.webSockets[2]?.received).toEqual([{ type: 'hello', version: 1 }]);
    expect(world.webSockets[2]?.closedWith).toBe(1_000);
    expect(socket.isSuperseded).toBe(true);
    expect(world.transport.isBlocked).toBe(false);
    await vi.advanceTimersByTimeAsync(BLOCKED_MS);
    expect(world.webSockets).toHaveLength(3);
  });

  test('ends the socket when the fallback fails too, or can not be loaded', async () => {
    const world = setUp();
    world.open();
    world.webSockets[0]?.drop();
    await world.settle();
    world.fallbacks[0]?.drop(1_002);
    expect(world.closes).toEqual([1_002]);
    world.loseFallback();
    world.open();
    world.webSockets[1]?.drop();
    await world.settle();
    expect(world.closes).toEqual([1_002, 1_006]);
  });

  test('is left alone by a socket that was closed meanwhile', async () => {
    const world = setUp();
    const socket = world.open();
    world.webSockets[0]?.drop();
    socket.close();
    await vi.advanceTimersByTimeAsync(BLOCKED_MS);
    expect(world.fallbacks).toHaveLength(0);
    expect(world.closes).toEqual([]);
  });
});
