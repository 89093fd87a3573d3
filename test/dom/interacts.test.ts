import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Control, ControlValue, Frame, InteractView } from '../../relay/protocol/index.js';
import { INTERACT_CHANGE_TYPE, INTERACT_TYPE } from '../../relay/protocol/index.js';
import type { SageCell } from '../../components/index.js';
import { violations } from './axe.js';
import { cell, ended, open, run, useBrowser } from './browser.js';
import type { FakeRelay, ScriptedRun } from './fake-relay.js';
import { EVERY_CONTROL, framesOf, interactScript, make, viewOf } from './interact-script.js';

useBrowser();

const CODE = '<sage-cell>@interact\ndef f(n=(1..10)): print(n)</sage-cell>';

const SLIDER: Control = {
  control: 'slider',
  name: 'x',
  label: 'x',
  value: 2,
  min: 0,
  max: 10,
  step: 0.5,
  showsValue: true,
};

/** A cell that was run and shows that interact. */
async function shown(
  view: InteractView,
  frame?: Parameters<typeof interactScript>[1],
  options?: Parameters<typeof open>[2],
): Promise<{ page: Page; relay: FakeRelay; panel: Locator; control: (name: string) => Locator }> {
  const { page, relay } = await open(CODE, interactScript(view, frame), options);
  await run(page);
  await ended(page);
  const panel = cell(page).locator('.interact').first();
  await panel.waitFor();
  return { page, relay, panel, control: (name) => panel.locator(`[id$="-${name}"]`) };
}

const withControls = (...controls: Control[]): ReturnType<typeof shown> => shown(viewOf(controls));

/** The values of the frame that was asked for last, once there are so many. */
async function lastFrame(relay: FakeRelay, count = 1): Promise<Frame> {
  await expect.poll(() => framesOf(relay).length).toBeGreaterThanOrEqual(count);
  const frame = framesOf(relay).at(-1);
  if (frame === undefined) throw new Error('no frame');
  return frame;
}

const valueOf = async (relay: FakeRelay, name: string, count = 1): Promise<ControlValue | undefined> =>
  (await lastFrame(relay, count)).values[name];

