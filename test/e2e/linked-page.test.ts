import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Page } from 'playwright-core';
import { processesBelow } from '../support/processes.js';
import { useLive } from './live.js';

/** A textbook page: each cell uses what those before it made. */
const CELLS = [
  'R.&lt;x> = QQ[]; p0 = x + 1',
  ...Array.from(
    { length: 28 },
    (_, index) =>
      `p${String(index + 1)} = p${String(index)} * (x + ${String(index + 2)}); p${String(index + 1)}.degree()`,
  ),
  'print(p28(0))',
];

const FACTORIAL_29 = '8841761993739701954543616000000';

const live = useLive();

interface Told {
  readonly status: string;
  readonly cached: string | false;
  readonly text: string;
}

/** Opens the page as another reader and runs its cells in order, after an edit of one if wanted. */
async function read(url: string, edit?: { readonly cell: number; readonly code: string }): Promise<Told[]> {
  const page: Page = await live().open(url);
  await page.waitForFunction(() => customElements.get('sage-cell') !== undefined);
  const told = await page.evaluate(async (change) => {
    const cells = [...document.querySelectorAll('sage-cell')];
    if (change) cells[change.cell - 1]!.code = change.code;
    const ends = [];
    for (const cell of cells) {
      const { status, cached } = await cell.run();
      const output = cell.shadowRoot?.querySelector('[part~=output]');
      ends.push({ status, cached, text: output?.textContent.trim() ?? '' });
    }
    return ends;
  }, edit);
  await page.close();
  return told;
}

/** Each worker serves one session: whoever was there before and is there still was not used. */
const workers = (): Set<number> => new Set(processesBelow(live().relayPid).map(({ pid }) => pid));

it('a page of thirty linked cells needs Sage for its first reader and for who edits it, and for nobody else', async () => {
  const author = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    const cells = CELLS.map((code) => `<sage-cell session="chapter">${code}</sage-cell>`).join('\n');
    response.end(
      `<!doctype html><title>A chapter</title><script type="module" src="${live().url}/sdk/sage-embed.js"></script>${cells}`,
    );
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void author.close());
  await once(author, 'listening');
  const url = `http://127.0.0.1:${String((author.address() as AddressInfo).port)}/`;

  const first = await read(url);
  expect(first.map(({ status }) => status)).toEqual(CELLS.map(() => 'ok'));
  expect(first.map(({ cached }) => cached)).toEqual(CELLS.map(() => false));
  expect(first.at(-1)?.text).toContain(FACTORIAL_29);

  const before = workers();
  const second = await read(url);
  expect(second.map(({ cached }) => cached)).toEqual(CELLS.map(() => 'memory'));
  expect(second.map(({ text }) => text)).toEqual(first.map(({ text }) => text));
  expect(workers()).toEqual(before);

  const third = await read(url, { cell: 12, code: 'p11 = p10 * (x - 12); p11.degree()' });
  expect(third.map(({ status }) => status)).toEqual(CELLS.map(() => 'ok'));
  expect(third.slice(0, 11).every(({ cached }) => cached === 'memory')).toBe(true);
  expect(third.slice(11).every(({ cached }) => cached === false)).toBe(true);
  expect(third.at(-1)?.text).toContain(`-${FACTORIAL_29}`);
});
