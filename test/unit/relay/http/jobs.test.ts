import { beforeAll, describe, expect, test, vi } from 'vitest';
import { BridgePool } from '../../../../relay/bridges/pool.js';
import { ResultCache } from '../../../../relay/cache/result-cache.js';
import { MemoryStore } from '../../../../relay/stores/memory.js';
import { Metrics } from '../../../../relay/observe/metrics.js';
import { LANGUAGES } from '../../../../components/languages.js';
import { LANGUAGE_TITLES } from '../../../../relay/http/api/language-titles.js';
import { Jobs } from '../../../../relay/http/api/jobs.js';
import { Collector } from '../../../../relay/http/collect.js';
import { closeAfterAll } from '../../../support/cleanup.js';
import { checkedFetch, type CheckedFetch } from '../../../support/open-api.js';
import {
  linkTo,
  silentLog,
  startRelay,
  startRelayOnFake,
  type RelayUnderTest,
} from '../../../support/relay.js';
import { startFakeBridge, type FakeBridge } from '../../../support/fake-bridge.js';

const ENDLESS = 'print("begun", flush=True)\nwhile True: pass';

interface JobAnswer {
  readonly id: string;
  readonly status: string;
  readonly url: string;
  readonly outputs: readonly object[];
}

const cleanup = closeAfterAll();
let relay: RelayUnderTest;
let bridge: FakeBridge;
let api: CheckedFetch;

beforeAll(async () => {
  ({ relay, bridge } = await startRelayOnFake(cleanup));
  api = await checkedFetch(relay.url);
});

const post = (body: object, headers: Record<string, string> = {}): Promise<Response> =>
  api('/api/v1/execute', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

const begin = async (): Promise<JobAnswer> =>
  (await (await post({ code: ENDLESS, wait: 0.05 })).json()) as JobAnswer;

const drop = (job: JobAnswer): Promise<Response> => api(job.url, { method: 'DELETE' });

describe('a calculation that takes longer than asked for', { timeout: 30_000 }, () => {
  test('becomes a job, named where it is to be found', async () => {
    const answer = await post({ code: ENDLESS, wait: 0.5 });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('retry-after')).toBe('1');
    const job = (await answer.json()) as JobAnswer;
    expect(answer.headers.get('location')).toBe(job.url);
    expect(job).toMatchObject({ status: 'running', outputs: [{ text: 'begun\n' }] });
    expect((await drop(job)).status).toBe(204);
  });

  test('is asked about with patience, and tells its end at once', async () => {
    const job = await begin();
    const waiting = api(`${job.url}?wait=20`);
    await vi.waitFor(async () => {
      expect((await api(`${job.url}/stop`, { method: 'POST' })).status).toBe(204);
    });
    const ended = (await (await waiting).json()) as JobAnswer;
    expect(ended).toMatchObject({ id: job.id, status: 'killed', outputs: [{ text: 'begun\n' }] });
    // What ended may be asked about as often as anybody likes.
    for (let times = 0; times < 3; times += 1) expect((await api(job.url)).status).toBe(200);
  });

  test('is not to be asked about all the time', async () => {
    const job = await begin();
    expect((await api(job.url)).status).toBe(200);
    const early = await api(job.url);
    expect(early.status).toBe(429);
    expect(early.headers.get('retry-after')).toBe('1');
    expect(await early.json()).toMatchObject({ error: { code: 'too-many' } });
    await vi.waitFor(
      async () => {
        expect((await api(job.url)).status).toBe(200);
      },
      { timeout: 20_000, interval: 50 },
    );
    expect((await api(job.url)).status).toBe(429);
    await drop(job);
  });

  test('is stopped and forgotten by DELETE', async () => {
    const job = await begin();
    const before = bridge.commands.filter(({ type }) => type === 'kill').length;
    expect((await drop(job)).status).toBe(204);
    expect((await api(job.url)).status).toBe(404);
    expect((await drop(job)).status).toBe(404);
    await vi.waitFor(() => {
      expect(bridge.commands.filter(({ type }) => type === 'kill')).toHaveLength(before + 1);
    });
  });

  test('has a name that nobody guesses', async () => {
    const jobs = await Promise.all([begin(), begin()]);
    expect(jobs[0].id).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(jobs[0].id).not.toBe(jobs[1].id);
    await Promise.all(jobs.map(drop));
  });

  test.each(['wait=31', 'wait=-1', 'wait=x', 'wait=', 'until=3'])(
    'is not asked about with %s',
    async (query) => {
      const job = await begin();
      const answer = await api(`${job.url}?${query}`);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: { field: query.split('=')[0] } });
      await drop(job);
    },
  );
});

