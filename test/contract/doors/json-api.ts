/** The JSON API over the real Sage, as curl and lynx use it. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkedFetch, type CheckedFetch } from '../../support/open-api.js';
import type { RelayUnderTest } from '../../support/relay.js';

const run = promisify(execFile);

const lynx = ((): string | undefined => {
  try {
    return execFileSync('which', ['lynx'], { encoding: 'utf8' }).trim();
  } catch {
    console.log('lynx is not installed: its test is left out; the pages are read as HTML all the same');
    return undefined;
  }
})();

/** @param relay one that computes, once the tests run */
export function testJsonApi(relay: () => RelayUnderTest): void {
  describe.concurrent('the JSON API on Sage', () => {
    let api: CheckedFetch;
    beforeAll(async () => {
      api = await checkedFetch(relay().url);
    });
    const post = (body: object): Promise<Response> =>
      api('/api/v1/execute', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });

    test('answers a quick calculation at once', async () => {
      const answer = await post({ code: 'factor(2^67 - 1)', wait: 30 });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({
        status: 'ok',
        outputs: [{ kind: 'display', data: { 'text/plain': '193707721 * 761838257287' } }],
      });
    });

    test('answers a slow one with a job, what it put out so far, and its end', async () => {
      const answer = await post({
        code: 'import time\nprint("first", flush=True)\ntime.sleep(3)\nprint("last")',
        wait: 1,
      });
      expect(answer.status).toBe(202);
      const { url } = (await answer.json()) as { url: string };
      const ended = await api(`${url}?wait=30`);
      expect(await ended.json()).toMatchObject({
        status: 'ok',
        outputs: [{ kind: 'stream', text: 'first\nlast\n' }],
      });
    });

    test('lets a request wait longer than idle connections live', async () => {
      const answer = await post({ code: 'import time\ntime.sleep(12)\nprint(1)', wait: 30 });
      expect(await answer.json()).toMatchObject({ status: 'ok', outputs: [{ text: '1\n' }] });
    });

    test('ends what exceeds the timeout asked for', async () => {
      const answer = await post({ code: 'while True: pass', timeout: 0.5, wait: 30 });
      expect(await answer.json()).toMatchObject({ status: 'timeout', limit: 'wall' });
    });

    test('answers a form with a page that shows the plot', async () => {
      const answer = await api('/api/v1/execute', {
        method: 'POST',
        headers: { accept: 'text/html' },
        body: new URLSearchParams({ code: 'print(6*7)\r\nplot(sin, (0, 1))', wait: '30' }),
      });
      const html = await answer.text();
      expect(html).toContain('<pre>42\n</pre>');
      expect(html).toMatch(/<img src="data:image\/(png|svg\+xml);base64,[A-Za-z0-9+/=]{1000,}" alt="/);
    });

    test.skipIf(lynx === undefined)('is used in lynx', async ({ onTestFinished }) => {
      const dir = mkdtempSync(join(tmpdir(), 'lynx-'));
      onTestFinished(() => {
        rmSync(dir, { recursive: true });
      });
      // Its own default is a version of HTTP of 1996.
      writeFileSync(join(dir, 'lynx.cfg'), 'HTTP_PROTOCOL:1.1\n');
      const browse = async (input?: string): Promise<string> => {
        const post = input === undefined ? [] : ['-post_data'];
        const url = `${relay().url}/api/v1/execute`;
        const running = run(lynx!, [`-cfg=${join(dir, 'lynx.cfg')}`, '-dump', '-nolist', ...post, url]);
        running.child.stdin?.end(input);
        return (await running).stdout;
      };
      expect(await browse()).toMatch(/Compute with SageMath[^]*\(BUTTON\) Run/);
      expect(await browse('code=print(6*7)&wait=30\n---\n')).toMatch(/Result\s+42\s/);
      const slow = await browse('code=import time%0Aprint(5)%0Atime.sleep(60)&wait=1\n---\n');
      expect(slow).toMatch(/REFRESH\(2 sec\)[^]*Computing[^]*\(BUTTON\) Stop\s+5\s/);
    });
  });
}