describe('what a control sends', () => {
  it('a slider by the keyboard: every step, the last one at least', async () => {
    const { page, relay, control } = await withControls(SLIDER);
    await control('x').focus();
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowRight');
    await expect.poll(() => framesOf(relay).at(-1)?.values['x']).toBe(3.5);
    expect(framesOf(relay).at(-1)?.changed).toEqual(['x']);
    await page.keyboard.press('End');
    await expect.poll(() => framesOf(relay).at(-1)?.values['x']).toBe(10);
  });

  it('a slider by the pointer', async () => {
    const { page, relay, control } = await withControls(SLIDER);
    const box = await control('x').boundingBox();
    if (box === null) throw new Error('not shown');
    await page.mouse.click(box.x + box.width - 2, box.y + box.height / 2);
    expect(await valueOf(relay, 'x')).toBe(10);
  });

  it('the number typed beside a slider, between its steps too, and never outside its ends', async () => {
    const { page, relay, panel } = await withControls(SLIDER);
    const field = panel.getByRole('textbox', { name: 'x, value' });
    await field.fill('3.14');
    await page.keyboard.press('Enter');
    expect(await valueOf(relay, 'x')).toBe(3.14);
    await field.fill('99');
    await page.keyboard.press('Tab');
    expect(await valueOf(relay, 'x', 2)).toBe(10);
    await field.fill('nonsense');
    await page.keyboard.press('Tab');
    expect(await field.inputValue()).toBe('10');
    expect(framesOf(relay)).toHaveLength(2);
  });

  it('a slider with labels: the index, which is shown and read out by its label', async () => {
    const { page, relay, panel, control } = await withControls({
      control: 'slider',
      name: 'p',
      label: 'prime',
      value: 1,
      min: 0,
      max: 3,
      step: 1,
      labels: ['two', 'three', 'five', 'seven'],
      showsValue: true,
    });
    expect(await control('p').getAttribute('aria-valuetext')).toBe('three');
    await control('p').focus();
    await page.keyboard.press('ArrowRight');
    expect(await valueOf(relay, 'p')).toBe(2);
    expect(await control('p').getAttribute('aria-valuetext')).toBe('five');
    expect(await panel.locator('.shown').innerText()).toBe('five');
    await page.keyboard.press('ArrowRight');
    expect(await panel.locator('.shown').innerText()).toBe('seven');
  });

  const RANGE: Control = {
    control: 'slider',
    name: 'r',
    label: 'window',
    value: [2, 6],
    min: 0,
    max: 10,
    step: 1,
    showsValue: true,
  };

  it('a slider with two handles by the keyboard: neither passes the other', async () => {
    const { page, relay, panel } = await withControls(RANGE);
    await panel.getByRole('slider', { name: 'window, from' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await valueOf(relay, 'r')).toEqual([3, 6]);
    await page.keyboard.press('End');
    await expect.poll(() => framesOf(relay).at(-1)?.values['r']).toEqual([6, 6]);
    await panel.getByRole('slider', { name: 'window, to' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => framesOf(relay).at(-1)?.values['r']).toEqual([6, 7]);
  });

  it('a slider with two handles by the pointer: the nearer one comes along, and values can be typed', async () => {
    const { page, relay, panel } = await withControls(RANGE);
    const box = await panel.locator('.two').boundingBox();
    if (box === null) throw new Error('not shown');
    const at = (share: number): number => box.x + 10 + share * (box.width - 20);
    await page.mouse.move(at(0.2), box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(at(0.1), box.y + box.height / 2, { steps: 3 });
    await page.mouse.up();
    await expect.poll(() => framesOf(relay).at(-1)?.values['r']).toEqual([1, 6]);
    await page.mouse.click(at(0.9), box.y + box.height / 2);
    await expect.poll(() => framesOf(relay).at(-1)?.values['r']).toEqual([1, 9]);
    await panel.getByRole('textbox', { name: 'window, to, value' }).fill('4.5');
    await page.keyboard.press('Enter');
    await expect.poll(() => framesOf(relay).at(-1)?.values['r']).toEqual([1, 4.5]);
  });

  it('a bank of sliders: the whole list', async () => {
    const { page, relay, panel } = await withControls({
      control: 'sliders',
      name: 'a',
      label: 'a',
      value: [0, 0.5],
      showsValue: true,
      sliders: [
        { min: 0, max: 1, step: 0.1 },
        { min: 0, max: 1, step: 0.1 },
      ],
    });
    await panel.getByRole('slider', { name: 'a, 2' }).focus();
    await page.keyboard.press('ArrowUp');
    expect(await valueOf(relay, 'a')).toEqual([0, 0.6]);
  });

  it('a checkbox', async () => {
    const { relay, panel } = await withControls({
      control: 'checkbox',
      name: 'on',
      label: 'grid',
      value: false,
    });
    await panel.getByRole('checkbox', { name: 'grid' }).check();
    expect(await valueOf(relay, 'on')).toBe(true);
  });

  const text = (more: Partial<Extract<Control, { control: 'text' }>>): Control => ({
    control: 'text',
    name: 'f',
    label: 'f',
    value: 'x',
    lines: 1,
    isCode: true,
    isEager: false,
    ...more,
  });

  it('a text field by Enter, and on leaving if it was changed', async () => {
    const { page, relay, panel } = await withControls(text({}));
    const field = panel.getByRole('textbox', { name: 'f' });
    await field.fill('x^2');
    expect(framesOf(relay)).toHaveLength(0);
    await page.keyboard.press('Enter');
    expect(await valueOf(relay, 'f')).toBe('x^2');
    await page.keyboard.press('Tab');
    await field.fill('x^3');
    await page.keyboard.press('Tab');
    expect(await valueOf(relay, 'f', 2)).toBe('x^3');
    await field.focus();
    await page.keyboard.press('Tab');
    await page.waitForTimeout(100);
    expect(framesOf(relay)).toHaveLength(2);
  });

  it('a field of several lines by Shift + Enter: Enter makes a line', async () => {
    const { page, relay, panel } = await withControls(text({ lines: 3, value: '' }));
    await panel.getByRole('textbox', { name: 'f' }).focus();
    await page.keyboard.type('a');
    await page.keyboard.press('Enter');
    await page.keyboard.type('b');
    expect(framesOf(relay)).toHaveLength(0);
    await page.keyboard.press('Shift+Enter');
    expect(await valueOf(relay, 'f')).toBe('a\nb');
  });

  it('an eager field with every key press, the last one at least', async () => {
    const { page, relay, panel } = await withControls(text({ isEager: true, value: '' }));
    await panel.getByRole('textbox', { name: 'f' }).focus();
    await page.keyboard.type('abc');
    await expect.poll(() => framesOf(relay).at(-1)?.values['f']).toBe('abc');
  });

  it('a grid as rows of texts, by Enter and by its button; the arrows go from row to row', async () => {
    const { page, relay, panel } = await withControls({
      control: 'grid',
      name: 'M',
      label: 'M',
      value: [
        ['1', '2'],
        ['3', '4'],
      ],
      width: 4,
    });
    await panel.getByRole('textbox', { name: 'M, row 1, column 2' }).fill('7');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.type('8');
    expect(framesOf(relay)).toHaveLength(0);
    await page.keyboard.press('Enter');
    expect(await valueOf(relay, 'M')).toEqual([
      ['1', '7'],
      ['3', '8'],
    ]);
    await panel.getByRole('textbox', { name: 'M, row 1, column 1' }).fill('0');
    await panel.getByRole('button', { name: 'Update' }).click();
    expect((await valueOf(relay, 'M', 2)) as string[][]).toEqual([
      ['0', '7'],
      ['3', '8'],
    ]);
  });

  const choice = (look: 'list' | 'radio' | 'buttons'): Control => ({
    control: 'choice',
    name: 'c',
    label: 'function',
    value: 0,
    look,
    labels: ['sin', 'cos', 'tan'],
  });

  it('a list: the index', async () => {
    const { relay, panel } = await withControls(choice('list'));
    await panel.getByRole('combobox', { name: 'function' }).selectOption({ label: 'tan' });
    expect(await valueOf(relay, 'c')).toBe(2);
  });

  it('radio buttons by the arrow keys', async () => {
    const { page, relay, panel } = await withControls(choice('radio'));
    await panel.getByRole('radiogroup', { name: 'function' }).getByRole('radio', { name: 'sin' }).focus();
    await page.keyboard.press('ArrowDown');
    expect(await valueOf(relay, 'c')).toBe(1);
  });

  it('buttons that choose, which say which is pressed', async () => {
    const { page, relay, panel } = await withControls(choice('buttons'));
    const cos = panel.getByRole('button', { name: 'cos' });
    expect(await panel.getByRole('button', { pressed: true }).innerText()).toBe('sin');
    await cos.click();
    expect(await valueOf(relay, 'c')).toBe(1);
    expect(await cos.getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    expect(await valueOf(relay, 'c', 2)).toBe(2);
  });

  it('a colour from the palette, and typed in short or in capitals', async () => {
    const { page, relay, panel } = await withControls({
      control: 'color',
      name: 'c',
      label: 'colour',
      value: '#000000',
      showsValue: true,
    });
    await panel.locator('input[type=color]').fill('#112233');
    expect(await valueOf(relay, 'c')).toBe('#112233');
    const field = panel.getByRole('textbox', { name: 'colour, as #rrggbb' });
    expect(await field.inputValue()).toBe('#112233');
    await field.fill('ABC');
    await page.keyboard.press('Enter');
    await expect.poll(() => framesOf(relay).at(-1)?.values['c']).toBe('#aabbcc');
    await field.fill('red?');
    await page.keyboard.press('Tab');
    expect(await field.inputValue()).toBe('#aabbcc');
  });

  it('a button its index with the frame of its press alone, and every press has a frame', async () => {
    const { relay, panel } = await shown(
      viewOf([{ control: 'buttons', name: 'go', label: '', labels: ['-1', '+1'] }, SLIDER]),
      async (r) => {
        await new Promise((resolve) => setTimeout(resolve, 60));
        r.done();
      },
    );
    const plus = panel.getByRole('button', { name: '+1' });
    for (let i = 0; i < 3; i += 1) await plus.click();
    await expect.poll(() => framesOf(relay).map(({ values }) => values['go'])).toEqual([1, 1, 1]);
    await panel.getByRole('slider').focus();
    await panel.getByRole('slider').press('ArrowRight');
    await expect.poll(() => framesOf(relay).at(-1)?.values).toEqual({ go: null, x: 2.5 });
  });

  it('markup nothing, and only what is harmless of it is shown', async () => {
    const html = '<b>bold</b><img src=x onerror="window.hit=1"><script>window.hit=1</script>';
    const { page, relay, panel, control } = await withControls(SLIDER, {
      control: 'html',
      name: 'h',
      label: '',
      html,
    });
    await control('x').press('ArrowRight');
    expect(Object.keys((await lastFrame(relay)).values)).toEqual(['x']);
    expect(await panel.locator('.control-html b').innerText()).toBe('bold');
    expect(await page.evaluate(() => 'hit' in window)).toBe(false);
  });

  it('markup has the width of the panel, so that a rule parts what is above from what is below', async () => {
    const { panel, control } = await withControls(SLIDER, {
      control: 'html',
      name: 'h',
      label: '',
      html: '<hr>',
    });
    await control('x').waitFor();
    const [rule, whole] = await Promise.all([panel.locator('hr').boundingBox(), panel.boundingBox()]);
    expect(rule?.width).toBeGreaterThan((whole?.width ?? 0) * 0.9);
  });
});

describe('frames', () => {
  it('are sent in the session that made the interact, in the place of code', async () => {
    const { relay, control } = await withControls(SLIDER);
    await control('x').press('ArrowRight');
    await lastFrame(relay);
    const executes = relay.received.filter((message) => message.type === 'execute');
    expect(executes).toHaveLength(2);
    expect(executes[0]?.session).toBeDefined();
    expect(executes[1]?.session).toBe(executes[0]?.session);
    expect(executes[1]?.code).toBe('');
  });

  it('are asked for one at a time, with the latest values and never with all that lie between', async () => {
    let inFlight = 0;
    let most = 0;
    const { page, relay, control } = await shown(viewOf([SLIDER]), async (r) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setTimeout(resolve, 80));
      inFlight -= 1;
      r.done();
    });
    await control('x').focus();
    for (let i = 0; i < 14; i += 1) await page.keyboard.press('ArrowRight', { delay: 5 });
    await expect.poll(() => framesOf(relay).at(-1)?.values['x']).toBe(9);
    expect(most).toBe(1);
    expect(framesOf(relay).length).toBeLessThan(14);
  });

  it('that are quick come while the handle is dragged; slow ones when it is let go', async () => {
    let wait = 0;
    const { page, relay, control } = await shown(viewOf([SLIDER]), async (r) => {
      await new Promise((resolve) => setTimeout(resolve, wait));
      r.done();
    });
    const box = await control('x').boundingBox();
    if (box === null) throw new Error('not shown');
    const y = box.y + box.height / 2;
    const drag = async (from: number, to: number): Promise<number> => {
      await page.mouse.move(box.x + from * box.width, y);
      await page.mouse.down();
      for (let i = 1; i <= 10; i += 1) {
        await page.mouse.move(box.x + (from + ((to - from) * i) / 10) * box.width, y);
        await page.waitForTimeout(20);
      }
      return framesOf(relay).length;
    };
    // On a busy machine a frame may take too long to be followed by the next at once: another drag is as good.
    for (let sweep = 0; ; sweep += 1) {
      const before = framesOf(relay).length;
      if ((await drag(0.2 + 0.1 * (sweep % 2), 0.5)) - before > 2) break;
      expect(sweep).toBeLessThan(5);
      await page.mouse.up();
      await page.waitForTimeout(400);
    }
    await page.mouse.up();
    wait = 250;
    await control('x').press('Home');
    await expect.poll(() => framesOf(relay).at(-1)?.values['x']).toBe(0);
    await page.waitForTimeout(400);
    const before = framesOf(relay).length;
    expect(await drag(0.5, 0.99)).toBe(before);
    await page.mouse.up();
    await expect.poll(() => framesOf(relay).at(-1)?.values['x']).toBe(10);
  });

  it('put their output in the place of the one before, which stays until it is there', async () => {
    let release = (): void => undefined;
    const { page, panel, control } = await shown(viewOf([SLIDER]), async (r, { values }) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      r.print(`x is ${String(values['x'])}\n`);
      r.done();
    });
    const output = panel.locator('.interact-output > .output:not(.behind)');
    expect((await output.innerText()).trim()).toBe('first');
    await control('x').press('ArrowRight');
    await page.waitForTimeout(150);
    expect((await output.innerText()).trim()).toBe('first');
    release();
    await expect.poll(async () => (await output.innerText()).trim()).toBe('x is 2.5');
  });

  it('never let the area shrink while they follow each other; after a pause it does', async () => {
    const { panel, control } = await shown(viewOf([SLIDER]), (r, { values }) => {
      r.print('line\n'.repeat(values['x'] === 2.5 ? 20 : 1));
      r.done();
    });
    const area = panel.locator('.interact-output');
    const height = async (): Promise<number> => (await area.boundingBox())?.height ?? 0;
    await control('x').press('ArrowRight');
    await expect.poll(height).toBeGreaterThan(300);
    const high = await height();
    await control('x').press('ArrowRight');
    await expect.poll(() => area.innerText()).not.toContain('line\nline');
    expect(await height()).toBeGreaterThanOrEqual(high - 1);
    await expect.poll(height, { timeout: 4_000 }).toBeLessThan(80);
  });

  it('show their errors in the area of the interact, and the next one works', async () => {
    const { panel, control } = await shown(viewOf([SLIDER]), (r, { values }) => {
      if (values['x'] === 2.5) r.raise('ValueError', 'not that one', 2);
      else r.done();
    });
    await control('x').press('ArrowRight');
    await panel.locator('.interact-output .error').waitFor();
    expect(await panel.locator('.interact-output .error').innerText()).toContain('not that one');
    await control('x').press('ArrowRight');
    await expect.poll(() => panel.locator('.interact-output .error').count()).toBe(0);
  });

  it('that take long are shown as a run and can be stopped; short ones change nothing there', async () => {
    let wasInterrupted = false;
    const seen: string[] = [];
    const { page, panel, control } = await shown(viewOf([SLIDER]), (r, { values }) => {
      if (values['x'] === 2.5) {
        r.done();
        return;
      }
      r.onInterrupt = () => {
        wasInterrupted = true;
        r.done({ status: 'interrupted' });
      };
    });
    await page.exposeFunction('saw', (status: string) => seen.push(status));
    await page.evaluate(() => {
      document.querySelector('sage-cell')?.addEventListener('sage-status', ({ status }) => {
        (window as unknown as { saw(status: string): void }).saw(status);
      });
    });
    await control('x').press('ArrowRight');
    await page.waitForTimeout(300);
    expect(seen).toEqual([]);
    await control('x').press('ArrowRight');
    await expect.poll(() => seen).toEqual(['running']);
    expect(await panel.getAttribute('class')).toContain('is-computing');
    await cell(page).getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => seen).toEqual(['running', 'done']);
    expect(wasInterrupted).toBe(true);
    expect(await panel.getAttribute('class')).not.toContain('is-computing');
  });

  it('leave a reader’s question to the frame that asks', async () => {
    const { panel, control } = await shown(viewOf([SLIDER]), (r) => {
      r.put({ kind: 'prompt', text: 'How many? ', isSecret: false });
      r.onAnswer = (text) => {
        r.print(`so ${text ?? 'none'}\n`);
        r.done();
      };
    });
    await control('x').press('ArrowRight');
    await panel.getByRole('textbox', { name: 'How many?' }).fill('3');
    await panel.getByRole('textbox', { name: 'How many?' }).press('Enter');
    await expect.poll(() => panel.locator('.interact-output').innerText()).toContain('so 3');
  });
});