describe('options of a request', { timeout: 30_000 }, () => {
  test('timeout lowers the limit', async () => {
    await post({ code: 'print(2+2)', timeout: 1.5, limits: { wallMs: 9_000, cpuMs: 800 } });
    const command = bridge.commands.findLast(({ type }) => type === 'execute');
    expect(command).toMatchObject({ limits: { wallMs: 1_500, cpuMs: 800 } });
    expect(command).not.toHaveProperty('timeout');
  });

  test.each([
    ['timeout', 0],
    ['timeout', 'long'],
    ['wait', 31],
    ['wait', -1],
  ])('%s can not be %s', async (field, value) => {
    const answer = await post({ code: '1', [field]: value });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'bad-message', field } });
  });
});

describe('a job of another relay with the same store', { timeout: 30_000 }, () => {
  /** Two relays over one bridge; of each a way to ask. */
  const two = async (): Promise<[CheckedFetch, CheckedFetch, FakeBridge, RelayUnderTest]> => {
    const store = new MemoryStore(1_000_000);
    const shared = await startFakeBridge(cleanup);
    const start = async (): Promise<RelayUnderTest> => {
      const cache = new ResultCache({ memoryBytes: 1_000_000, store, log: silentLog });
      cleanup(() => cache.close());
      return startRelay(cleanup, await linkTo(cleanup, [shared]), { cache, store });
    };
    const [one, other] = [await start(), await start()];
    return [await checkedFetch(one.url), await checkedFetch(other.url), shared, one];
  };
  const beginAt = async (ask: CheckedFetch): Promise<JobAnswer> => {
    const answer = await ask('/api/v1/execute', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: ENDLESS, wait: 0.1 }),
    });
    return (await answer.json()) as JobAnswer;
  };
  const told = async (ask: CheckedFetch, path: string): Promise<JobAnswer> =>
    (await (await ask(path)).json()) as JobAnswer;

  test('is told of, waited for and stopped as one of its own', async () => {
    const [one, other] = await two();
    const job = await beginAt(one);
    await vi.waitFor(async () => {
      expect(await told(other, job.url)).toMatchObject({
        id: job.id,
        status: 'running',
        outputs: [{ text: 'begun\n' }],
      });
    });
    const waiting = told(other, `${job.url}?wait=20`);
    expect((await other(`${job.url}/stop`, { method: 'POST' })).status).toBe(204);
    const ended = { id: job.id, status: 'killed', outputs: [{ text: 'begun\n' }] };
    expect(await waiting).toMatchObject(ended);
    expect(await told(one, job.url)).toMatchObject(ended);
    const page = await other(job.url, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('while True: pass</textarea>');
  });

  test('is forgotten everywhere, and its process ended', async () => {
    const [one, other, shared] = await two();
    const job = await beginAt(one);
    await vi.waitFor(async () => {
      expect((await other(job.url, { method: 'DELETE' })).status).toBe(204);
    });
    await vi.waitFor(
      async () => {
        expect((await one(job.url)).status).toBe(404);
      },
      { timeout: 10_000 },
    );
    expect((await other(job.url)).status).toBe(404);
    expect(shared.commands.map(({ type }) => type)).toContain('kill');
  });

  test('outlives its relay once it has ended, and is told to be lost when it had not', async () => {
    const [one, other, , relay] = await two();
    const [job, left] = [await beginAt(one), await beginAt(one)];
    expect((await one(`${job.url}/stop`, { method: 'POST' })).status).toBe(204);
    await vi.waitFor(async () => {
      expect(await told(one, job.url)).toMatchObject({ status: 'killed' });
    });
    relay.close();
    expect(await told(other, job.url)).toMatchObject({ status: 'killed' });
    const now = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now + 40_000);
    expect(await told(other, `${left.url}?wait=5`)).toMatchObject({ status: 'lost' });
    clock.mockRestore();
  });
});

describe('what is kept', { timeout: 30_000 }, () => {
  test('is bounded in number and age', async () => {
    const pool = await linkTo(cleanup, [await startFakeBridge(cleanup)]);
    const collector = new Collector(pool, () => false, new Metrics({ version: '0' }));
    const jobs = new Jobs(200);
    const keptForLater = [];
    for (let number = 0; number < 1_030; number += 1) {
      const collection = collector.start({ code: 'print(2+2)' }, `e${String(number)}`, () => undefined);
      keptForLater.push(jobs.keep(collection, { code: 'print(2+2)' }));
      if (collector.pending === 200) await Promise.all(keptForLater.map((job) => job.collection.ended));
    }
    await Promise.all(keptForLater.map((job) => job.collection.ended));
    expect(jobs.size).toBeLessThanOrEqual(1_024);
    expect(jobs.find(keptForLater.at(-1)!.id)).toBe(keptForLater.at(-1));
    expect(jobs.find(keptForLater[0]!.id)).toBeUndefined();
    await vi.waitFor(
      () => {
        expect(jobs.size).toBe(0);
      },
      { timeout: 20_000 },
    );
  });
});

