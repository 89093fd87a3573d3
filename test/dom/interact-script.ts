/** Scripts for the fake relay that make interacts. */
import { INTERACT_TYPE, type Control, type Frame, type InteractView } from '../../relay/protocol/index.js';
import type { FakeRelay, Script, ScriptedRun } from './fake-relay.js';

/** An interact with these controls, one below the other, all of which ask for a frame. */
export function viewOf(controls: readonly Control[], more: Partial<InteractView> = {}): InteractView {
  const view: unknown = {
    interact: 'i1',
    controls,
    layout: [...controls.map(({ name }) => [{ name, weight: 1 }]), [{ name: '_output', weight: 1 }]],
    updates: controls.filter(({ control }) => control !== 'html').map(({ name }) => name),
    hasOutput: true,
    isReadonly: false,
    ...more,
  };
  return view as InteractView;
}

/** Displays it within a run. */
export function make(run: ScriptedRun, view: InteractView, frame?: string): void {
  const data = { 'text/plain': 'Interact: the plain form', [INTERACT_TYPE]: JSON.stringify(view) };
  run.put({ kind: 'display', data, result: false }, frame);
}

/** The code makes that interact, whose function prints its values; `frame` answers in its place. */
export const interactScript =
  (view: InteractView, frame?: (run: ScriptedRun, frame: Frame) => void | Promise<void>): Script =>
  async (run) => {
    const asked = run.message.frame;
    if (asked === undefined) {
      make(run, view);
      run.put({ kind: 'stream', name: 'stdout', text: 'first\n' }, view.interact);
      run.done();
    } else if (frame) await frame(run, asked);
    else {
      run.print(`${JSON.stringify(asked.values)}\n`);
      run.done();
    }
  };

/** The frames that a page has asked for so far. */
export const framesOf = (relay: FakeRelay): Frame[] =>
  relay.received.flatMap((message) =>
    message.type === 'execute' && message.frame !== undefined ? [message.frame] : [],
  );

const labels = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i + 1));

/** One of every kind. */
export const EVERY_CONTROL: readonly Control[] = [
  {
    control: 'slider',
    name: 'n',
    label: 'order $n$',
    value: 3,
    min: 0,
    max: 9,
    step: 1,
    labels: labels(10),
    showsValue: true,
  },
  {
    control: 'slider',
    name: 'x0',
    label: '$x_0$',
    value: 0.5,
    min: -2,
    max: 2,
    step: 0.016,
    showsValue: true,
  },
  {
    control: 'slider',
    name: 'zoom',
    label: 'window',
    value: [-3, 3],
    min: -10,
    max: 10,
    step: 0.5,
    showsValue: true,
  },
  { control: 'checkbox', name: 'grid', label: 'grid lines', value: true },
  {
    control: 'text',
    name: 'f',
    label: '$f(x)$',
    value: 'sin(x)*exp(-x/5)',
    lines: 1,
    isCode: true,
    isEager: false,
  },
  {
    control: 'choice',
    name: 'func',
    label: 'function',
    value: 1,
    look: 'buttons',
    labels: ['sin', 'cos', 'tan', '$e^x$'],
  },
  {
    control: 'choice',
    name: 'kind',
    label: 'method',
    value: 0,
    look: 'radio',
    labels: ['Newton', 'secant', 'bisection'],
  },
  {
    control: 'choice',
    name: 'city',
    label: 'group',
    value: 2,
    look: 'list',
    labels: ['$S_3$', 'A_4', 'Q_8', 'D_5', 'C_7', 'C_2'],
  },
  { control: 'color', name: 'c', label: 'colour', value: '#2c6a4b', showsValue: true },
  {
    control: 'grid',
    name: 'M',
    label: '$M$',
    value: [
      ['1', '2'],
      ['3', '4'],
    ],
    width: 5,
  },
  {
    control: 'sliders',
    name: 'a',
    label: 'coefficients',
    value: [0.5, 0, -0.5, 1],
    showsValue: true,
    sliders: Array.from({ length: 4 }, () => ({ min: -1, max: 1, step: 0.1 })),
  },
  {
    control: 'text',
    name: 'note',
    label: 'note',
    value: 'two\nlines',
    lines: 3,
    isCode: false,
    isEager: false,
  },
  { control: 'html', name: 'h', label: '', html: '<p>Choose what is to be <b>drawn</b>, with $x^2$.</p>' },
  { control: 'buttons', name: 'go', label: '', labels: ['$-1$', '+1', 'Reset'] },
];