describe('controls that wait', () => {
  const GO: Control = { control: 'buttons', name: 'auto_update', label: '', labels: ['Update'] };

  it('say so with a sign and in words until the button is pressed', async () => {
    const { relay, panel, control } = await shown(viewOf([SLIDER, GO], { updates: ['auto_update'] }));
    await control('x').press('ArrowRight');
    await expect.poll(() => panel.locator('.interact-note').innerText()).toContain('press “Update”');
    expect(await panel.getByRole('img', { name: 'changed' }).count()).toBe(1);
    expect(framesOf(relay)).toHaveLength(0);
    await panel.getByRole('button', { name: 'Update' }).click();
    const frame = await lastFrame(relay);
    expect(frame).toMatchObject({ values: { x: 2.5, auto_update: 0 }, changed: ['x', 'auto_update'] });
    await expect.poll(() => panel.locator('.interact-note').isVisible()).toBe(false);
    expect(await panel.getByRole('img', { name: 'changed' }).count()).toBe(0);
  });

  it('wait no more when they are put back', async () => {
    const { panel, control } = await shown(viewOf([SLIDER, GO], { updates: ['auto_update'] }));
    await control('x').press('ArrowRight');
    await panel.locator('.interact-note').waitFor();
    await control('x').press('ArrowLeft');
    await expect.poll(() => panel.locator('.interact-note').isVisible()).toBe(false);
  });
});

