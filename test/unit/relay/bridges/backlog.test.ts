import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ResultCache } from '../../../../relay/cache/result-cache.js';
import type { Bridge } from '../../../../relay/bridges/bridge.js';
import { encodeJson, FrameDecoder } from '../../../../relay/bridges/framing.js';
import type { ExecutionId, SessionId } from '../../../../relay/protocol/index.js';
import { connectClient, type RawClient } from '../../../support/raw-client.js';
import { linkTo, silentLog, startRelay } from '../../../support/relay.js';

/** What a link lets wait, bytes. */
const BACKLOG = 16_777_216;

/** What the kernel may take besides, both ends of a Unix socket. */
const KERNEL = 2_097_152;

const CODE = `# ${'x'.repeat(65_000)}`;

/** A bridge that is alive by what it says, and may not read. It opens sessions and runs nothing. */
class DeafBridge {
  readonly address: { readonly kind: 'unix'; readonly path: string };
  readonly token = 'a token for nobody';
  /** Names of the executions that were read, in order. */
  readonly read: string[] = [];
  readonly #sockets: Socket[] = [];
  readonly #server = createServer((socket) => {
    const decoder = new FrameDecoder();
    this.#sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const frame of decoder.push(chunk)) {
        if (frame.kind === 'blob') continue;
        const { type, session, execution } = JSON.parse(frame.text) as Record<string, string>;
        if (type === 'auth') this.#welcome(socket);
        else if (type === 'attach') say(socket, { type: 'opened', session, resumed: true, missed: 0 });
        else if (type === 'open') say(socket, { type: 'opened', session, resumed: false, missed: 0 });
        else if (type === 'execute') this.read.push(execution!);
      }
    });
  });

  constructor(path: string) {
    this.address = { kind: 'unix', path };
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(this.address.path, resolve);
    });
  }

  hears(isHearing: boolean): void {
    for (const socket of this.#sockets) {
      if (isHearing) socket.resume();
      else socket.pause();
    }
  }

  /** Breaks its links, as a network does. */
  cut(): void {
    for (const socket of this.#sockets.splice(0)) socket.destroy();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #welcome(socket: Socket): void {
    say(socket, {
      ...{ type: 'ready', version: 1, bridge: 'deaf', sage: 'deaf 0', python: '3', fingerprint: 'deaf' },
      ...{ languages: ['sage'], parked: 1, maxSessions: 1_000 },
    });
    const alive = setInterval(() => {
      say(socket, { type: 'pong' });
    }, 500);
    socket.once('close', () => {
      clearInterval(alive);
    });
  }
}

function say(socket: Socket, event: object): void {
  socket.write(encodeJson(JSON.stringify(event)));
}

async function deaf(): Promise<DeafBridge> {
  const folder = mkdtempSync(join(tmpdir(), 'deaf-bridge-'));
  const bridge = new DeafBridge(join(folder, 's'));
  await bridge.listen();
  onTestFinished(() => {
    bridge.close();
    rmSync(folder, { recursive: true });
  });
  return bridge;
}

function send(link: Bridge, name: string): boolean {
  const [execution, session] = [name as ExecutionId, randomUUID() as string as SessionId];
  return link.send({ type: 'execute', execution, session, code: CODE, stateless: true });
}

/** Sends until no more is taken. @returns names of the executions that were */
async function fill(link: Bridge): Promise<string[]> {
  const sent: string[] = [];
  while (sent.length < 10_000 && send(link, `e${String(sent.length)}`)) {
    sent.push(`e${String(sent.length)}`);
    await new Promise(setImmediate);
  }
  return sent;
}

