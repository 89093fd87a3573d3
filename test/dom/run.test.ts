import { describe, expect, it } from 'vitest';
import type { SageCell } from '../../components/index.js';
import { cell, ended, open, openAndRun, outputText, run, useBrowser } from './browser.js';

useBrowser();

describe('a run', () => {
  it('marks the line that failed, painted or in the editor, until the next run', async () => {
    const { page, relay } = await openAndRun('<sage-cell>a = 1\nb = 1/0\nc = 3</sage-cell>', (r) =>
      r.raise('ZeroDivisionError', 'division by zero', 2),
    );
    expect(await cell(page).locator('.error-line').allTextContents()).toEqual(['b = 1/0\n']);
    await cell(page).getByRole('button', { name: 'line 2' }).click();
    await page.locator('.cm-content').waitFor();
    expect(await cell(page).locator('.error-line').allTextContents()).toEqual(['b = 1/0']);
    relay.script = (r) => r.done();
    await run(page);
    await ended(page);
    expect(await cell(page).locator('.error-line').count()).toBe(0);
  });

  it('waits for room on a busy server, and says so, before it gives up', async () => {
    let tries = 0;
    const { page } = await open('<sage-cell>1</sage-cell>', (r) => {
      tries += 1;
      if (tries < 3) {
        r.done({ status: 'lost', message: 'Busy.', error: { code: 'busy', retryAfterMs: 600 } });
      } else {
        r.print('here\n');
        r.done();
      }
    });
    await run(page);
    await cell(page).getByText('Waiting for a free worker').waitFor();
    await ended(page);
    expect(await outputText(page)).toBe('here\n');
  });

  it('shows a stopwatch and Stop only when it takes a while', async () => {
    const { page } = await open('<sage-cell>1</sage-cell>', (r) => r.running());
    await run(page);
    expect(await cell(page).locator('.stop').isVisible()).toBe(false);
    expect((await cell(page).locator('.status').innerText()).trim()).toBe('');
    await cell(page).locator('.stop').waitFor();
    await expect.poll(() => cell(page).locator('.status').innerText()).toMatch(/Running 1\.\d s/);
  });

  it('that does not react to Stop can be ended by force', async () => {
    const { page, relay } = await open('<sage-cell session="s">1</sage-cell>', (r) => {
      r.running();
      r.onKill = () => {
        r.done({ status: 'killed', message: 'The process was ended.' });
        r.closed('killed', 'The process was ended.');
      };
    });
    await run(page);
    await cell(page).getByRole('button', { name: 'Stop' }).click();
    await cell(page).getByRole('button', { name: 'Force stop' }).click();
    await ended(page);
    const said = relay.received.map(({ type }) => type).filter((type) => type !== 'ack' && type !== 'budget');
    expect(said).toEqual(['hello', 'open', 'execute', 'interrupt', 'kill']);
    expect(await cell(page).getAttribute('status')).toBe('dead');
    await cell(page).getByText('The variables of this session are gone.').waitFor();
    relay.script = (r) => r.done();
    await cell(page).getByRole('button', { name: 'Run again' }).click();
    await ended(page);
    expect(await cell(page).getAttribute('status')).toBe('done');
  });

  it('goes through to its end over a connection that breaks', async () => {
    let runs = 0;
    const { page, relay } = await open('<sage-cell>1</sage-cell>', (r) => {
      runs += 1;
      r.running();
      r.print(`try ${String(runs)}\n`);
      if (runs === 2) r.done();
    });
    await run(page);
    await expect.poll(() => outputText(page)).toContain('try 1');
    relay.drop();
    await ended(page);
    expect(await outputText(page)).toBe('try 2\n');
    expect(relay.connectionCount).toBe(2);
  });

  it('says which limit ended it, and that output was dropped', async () => {
    const { page } = await openAndRun('<sage-cell>1</sage-cell>', (r) =>
      r.done({
        status: 'timeout',
        limit: 'cpu',
        message: 'Stopped after 30 s of processor time.',
        truncated: true,
      }),
    );
    const notice = await cell(page).locator('.notice').innerText();
    expect(notice).toContain('30 s of processor time');
    expect(notice).toContain('dropped');
  });

  it('asks the reader and goes on with the answer, which stays as part of the text', async () => {
    const { page } = await open('<sage-cell>n = input("How many? ")</sage-cell>', (r) => {
      r.running();
      r.put({ kind: 'prompt', text: 'How many? ', isSecret: false });
      r.onAnswer = (text) => {
        r.print(`You said ${String(text)}.\n`);
        r.done();
      };
    });
    await run(page);
    const line = page.getByLabel('How many?');
    // The reader's focus was on Run, so the line to type gets it.
    await expect
      .poll(() => line.evaluate((input) => (input.getRootNode() as ShadowRoot).activeElement === input))
      .toBe(true);
    await page.keyboard.type('seven');
    await page.keyboard.press('Enter');
    await ended(page);
    expect(await outputText(page)).toBe('How many? seven\nYou said seven.\n');
  });

  it('shows nothing of a secret answer, and takes no answer when it has ended', async () => {
    const answers: (string | undefined)[] = [];
    const { page } = await open('<sage-cell>1</sage-cell>', (r) => {
      r.running();
      r.put({ kind: 'prompt', text: 'Password: ', isSecret: true });
      r.onAnswer = (text) => {
        answers.push(text);
        r.put({ kind: 'prompt', text: 'Again: ', isSecret: true });
        r.onAnswer = undefined;
        r.done({ status: 'timeout', limit: 'wall', message: 'Too slow.' });
      };
    });
    await run(page);
    const line = page.getByLabel('Password:');
    expect(await line.getAttribute('type')).toBe('password');
    await line.fill('open sesame');
    await line.press('Enter');
    await ended(page);
    expect(answers).toEqual(['open sesame']);
    expect(await outputText(page)).not.toContain('sesame');
    expect(await page.locator('sage-cell form').count()).toBe(0);
  });

  it('tells the page what happens by events, and its end by the promise', async () => {
    const { page } = await open('<sage-cell session="s" language="python">1</sage-cell>', (r) => {
      r.running();
      r.print('a');
      r.raise('ValueError', 'no', 1);
    });
    const story = await page.evaluate(async () => {
      const told: string[] = [];
      for (const type of ['run', 'output', 'done', 'status', 'error']) {
        document.addEventListener(`sage-${type}`, (event) => {
          const { status, code, failure, result } = event as Event & {
            status?: string;
            code?: string;
            failure?: { message: string };
            result?: { status: string };
          };
          told.push([type, status, code, failure?.message, result?.status].filter(Boolean).join(' '));
        });
      }
      const element = document.querySelector<SageCell>('sage-cell');
      const result = await element?.run();
      return { told, status: result?.status, matches: element?.matches(':state(error)') };
    });
    expect(story.told).toEqual([
      'run 1',
      'status connecting',
      'status running',
      'output',
      'error no',
      'output',
      'status error',
      'done error',
    ]);
    expect(story.status).toBe('error');
    expect(story.matches).toBe(true);
  });

  it('starts by itself where the author says so', async () => {
    const { page, relay } = await open('<sage-cell autorun>1</sage-cell>', (r) => r.done());
    await ended(page);
    expect(relay.received.filter(({ type }) => type === 'execute')).toHaveLength(1);
  });

  it('without a server says so and can be tried again', async () => {
    const { page, relay } = await open('<sage-cell server="http://127.0.0.1:9/">1</sage-cell>', (r) =>
      r.done(),
    );
    await run(page);
    await cell(page).getByText('Connecting…').waitFor();
    await cell(page).getByRole('button', { name: 'Stop' }).click();
    await ended(page);
    await cell(page).evaluate((c) => c.removeAttribute('server'));
    await run(page);
    await expect.poll(() => relay.received.length).toBeGreaterThan(0);
  });
});