describe('a function that changes its own controls', () => {
  const changes = (r: ScriptedRun, change: object): void => {
    r.put({
      kind: 'display',
      data: { [INTERACT_CHANGE_TYPE]: JSON.stringify({ interact: 'i1', ...change }), 'text/plain': '' },
      result: false,
    });
    r.done();
  };

  it('sets, adds and removes them, without a frame for it', async () => {
    const { relay, panel, control } = await shown(
      viewOf([SLIDER, { control: 'checkbox', name: 'old', label: 'old', value: true }]),
      (r) => {
        changes(r, {
          controls: [
            { ...SLIDER, value: 7, max: 20 },
            { control: 'checkbox', name: 'new', label: 'new one', value: false },
          ],
          removed: ['old'],
        });
      },
    );
    await control('x').press('ArrowRight');
    await panel.getByRole('checkbox', { name: 'new one' }).waitFor();
    expect(await panel.getByRole('checkbox', { name: 'old' }).count()).toBe(0);
    expect(await control('x').inputValue()).toBe('7');
    expect(await control('x').getAttribute('max')).toBe('20');
    await expect.poll(() => control('x').evaluate((node) => node.matches(':focus'))).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(framesOf(relay)).toHaveLength(1);
  });

  it('says whether one that it adds asks for a frame', async () => {
    const { relay, panel, control } = await shown(viewOf([SLIDER]), (r, { changed }) => {
      if (changed.includes('new')) r.done();
      else {
        changes(r, {
          controls: [{ control: 'checkbox', name: 'new', label: 'new one', value: false }],
          updates: ['x', 'new'],
        });
      }
    });
    await control('x').press('ArrowRight');
    await panel.getByRole('checkbox', { name: 'new one' }).check();
    const frame = await lastFrame(relay, 2);
    expect(frame.changed).toEqual(['new']);
    expect(frame.values).toEqual({ x: 2.5, new: true });
  });
});