describe('a bridge that does not read', { timeout: 60_000 }, () => {
  test('has so much waiting for it and no more, and loses nothing of that', async () => {
    const bridge = await deaf();
    const link = (await linkTo(onTestFinished, [bridge])).list()[0]!;
    bridge.hears(false);
    const sent = await fill(link);
    const bytes = sent.length * CODE.length;
    expect(bytes).toBeGreaterThan(BACKLOG - CODE.length);
    expect(bytes).toBeLessThan(BACKLOG + KERNEL);
    bridge.hears(true);
    await vi.waitFor(
      () => {
        expect(bridge.read).toEqual(sent);
      },
      { timeout: 10_000 },
    );
    expect(send(link, 'later')).toBe(true);
  });

  test('has readers told at once that it is busy, and has their work again when it reads', async () => {
    const bridge = await deaf();
    const pool = await linkTo(onTestFinished, [bridge]);
    const relay = await startRelay(onTestFinished, pool);
    const client = await connectClient(relay.url, onTestFinished);
    client.hello();
    client.send({ type: 'open', session: 'old' });
    await client.waitFor('opened');
    bridge.hears(false);
    const sent = await fill(pool.list()[0]!);
    const ended = async (execution: string): Promise<object> =>
      client.waitFor('done', (message) => message.execution === execution);
    client.send({ type: 'execute', execution: 'alone', code: '1' });
    client.send({ type: 'execute', execution: 'in-old', session: 'old', code: '1' });
    client.send({ type: 'open', session: 'new' });
    client.send({ type: 'execute', execution: 'in-new', session: 'new', code: '1' });
    const busy = { status: 'lost', error: { code: 'busy' } };
    expect(await ended('alone')).toMatchObject(busy);
    expect(await ended('in-old')).toMatchObject(busy);
    expect(await client.waitFor('closed')).toMatchObject({ session: 'new', reason: 'refused', code: 'busy' });
    expect(await ended('in-new')).toMatchObject({ status: 'lost' });
    bridge.hears(true);
    await vi.waitFor(
      () => {
        expect(bridge.read).toEqual(sent);
      },
      { timeout: 10_000 },
    );
    client.send({ type: 'execute', execution: 'again', session: 'old', code: '1' });
    await vi.waitFor(() => {
      expect(bridge.read).toEqual([...sent, 'again']);
    });
  });

  test.for([
    { name: 'with a cache', isCached: true },
    { name: 'without a cache', isCached: false },
  ])(
    'whose link comes back is told again all that it ran, however much it is, $name',
    async ({ isCached }) => {
      const bridge = await deaf();
      const cache = isCached ? new ResultCache({ memoryBytes: 1_000_000, log: silentLog }) : undefined;
      onTestFinished(() => cache?.close());
      const pool = await linkTo(onTestFinished, [bridge]);
      const relay = await startRelay(onTestFinished, pool, cache && { cache });
      const names: string[] = [];
      const clients: RawClient[] = [];
      for (let number = 0; number < 40; number += 1) {
        const client = await connectClient(relay.url, onTestFinished);
        client.hello();
        clients.push(client);
        client.send({ type: 'open', session: 's' });
        for (let turn = 0; turn < 8; turn += 1) {
          const execution = `e${String(number)}-${String(turn)}`;
          names.push(execution);
          // Nobody else's, so that nobody waits for another.
          client.send({ type: 'execute', session: 's', execution, code: `${CODE} ${execution}` });
        }
        // One client's fill after the other's: nothing is too much at a time.
        await vi.waitFor(
          () => {
            expect(bridge.read).toContain(names.at(-1));
          },
          { timeout: 10_000 },
        );
      }
      expect(names.length * CODE.length).toBeGreaterThan(BACKLOG + KERNEL);
      bridge.read.length = 0;
      bridge.cut();
      await vi.waitFor(
        () => {
          expect([...bridge.read].sort()).toEqual([...names].sort());
        },
        { timeout: 10_000 },
      );
      expect(clients.flatMap(({ received }) => received).filter(({ type }) => type === 'done')).toEqual([]);
    },
  );

  test('is asked to stop what it runs even when it has no room for more', async () => {
    const bridge = await deaf();
    const pool = await linkTo(onTestFinished, [bridge]);
    const link = pool.list()[0]!;
    bridge.hears(false);
    await fill(link);
    const session = randomUUID() as string as SessionId;
    expect(link.send({ type: 'interrupt', execution: 'e1' as ExecutionId, session })).toBe(true);
  });
});
