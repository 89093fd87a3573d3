import { describe, expect, test } from 'vitest';
import { parseNetwork } from '../../../../relay/address.js';
import { Admission, type AdmissionOptions, type Request } from '../../../../relay/admission/admission.js';
import type { Visit } from '../../../../relay/admission/visit.js';
import { RelayError } from '../../../../relay/errors.js';

/** Comes from `address`, through a proxy of this machine. */
const from = (address: string, origin = ''): Request => ({
  peer: { remote: '127.0.0.1', proxied: '', forwardedFor: address, forwarded: '' },
  origin,
  host: 'relay.example',
});

function setUp(options: Partial<AdmissionOptions> = {}) {
  let now = 1_000_000;
  const refusals: string[] = [];
  const admission = new Admission({
    allowedOrigins: '*',
    trustedProxies: [parseNetwork('127.0.0.0/8')!],
    now: () => now,
    refused: (reason) => refusals.push(reason),
    ...options,
  });
  return {
    admission,
    refusals,
    pass: (ms: number) => {
      now += ms;
    },
    /** A client that said who it is. */
    enter: (address: string, key?: string): Visit => {
      const visit = admission.connection(from(address));
      try {
        void visit.identify(key);
      } catch (error) {
        visit.leave();
        throw error;
      }
      return visit;
    },
  };
}

/** What is refused, and when to come again. */
function refusal(act: () => unknown): { code: string; retryAfterMs: number; status: string } {
  try {
    act();
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    return { code: error.code, retryAfterMs: error.detail.retryAfterMs ?? -1, status: error.status };
  }
  throw new Error('Nothing was refused.');
}

describe('connections', () => {
  test('are so many for each client, and free again when it leaves', () => {
    const { enter } = setUp({ perClient: { connections: 2 } });
    const first = enter('203.0.113.1');
    enter('203.0.113.1');
    expect(refusal(() => enter('203.0.113.1'))).toMatchObject({
      code: 'busy',
      status: '429 Too Many Requests',
    });
    enter('203.0.113.2');
    first.leave();
    first.leave();
    enter('203.0.113.1');
    expect(refusal(() => enter('203.0.113.1')).code).toBe('busy');
  });

  test('are so many for each address before anybody says who it is', () => {
    const { admission, refusals } = setUp({ connectionsPerAddress: 2 });
    admission.connection(from('203.0.113.1'));
    const second = admission.connection(from('203.0.113.1'));
    expect(refusal(() => admission.connection(from('203.0.113.1'))).retryAfterMs).toBeGreaterThan(0);
    second.leave();
    admission.connection(from('203.0.113.1'));
    expect(refusals).toEqual(['connections']);
  });

  test('are so many for all together, those of this machine included', () => {
    const { admission } = setUp({ total: { connections: 2 } });
    admission.connection(from('203.0.113.1'));
    admission.connection(from(''));
    expect(refusal(() => admission.connection(from(''))).code).toBe('busy');
  });

  test('of one IPv6 customer are counted as one client’s', () => {
    const { enter } = setUp({ perClient: { connections: 1 } });
    enter('2001:db8:0:1::1');
    expect(refusal(() => enter('2001:db8:0:1:ffff::2')).code).toBe('busy');
    enter('2001:db8:0:2::1');
  });
});

describe('sessions', () => {
  test('are so many at a time, until each is over', () => {
    const { enter } = setUp({ perClient: { sessions: 2 } });
    const visit = enter('203.0.113.1');
    const over = visit.holdSession(true);
    visit.holdSession(true);
    expect(refusal(() => visit.holdSession(true)).code).toBe('busy');
    // A session outlives its client.
    visit.leave();
    const again = enter('203.0.113.1');
    expect(refusal(() => again.holdSession(true)).code).toBe('busy');
    over();
    over();
    again.holdSession(true);
    expect(refusal(() => again.holdSession(true)).code).toBe('busy');
  });

  test('that are taken up again are never refused', () => {
    const { enter } = setUp({ perClient: { sessions: 1, sessionsPerMinute: 1 } });
    const visit = enter('203.0.113.1');
    visit.holdSession(true);
    visit.holdSession(false);
    expect(refusal(() => visit.holdSession(true)).code).toBe('busy');
  });

  test('are so many new ones a minute', () => {
    const { enter, pass } = setUp({ perClient: { sessionsPerMinute: 3 } });
    const visit = enter('203.0.113.1');
    for (let count = 0; count < 3; count += 1) visit.holdSession(true)();
    expect(refusal(() => visit.holdSession(true)).retryAfterMs).toBe(20_000);
    pass(19_999);
    expect(refusal(() => visit.holdSession(true)).retryAfterMs).toBe(1);
    pass(1);
    visit.holdSession(true)();
  });
});