describe('interacts within interacts', () => {
  const inner = (name: string): InteractView =>
    viewOf([{ ...SLIDER, name: 'y', label: 'y' }], { interact: name as InteractView['interact'] });

  it('are made in the first frame of another, with output of their own', async () => {
    const { page } = await open(CODE, (r) => {
      make(r, viewOf([SLIDER]));
      make(r, inner('i2'), 'i1');
      make(r, inner('i3'), 'i2');
      r.put({ kind: 'stream', name: 'stdout', text: 'innermost\n' }, 'i3');
      r.done();
    });
    await run(page);
    await ended(page);
    const innermost = cell(page).locator('.interact .interact .interact .interact-output');
    await expect.poll(() => innermost.innerText()).toContain('innermost');
  });

  it('are part of the output, and their frames are their own', async () => {
    let made = 1;
    const { relay, panel, control } = await shown(viewOf([SLIDER]), (r, { interact, values }) => {
      if (interact !== 'i1') {
        r.print(`inner y is ${String(values['y'])}\n`);
        r.done();
        return;
      }
      made += 1;
      const name = `i${String(made)}`;
      make(r, inner(name));
      r.put({ kind: 'stream', name: 'stdout', text: `inner of ${String(values['x'])}\n` }, name);
      r.done();
    });
    await control('x').first().press('ArrowRight');
    const nested = panel.locator('.interact');
    await expect.poll(() => nested.locator('.interact-output').innerText()).toContain('inner of 2.5');
    await nested.getByRole('slider').press('ArrowRight');
    await expect.poll(() => nested.locator('.interact-output').innerText()).toContain('inner y is 2.5');
    expect((await lastFrame(relay, 2)).interact).toBe('i2');
    await panel.getByRole('slider', { name: 'x' }).press('ArrowRight');
    await expect.poll(() => nested.locator('.interact-output').innerText()).toContain('inner of 3');
  });
});

