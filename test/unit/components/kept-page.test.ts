import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeptPage } from '../../../components/run/kept-page.js';
import { pageName } from '../../../components/run/left-behind.js';
import { MAX_RECORDED_LENGTH, RunRecord } from '../../../components/run/run-record.js';
import { SESSION_GRACE_MS, type Output } from '../../../relay/protocol/index.js';
import { makeClient, recorder } from './memory-relay.js';

const SERVER = 'http://relay.test/';

/** What a record shows, whomever it belongs to. */
const shownOf = (record: RunRecord | undefined): Output[] | undefined =>
  record?.outputs.map(({ output }) => output);

/** A tab's storage. */
class MemoryStorage {
  readonly items = new Map<string, string>();
  isForbidden = false;

  get length(): number {
    if (this.isForbidden) throw new Error('SecurityError');
    return this.items.size;
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(name: string): string | null {
    return this.items.get(name) ?? null;
  }
  setItem(name: string, value: string): void {
    if (this.isForbidden) throw new Error('QuotaExceededError');
    this.items.set(name, value);
  }
  removeItem(name: string): void {
    this.items.delete(name);
  }
}

let storage: MemoryStorage;

beforeEach(() => {
  storage = new MemoryStorage();
  vi.stubGlobal('sessionStorage', storage);
  vi.stubGlobal('location', { pathname: '/chapter', search: '?1' });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A page with a client that has opened a session and runs one execution there. */
function loadPage() {
  const page = new EventTarget();
  const kept = new KeptPage(page);
  const made = makeClient();
  const session = kept.session(made.client, SERVER, 'chapter');
  const run = (code: string, cell = 'a') => {
    const execution = made.client.execute(code, { session });
    return { execution, record: kept.record(session, cell, { code, language: 'sage' }, execution) };
  };
  return { page, kept, session, run, ...made };
}

function begin() {
  const loaded = loadPage();
  const { execution, record } = loaded.run('print(1)');
  loaded.last().welcome();
  loaded.last().opened(loaded.session.wireId);
  loaded.last().output(execution.id, 'one\n', { session: loaded.session.wireId, seq: 1 });
  return { ...loaded, execution, record, leave: () => loaded.page.dispatchEvent(new Event('pagehide')) };
}

describe('a page that is loaded again', () => {
  it('resumes its session after the last message and takes up what runs', () => {
    const { execution, leave } = begin();
    leave();
    const { kept, client, last, session } = loadPage();
    last().accept();
    expect(last().only('open')).toMatchObject({ token: 'token-of-sixteen-letters', after: 1 });
    // The server has spoken of it: it is not sent again.
    expect(last().all('execute')).toEqual([]);
    const record = kept.claim(session, 'a');
    expect(shownOf(record)).toEqual([{ kind: 'stream', name: 'stdout', text: 'one\n' }]);
    const { log, observer } = recorder();
    record?.execution?.observe(observer);
    last().opened(session.wireId, true);
    last().output(execution.id, 'two\n', { session: session.wireId, seq: 2 });
    last().done(execution.id, { session: session.wireId, seq: 3 });
    expect(log.filter((line) => !/running|queued|connecting/.test(line))).toEqual(['two\n', 'done ok']);
    expect(record?.keep()).toMatchObject({
      result: { status: 'ok' },
      outputs: [{}, { output: { text: 'two\n' } }],
    });
    expect(kept.claim(session, 'a')).toBeUndefined();
    client.close();
  });

  it('sends again what the server may not have heard of, under the same name', () => {
    const { run, leave } = begin();
    const { execution } = run('print(2)', 'b');
    leave();
    const { last } = loadPage();
    last().accept();
    expect(last().only('execute')).toMatchObject({ execution: execution.id, code: 'print(2)' });
  });

  it('finds nothing while another page of the tab shows it, so that a copy has sessions of its own', () => {
    begin().leave();
    loadPage();
    expect(storage.items.size).toBe(0);
    const { session, last } = loadPage();
    expect(session.state).toBe('unopened');
    expect(() => last()).toThrow('no socket');
  });

  it('finds nothing when it comes back itself with all it knows', () => {
    const { page, leave } = begin();
    leave();
    page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    expect(storage.items.size).toBe(0);
  });

  it('finds nothing after the time for which sessions wait, nor in what it does not understand', () => {
    begin().leave();
    const later = Date.now() + SESSION_GRACE_MS + 1_000;
    expect(new KeptPage(new EventTarget(), () => later).mayClaim(SERVER, 'chapter')).toBe(false);
    expect(storage.items.size).toBe(0);
    for (const text of ['{', 'null', '7', '{"version":99}', '[]']) {
      storage.setItem(pageName(), text);
      expect(new KeptPage(new EventTarget()).mayClaim(SERVER, 'chapter')).toBe(false);
    }
  });

  it('leaves nothing of a session that has ended, or was never opened', () => {
    const { session, last, leave, page } = begin();
    last().say({ type: 'closed', session: session.wireId, reason: 'closed', message: '' });
    leave();
    expect(storage.items.size).toBe(0);
    loadPage();
    page.dispatchEvent(new Event('pagehide'));
    expect(storage.items.size).toBe(0);
  });

  it('is told when the session is not given back', () => {
    begin().leave();
    const { session, last, kept } = loadPage();
    const ends: string[] = [];
    session.observe({ ended: ({ reason, code }) => ends.push(`${reason} ${String(code)}`) });
    const record = kept.claim(session, 'a');
    last().welcome();
    const closed = { type: 'closed', session: session.wireId, reason: 'refused', message: 'Expired.' };
    last().say({ ...closed, code: 'unauthorized' });
    expect(ends).toEqual(['lost session-lost']);
    expect(record?.result).toMatchObject({ status: 'lost', error: { code: 'session-lost' } });
  });

  it('does without where there is no storage', () => {
    storage.isForbidden = true;
    const { leave } = begin();
    expect(leave).not.toThrow();
    expect(loadPage().session.state).toBe('unopened');
  });

  it('keeps the session, and as much output as there is room for', () => {
    const { run, last, session, leave } = begin();
    const text = 'x'.repeat(30_000);
    let seq = 1;
    for (let cell = 0; cell < 15; cell += 1) {
      const { execution } = run(String(cell), `c${String(cell)}`);
      for (let count = 0; count < 4; count += 1)
        last().output(execution.id, text, { session: session.wireId, seq: (seq += 1) });
    }
    leave();
    const left = [...storage.items.values()].join('').length;
    expect(left).toBeGreaterThan(1_200_000);
    expect(left).toBeLessThan(1_600_000);
    const again = loadPage();
    again.last().accept();
    expect(again.last().only('open')).toMatchObject({ after: 61 });
  });
});

describe('a record of a run', () => {
  const make = () => {
    const { client, last } = makeClient();
    const execution = client.execute('1');
    last().welcome();
    const kept = { cell: 'a', code: '1', language: 'sage', outputs: [], isCut: false } as const;
    return { client: client, last, execution, record: new RunRecord(kept, execution) };
  };

  it('has what counts after a clear, and no more than its bound', () => {
    const { last, execution, record } = make();
    const text = 'x'.repeat(MAX_RECORDED_LENGTH / 5);
    for (let count = 0; count < 5; count += 1) last().output(execution.id, text);
    expect([record.isCut, record.outputs.length]).toEqual([true, 4]);
    last().output(execution.id, 'later');
    expect(record.outputs.length).toBe(4);
    last().say({ type: 'output', execution: execution.id, output: { kind: 'clear' } });
    last().output(execution.id, 'after');
    expect([record.isCut, shownOf(record)]).toEqual([
      false,
      [{ kind: 'stream', name: 'stdout', text: 'after' }],
    ]);
  });

  it('has nothing of what was taken back, and room for what takes its place', () => {
    const { last, execution, record } = make();
    const say = (output: Output): void => {
      last().say({ type: 'output', execution: execution.id, output });
    };
    const data = { 'text/plain': 'x'.repeat(MAX_RECORDED_LENGTH / 3) };
    for (let count = 0; count < 20; count += 1) {
      say({ kind: 'display', data, result: false });
      say({ kind: 'retract' });
    }
    last().output(execution.id, 'after');
    expect([record.isCut, shownOf(record)]).toEqual([
      false,
      [{ kind: 'stream', name: 'stdout', text: 'after' }],
    ]);
  });

  it('tells a question that was answered as text, and no secret', () => {
    const { last, execution, record } = make();
    const ask = (text: string, isSecret: boolean): void => {
      last().say({ type: 'output', execution: execution.id, output: { kind: 'prompt', text, isSecret } });
    };
    ask('Name? ', false);
    record.answered('me');
    ask('Key? ', true);
    record.answered('secret');
    expect(shownOf(record)).toEqual([
      { kind: 'stream', name: 'stdout', text: 'Name? me\n' },
      { kind: 'stream', name: 'stdout', text: 'Key? \n' },
    ]);
  });
});
