/** The interacts that the fake bridge understands: valid Sage, so that the real one can make them too. */
import {
  INTERACT_TYPE,
  OUTPUT_PLACE,
  type Frame,
  type InteractId,
  type InteractView,
  type Output,
} from '../../relay/protocol/index.js';

/** Shows the square of what its slider says, and leaves its session as it was. */
export const SQUARE = ['@interact', 'def f(n=slider(1, 5, 1, 1)):', '    print(n * n)'].join('\n');

/** Adds what its slider says to the variable `total`, and shows that. */
export const SUM = [
  '@interact',
  'def g(n=slider(1, 5, 1, 1)):',
  '    global total',
  '    total = total + n',
  '    print(total)',
].join('\n');

/** As Sage makes it: its values are those of the labels. */
const SLIDER = {
  control: 'slider',
  name: 'n',
  label: 'n',
  value: 0,
  min: 0,
  max: 4,
  step: 1,
  labels: ['1', '2', '3', '4', '5'],
  showsValue: true,
} as const;

/** What one call did. */
interface Call {
  readonly told: readonly { readonly output: Output; readonly frame?: InteractId }[];
  readonly status: 'ok' | 'error';
  /** True if it left the session as it was. */
  readonly isUnchanged: boolean;
}

const shown = (value: number): Call['told'] => [
  { output: { kind: 'stream', name: 'stdout', text: `${String(value)}\n` } },
];

/** Those of one session. */
export class FakeInteracts {
  readonly #codes = new Map<string, string>();

  /** Makes an interact and calls it once. @returns undefined for code that makes none */
  make(code: string, variables: Map<string, number>): Call | undefined {
    if (code !== SQUARE && code !== SUM) return undefined;
    const frame = `${String(this.#codes.size + 1)}-${code === SQUARE ? 'square' : 'sum'}` as InteractId;
    this.#codes.set(frame, code);
    const description: InteractView = {
      interact: frame,
      controls: [{ ...SLIDER, labels: [...SLIDER.labels] }],
      layout: [[{ name: 'n', weight: 1 }], [{ name: OUTPUT_PLACE, weight: 1 }]],
      updates: ['n'],
      hasOutput: true,
      isReadonly: false,
    };
    const data = { 'text/plain': 'an interact', [INTERACT_TYPE]: JSON.stringify(description) };
    const first = this.call({ interact: frame, values: { n: 0 }, changed: [] }, variables);
    const view = { output: { kind: 'display', result: false, data } } as const;
    const told = [view, ...first.told.map(({ output }) => ({ output, frame }))];
    return { told, status: 'ok', isUnchanged: false };
  }

  call({ interact, values }: Frame, variables: Map<string, number>): Call {
    const code = this.#codes.get(interact);
    const n = Number(values['n']) + 1;
    if (code === undefined) {
      const message = 'There is no such interact in this session.';
      const error: Output = { kind: 'error', name: 'LookupError', message, traceback: message };
      return { told: [{ output: error }], status: 'error', isUnchanged: true };
    }
    if (code === SQUARE) return { told: shown(n * n), status: 'ok', isUnchanged: true };
    const total = (variables.get('total') ?? 0) + n;
    variables.set('total', total);
    return { told: shown(total), status: 'ok', isUnchanged: false };
  }
}