describe('where an interact runs', () => {
  it('in a process of its own there is a session only when a frame needs one: the code runs there first, unseen', async () => {
    const view = viewOf([SLIDER]);
    const { page, relay } = await open('<sage-cell>load("demo.sage")</sage-cell>', interactScript(view));
    await run(page);
    await ended(page);
    const slider = cell(page).getByRole('slider');
    await slider.waitFor();
    expect(relay.received.some(({ type }) => type === 'open')).toBe(false);
    await slider.press('ArrowRight');
    await expect.poll(() => cell(page).locator('.interact-output').innerText()).toContain('2.5');
    const [first, again, frame] = relay.received.filter((message) => message.type === 'execute');
    expect(first?.session).toBeUndefined();
    expect(again?.session).toBeDefined();
    expect(again?.code).toBe('load("demo.sage")');
    expect(frame?.session).toBe(again?.session);
    await slider.press('ArrowRight');
    await expect.poll(() => framesOf(relay).length).toBe(2);
    expect(relay.received.filter(({ type }) => type === 'open')).toHaveLength(1);
  });

  it('a cell without an interact opens no session', async () => {
    const { page, relay } = await open('<sage-cell>1 + 1</sage-cell>');
    await run(page);
    await ended(page);
    expect(relay.received.some(({ type }) => type === 'open')).toBe(false);
  });

  it.each([
    [
      'cleared',
      (c: SageCell) => {
        c.clear();
      },
    ],
    [
      'reset',
      (c: SageCell) => {
        c.reset();
      },
    ],
    [
      'taken from the page',
      (c: SageCell) => {
        c.remove();
      },
    ],
    [
      'run with other code',
      (c: SageCell) => {
        c.code = '1 + 1';
        void c.run();
      },
    ],
  ] as const)('its session is closed when the cell is %s', async (_how, act) => {
    const { page, relay } = await shown(viewOf([SLIDER]));
    await page.evaluate(`(${act.toString()})(document.querySelector('sage-cell'))`);
    await expect.poll(() => relay.received.filter(({ type }) => type === 'close').length).toBe(1);
  });

  it('every run of a cell begins a fresh one', async () => {
    const { page, relay } = await shown(viewOf([SLIDER]));
    await run(page);
    await expect.poll(() => relay.received.filter(({ type }) => type === 'open').length).toBe(2);
    await ended(page);
    await cell(page).getByRole('slider').press('ArrowRight');
    await lastFrame(relay);
    const sessions = relay.received.flatMap((m) => (m.type === 'execute' ? [m.session] : []));
    expect(new Set(sessions).size).toBe(2);
    expect(sessions[2]).toBe(sessions[1]);
  });

  it('when the session is gone the controls say so, are disabled, and Run brings them back', async () => {
    const { page, panel, control } = await shown(viewOf([SLIDER]), (r) => {
      r.closed('died', 'The process ended by itself.');
    });
    await control('x').press('ArrowRight');
    const note = panel.locator('.interact-note');
    await expect.poll(() => note.innerText()).toContain('Run the cell again to use these controls.');
    expect(await control('x').isDisabled()).toBe(true);
    expect(await panel.locator('.interact-output').innerText()).toContain('first');
    await note.getByRole('button', { name: 'Run' }).click();
    await expect.poll(() => cell(page).getByRole('slider').isEnabled()).toBe(true);
  });

  it('goes on after the page is loaded again, with the values and the output it had', async () => {
    const { page, relay, control } = await shown(viewOf([SLIDER]));
    await control('x').press('ArrowRight');
    await expect.poll(() => cell(page).locator('.interact-output').innerText()).toContain('2.5');
    await page.reload();
    const slider = cell(page).getByRole('slider');
    await slider.waitFor();
    expect(await slider.inputValue()).toBe('2.5');
    expect(await cell(page).locator('.interact-output').innerText()).toContain('2.5');
    await slider.press('ArrowRight');
    await expect.poll(() => cell(page).locator('.interact-output').innerText()).toContain('"x":3');
    expect(framesOf(relay).at(-1)?.values).toEqual({ x: 3 });
  });

  it('one that can’t be read is shown by its plain form', async () => {
    const { page } = await open(CODE, (r) => {
      r.display({ 'text/plain': 'the plain form', [INTERACT_TYPE]: '{"interact": "i1", "controls": 7}' });
      r.put({ kind: 'stream', name: 'stdout', text: 'and its output\n' }, 'i1');
      r.done();
    });
    await run(page);
    await ended(page);
    await expect.poll(() => cell(page).locator('.output').first().innerText()).toContain('the plain form');
    expect(await cell(page).locator('.output').first().innerText()).toContain('and its output');
  });

  it('a read-only one can be read', async () => {
    const { panel, control } = await shown(viewOf([SLIDER], { isReadonly: true }));
    expect(await control('x').isDisabled()).toBe(true);
    expect(await panel.locator('.interact-note').isVisible()).toBe(false);
  });
});