describe('people who read pages', { timeout: 30_000 }, () => {
  const page = async (
    path: string,
    init: RequestInit = {},
  ): Promise<{ status: number; html: string; answer: Response }> => {
    const answer = await api(path, { ...init, headers: { accept: 'text/html,*/*;q=0.8' } });
    return { status: answer.status, html: await answer.text(), answer };
  };
  const submit = (fields: Record<string, string>): ReturnType<typeof page> =>
    page('/api/v1/execute', { method: 'POST', body: new URLSearchParams(fields) });

  test('get a form without scripts', async () => {
    const { html, answer } = await page('/api/v1/execute');
    expect(html).toContain('<textarea');
    expect(html).not.toContain('<script');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('get the result as a page, in which nothing is markup', async () => {
    const { status, html } = await submit({ code: 'print("<script>alert(1)</script>")' });
    expect(status).toBe(200);
    expect(html).not.toContain('<script');
    expect(html).toContain('<pre>&#60;script&#62;alert(1)&#60;/script&#62;\n</pre>');
  });

  test('get a page that loads itself again while the code runs, and stop it there', async () => {
    const { status, answer } = await submit({ code: ENDLESS, wait: '0.05' });
    expect(status).toBe(303);
    const url = answer.headers.get('location')!;
    const running = await page(url);
    expect(running.html).toContain('<meta http-equiv="refresh" content="2">');
    expect(running.html).toContain('begun');
    const stopped = await page(`${url}/stop`, { method: 'POST' });
    expect([stopped.status, stopped.answer.headers.get('location')]).toEqual([303, url]);
    await vi.waitFor(
      async () => {
        const { html } = await page(url);
        expect(html).toContain('<title>Ended: killed</title>');
        expect(html).not.toContain('http-equiv="refresh"');
      },
      { timeout: 20_000, interval: 100 },
    );
  });

  test('choose among the languages that there are, and find theirs chosen again', async ({
    onTestFinished,
  }) => {
    const polyglot = await startFakeBridge(onTestFinished);
    polyglot.languages = ['sage', 'python', 'html', 'gap', 'gp'];
    const { url } = await startRelay(onTestFinished, await linkTo(onTestFinished, [polyglot]));
    const offered = async (answer: Response): Promise<string[]> =>
      [...(await answer.text()).matchAll(/<option value="(\w+)"( selected)?>([^<]+)</g)].map(
        ([, name, chosen, title]) => `${name!}: ${title!}${chosen ?? ''}`,
      );
    const headers = { accept: 'text/html' };
    expect(await offered(await fetch(`${url}/api/v1/execute?language=gp`, { headers }))).toEqual([
      'sage: Sage',
      'python: Python',
      'gap: GAP',
      'gp: PARI/GP selected',
      'html: HTML',
    ]);
    const form = (language: string): RequestInit => ({
      method: 'POST',
      headers,
      body: new URLSearchParams({ code: 'print(2+2)', language }),
    });
    expect(await offered(await fetch(`${url}/api/v1/execute`, form('gap')))).toContain('gap: GAP selected');
    // It may be back when the form is sent.
    expect(await offered(await fetch(`${url}/api/v1/execute`, form('r')))).toContain('r: R selected');
  });

  test('find languages called as in the elements', () => {
    expect(LANGUAGES).toMatchObject(LANGUAGE_TITLES);
  });

  test('find their code again when it could not be run', async ({ onTestFinished }) => {
    const { url } = await startRelay(onTestFinished, new BridgePool());
    const answer = await fetch(`${url}/api/v1/execute`, {
      method: 'POST',
      headers: { accept: 'text/html' },
      body: new URLSearchParams({ code: 'print("<mine>")', language: 'python' }),
    });
    expect(answer.status).toBe(503);
    const html = await answer.text();
    expect(html).toMatch(
      /That did not work[^]*<textarea[^>]*>\nprint\(&#34;&#60;mine&#62;&#34;\)<\/textarea>/,
    );
    expect(html).toContain('<option value="python" selected>');
    expect(html).not.toContain('http-equiv="refresh"');
  });

  test('who look at a job too often have it come by itself', async () => {
    const { answer } = await submit({ code: ENDLESS, wait: '0.05' });
    const url = answer.headers.get('location')!;
    await page(url);
    const { status, html } = await page(url);
    expect(status).toBe(429);
    expect(html).toContain('<meta http-equiv="refresh" content="1">');
    await page(`${url}/stop`, { method: 'POST' });
  });

  test('are told what went wrong in a page too', async () => {
    const { status, html } = await page('/api/v1/jobs/nothing-of-that-name-000');
    expect(status).toBe(404);
    expect(html).toContain('There is no such job here');
  });
});