describe('executions', () => {
  test('may come a minute’s worth at once, then one by one', () => {
    const { enter, pass, refusals } = setUp({ perClient: { executionsPerMinute: 60 } });
    const visit = enter('203.0.113.1');
    for (let count = 0; count < 60; count += 1) visit.execute();
    expect(refusal(() => visit.execute()).retryAfterMs).toBe(1_000);
    // To connect anew helps nobody.
    visit.leave();
    const again = enter('203.0.113.1');
    expect(refusal(() => again.execute()).retryAfterMs).toBe(1_000);
    pass(1_000);
    again.execute();
    pass(60_000);
    for (let count = 0; count < 60; count += 1) again.execute();
    expect(refusal(() => again.execute()).code).toBe('busy');
    expect(refusals).toEqual(['execution-rate', 'execution-rate', 'execution-rate']);
  });

  test('of all clients that have not ended are bounded, and end with their client', () => {
    const { enter } = setUp({ executions: 2 });
    const one = enter('203.0.113.1');
    const other = enter('203.0.113.2');
    one.execute();
    other.execute();
    expect(refusal(() => one.execute()).code).toBe('busy');
    one.executed();
    one.executed();
    one.execute();
    expect(refusal(() => one.execute()).code).toBe('busy');
    other.leave();
    one.execute();
  });

  test('do not begin while too much waits for readers', () => {
    const { admission, enter } = setUp({ queuedBytes: 100 });
    const visit = enter('203.0.113.1');
    admission.queued = 100;
    expect(refusal(() => visit.execute()).code).toBe('busy');
    admission.queued = 99;
    visit.execute();
  });

  test('wait until bytes are paid off; nothing that is said is refused', () => {
    const { enter, pass } = setUp({ perClient: { bytesPerMinute: 6_000 } });
    const visit = enter('203.0.113.1');
    visit.carried(6_000);
    visit.carried(3_000);
    expect(refusal(() => visit.execute()).retryAfterMs).toBeCloseTo(30_010, -2);
    expect(refusal(() => visit.holdSession(true)).code).toBe('busy');
    pass(31_000);
    visit.execute();
  });
});

test('clients of this machine have no limits of their own', () => {
  const { enter } = setUp({ perClient: { connections: 1, executionsPerMinute: 1, sessions: 0 } });
  const visit = enter('');
  enter('');
  for (let count = 0; count < 100; count += 1) visit.execute();
  visit.holdSession(true);
});

describe('embed keys', () => {
  const key = {
    id: 'book',
    origins: ['https://book.example.org'],
    perClient: { executionsPerMinute: 2 },
    total: { executionsPerMinute: 3 },
  };

  test('have limits for each of their clients and for all of them', () => {
    const { enter } = setUp({ embedKeys: [key], perClient: { executionsPerMinute: 1 } });
    const one = enter('203.0.113.1', 'book');
    one.execute();
    one.execute();
    expect(refusal(() => one.execute()).code).toBe('busy');
    const other = enter('203.0.113.2', 'book');
    other.execute();
    expect(refusal(() => other.execute()).code).toBe('busy');
    enter('203.0.113.2').execute();
  });

  test('let pages in that may not come without one', () => {
    const { admission, refusals } = setUp({ embedKeys: [key], allowedOrigins: [] });
    const meet = (origin: string): Visit => admission.request(from('203.0.113.1', origin));
    expect(refusal(() => meet('https://other.example')).code).toBe('unauthorized');
    expect(refusal(() => meet('https://book.example.org').identify(undefined)).code).toBe('unauthorized');
    expect(refusal(() => meet('https://book.example.org').identify('nobody')).code).toBe('unauthorized');
    expect(meet('https://book.example.org').identify('book')).toBeUndefined();
    // The relay's own pages, and programs.
    expect(meet('https://relay.example').identify(undefined)).toBeUndefined();
    expect(meet('').identify(undefined)).toBeUndefined();
    expect(refusals).toEqual(['origin', 'origin', 'key']);
  });

  test('can be required of everybody', () => {
    const { admission } = setUp({ embedKeys: [key], requiresKey: true });
    const visit = admission.request(from(''));
    expect(refusal(() => visit.identify(undefined)).code).toBe('unauthorized');
    expect(visit.identify('book')).toBeUndefined();
  });
});

test('clients are remembered in bounded memory', () => {
  const { admission, enter } = setUp({ perClient: { executionsPerMinute: 1 } });
  const before = process.memoryUsage().heapUsed;
  for (let count = 0; count < 200_000; count += 1) {
    admission.accountOf(`10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`);
  }
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
  // One that is here is not forgotten.
  const visit = enter('203.0.113.1');
  visit.execute();
  expect(refusal(() => visit.execute()).code).toBe('busy');
});