describe('from a script', () => {
  it('values are read and set, with an event for each change, and what can’t be held is refused', async () => {
    const { page, relay } = await shown(viewOf([SLIDER]));
    const told = await page.evaluate(async () => {
      const element = document.querySelector<SageCell>('sage-cell');
      const [interact] = element?.interacts ?? [];
      if (!element || !interact) throw new Error('no interact');
      const events: unknown[] = [];
      document.addEventListener('sage-interact', (event) => {
        events.push([event.name, event.value, event.interact === interact]);
      });
      const before = { ...interact.values };
      interact.set('x', 4);
      const failures = [
        ['x', 99],
        ['y', 1],
      ].map(([name, value]) => {
        try {
          interact.set(name as string, value as number);
          return '';
        } catch (failure) {
          return (failure as Error).message;
        }
      });
      await Promise.resolve();
      return { before, after: interact.values, events, failures };
    });
    expect(told).toEqual({
      before: { x: 2 },
      after: { x: 4 },
      events: [['x', 4, true]],
      failures: ["The control x can't hold 99.", 'The interact has no control "y"; it has: x.'],
    });
    expect(await valueOf(relay, 'x')).toBe(4);
  });
});

describe('looks', () => {
  it.each(['light', 'dark'] as const)(
    'axe finds no fault in %s, in use and when it is gone',
    async (colorScheme) => {
      const { page, control } = await shown(
        viewOf(EVERY_CONTROL),
        (r) => {
          r.closed('died', 'The process ended by itself.');
        },
        { colorScheme },
      );
      await page.waitForTimeout(400);
      expect(await violations(page)).toEqual([]);
      await control('n').press('ArrowRight');
      await cell(page).locator('.interact-note button').waitFor();
      expect(await violations(page)).toEqual([]);
    },
  );

  it('formulas of labels are typeset, and read out as what they are', async () => {
    const { panel } = await withControls({ ...SLIDER, label: 'order $x_0$' });
    await panel.locator('label mjx-container').waitFor();
    expect(await panel.locator('label').innerText()).toContain('order');
    expect(await panel.locator('.shown').getAttribute('aria-label')).toBe('order x_0, value');
  });

  const ROWS: InteractView['layout'] = [
    [
      { name: 'x', weight: 2 },
      { name: 'y', weight: 1 },
    ],
    [{ name: '_output', weight: 1 }],
    [{ name: 'z', weight: 1 }],
  ];
  const THREE = ['x', 'y', 'z'].map((name) => ({ ...SLIDER, name, label: name }));

  it('rows share their width by weight, the output stands where the layout says, and narrow pages get one column', async () => {
    const { page, panel, control } = await shown(viewOf(THREE, { layout: ROWS }));
    const box = async (name: string): Promise<{ x: number; y: number; width: number }> => {
      const found = await control(name)
        .locator('xpath=ancestor::div[contains(@class,"control ")]')
        .boundingBox();
      if (found === null) throw new Error('not shown');
      return found;
    };
    const [x, y, z] = [await box('x'), await box('y'), await box('z')];
    const output = await panel.locator('.interact-output').boundingBox();
    expect(Math.abs(x.y - y.y)).toBeLessThan(2);
    expect(x.width / y.width).toBeGreaterThan(1.8);
    expect(output?.y).toBeGreaterThan(x.y);
    expect(z.y).toBeGreaterThan(output?.y ?? Infinity);
    await page.setViewportSize({ width: 380, height: 800 });
    await expect.poll(async () => (await box('y')).y - (await box('x')).y).toBeGreaterThan(20);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
  });

  it('prints values in the place of controls', async () => {
    const { page, panel, control } = await withControls(SLIDER);
    await page.emulateMedia({ media: 'print' });
    expect(await control('x').isVisible()).toBe(false);
    expect(await panel.locator('.printed').innerText()).toBe('2');
  });

  it('offers large targets to fingers', async () => {
    const { control } = await shown(viewOf([SLIDER]), undefined, { hasTouch: true, isMobile: true });
    expect((await control('x').boundingBox())?.height).toBeGreaterThanOrEqual(44);
  });

  it('speaks the language of the cell', async () => {
    const { page } = await open(`<div lang="de">${CODE}</div>`, (r) => {
      make(r, viewOf([{ control: 'grid', name: 'M', label: 'M', value: [['1']], width: 3 }]));
      r.done();
    });
    await page.locator('sage-cell').evaluate((c) => (c as SageCell).run());
    await cell(page).getByRole('button', { name: 'Aktualisieren' }).waitFor();
  });

  it('runs from right to left where the page does', async () => {
    const { page } = await open(`<div dir="rtl">${CODE}</div>`, interactScript(viewOf([SLIDER])));
    await run(page);
    await ended(page);
    const label = await cell(page).locator('.interact .label').boundingBox();
    const slider = await cell(page).getByRole('slider').boundingBox();
    expect(label?.x).toBeGreaterThan(slider?.x ?? Infinity);
  });
});
