/** An interact in the page: its controls, their places, its output, and what its state is in words. */
import * as v from 'valibot';
import {
  interactChange,
  interactView,
  type Control,
  type ControlValue,
  type Frame,
  type InteractChange,
  type InteractId,
  type InteractView,
} from '../../relay/protocol/index.js';
import { announce } from '../announcer.js';
import type { RenderSite } from '../renderers/rendering.js';
import type { Execution, ExecutionResult } from '../session/execution.js';
import { Buttons } from './controls/buttons.js';
import { element, type Change, type ControlOwner, type ControlView } from './controls/control-view.js';
import { makeControl } from './controls/make.js';
import { SageFrameEvent } from './frame-event.js';
import { FrameOutput } from './frame-output.js';
import { routeOf, type FrameRoute } from './frame-route.js';
import { Frames, type Press } from './frames.js';
import { SageInteractEvent, type Interact } from './interact.js';
import { adoptInteractRules } from './interact.styles.js';
import { Layout } from './layout.js';
import { spoken } from './math-text.js';
import type { InteractOwner, InteractSpot } from './site.js';
import { wordsFor, type InteractWords } from './words/index.js';

/** A frame that takes longer is told of in the interact, milliseconds. */
const NOTICED_MS = 200;

/** How often a frame is asked for again that the server had no room for. */
const MAX_RETRIES = 5;

/** The wait before that where the server names none, milliseconds. */
const RETRY_MS = 1_000;

/** Longest output that is read out when it changes, characters. */
const MAX_ANNOUNCED = 160;

let count = 0;

/** @returns undefined if it is none */
export function readChange(text: string): InteractChange | undefined {
  try {
    const read = v.safeParse(interactChange, JSON.parse(text));
    return read.success ? read.output : undefined;
  } catch {
    return undefined;
  }
}

/** What the interact is about at present. */
type Phase = 'usable' | 'retired' | 'gone' | 'readonly';

/** Made for one display, in the place that it has there. */
export class InteractPanel implements Interact {
  readonly interact: InteractId;
  readonly #view: InteractView;
  readonly #owner: InteractOwner;
  readonly #words: InteractWords;
  readonly #panel = element('div', 'interact', { role: 'group', part: 'interact' });
  readonly #note = element('p', 'interact-note', { role: 'status', part: 'interact-note' });
  readonly #controls = new Map<string, ControlView>();
  readonly #controlOwner: ControlOwner;
  readonly #site: RenderSite;
  readonly #layout: Layout;
  readonly #output: FrameOutput;
  readonly #frames: Frames;
  readonly #route: FrameRoute | undefined;
  readonly #unobserve: (() => void) | undefined;
  readonly #undo = new AbortController();
  /** Controls that ask for a frame when they change. */
  #updates: InteractView['updates'];
  /** Values that the last frame was asked for with. */
  #sent: Readonly<Record<string, ControlValue>>;
  readonly #changed = new Set<string>();
  readonly #waiting = new Set<string>();
  #phase: Phase = 'usable';
  #execution: Execution | undefined;
  #noticed: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #retries = 0;
  #isHeld = false;
  /** The reader is still moving something. */
  #isPassing = false;

  /** @throws Error if `data` can't be read as an interact */
  constructor(data: string, spot: InteractSpot, owner: InteractOwner) {
    const view = v.parse(interactView, JSON.parse(data));
    count += 1;
    this.interact = view.interact;
    this.#view = view;
    this.#updates = view.updates;
    this.#owner = owner;
    this.#words = wordsFor(owner.strings);
    adoptInteractRules(owner.root);
    this.#controlOwner = {
      root: owner.root,
      words: this.#words,
      prefix: `i${String(count)}-`,
      changed: (name, how) => {
        this.#controlChanged(name, how);
      },
      pressed: (name, index) => {
        this.#pressed(name, index);
      },
    };
    this.#site = {
      root: owner.root,
      strings: owner.strings,
      trust: owner.trust,
      frameUrl: owner.frameUrl,
      claimFrame: () => false,
    };
    this.#output = new FrameOutput(spot.first, spot.makeView, () => this.#isHeld);
    this.#output.node.hidden = !view.hasOutput;
    this.#layout = new Layout(this.#panel, this.#output.node, view.layout);
    for (const control of view.controls) this.#add(control);
    this.#layout.arrange();
    this.#frames = new Frames((press) => this.#send(press));
    this.#route = routeOf(owner.runs);
    this.#unobserve = this.#route?.observe(() => {
      this.#lost();
    });
    this.#sent = this.values;
    this.#panel.setAttribute('aria-label', this.#words.controls);
    this.#note.hidden = true;
    this.#layout.noteBefore(this.#note);
    this.#watchHold();
    if (view.isReadonly) this.#become('readonly');
    else if (this.#route === undefined || this.#route.isGone) this.#become('gone');
    spot.node.replaceChildren(this.#panel);
  }

  get values(): Record<string, ControlValue> {
    const values: Record<string, ControlValue> = {};
    for (const [name, { value }] of this.#controls) if (value !== undefined) values[name] = value;
    return values;
  }

  set(name: string, value: ControlValue): void {
    const control = this.#controls.get(name);
    if (control === undefined) {
      const known = [...this.#controls.keys()].join(', ') || 'none';
      throw new RangeError(`The interact has no control ${JSON.stringify(name)}; it has: ${known}.`);
    }
    if (!control.set(value)) throw new RangeError(`The control ${name} can't hold ${JSON.stringify(value)}.`);
    if (!(control instanceof Buttons)) this.#controlChanged(name, 'final');
  }

  /** What the function has put out, as plain text. */
  get text(): string {
    return this.#output.text;
  }

  /** The reader answered a question. @returns false if no frame has asked */
  answered(text: string): boolean {
    this.#execution?.answer(text);
    return this.#execution !== undefined;
  }

  /** Takes what the function did to its controls, without asking for a frame. */
  change({ controls = [], removed = [], updates = this.#updates }: InteractChange): void {
    this.#updates = updates;
    for (const name of removed) {
      this.#layout.remove(name);
      this.#controls.delete(name);
      this.#waiting.delete(name);
      this.#changed.delete(name);
    }
    for (const control of controls) {
      const isUpdated = this.#controls.get(control.name)?.update(control) === true;
      if (!isUpdated) this.#add(control);
      const { value } = this.#controls.get(control.name) ?? {};
      // The function knows it already.
      if (value !== undefined) this.#sent = { ...this.#sent, [control.name]: value };
      this.#changed.delete(control.name);
      this.#waiting.delete(control.name);
    }
    this.#layout.arrange();
    for (const control of this.#controls.values()) control.enable(this.#phase === 'usable');
    this.#showWaiting();
  }

  /** Another run takes its place: it is shown until that puts something out. */
  retire(): void {
    this.#stop();
    if (this.#phase === 'usable') this.#phase = 'retired';
  }

  /** Nothing took its place. */
  unretire(): void {
    if (this.#phase !== 'retired') return;
    this.#phase = 'usable';
    if (this.#route === undefined || this.#route.isGone) this.#become('gone');
  }

  suspend(): void {
    this.#stop();
    this.#output.suspend();
  }

  resume(): void {
    this.#output.resume();
  }

  /** It is shown no more. */
  remove(): void {
    this.#stop();
    this.#phase = 'retired';
    this.#unobserve?.();
    this.#undo.abort();
    this.#output.remove();
  }

  #add(control: Control): void {
    const made = makeControl(control, this.#controlOwner, this.#site);
    this.#controls.set(control.name, made);
    this.#layout.add(control.name, made.node);
  }

  /** While a handle is held, nothing below it may move up. */
  #watchHold(): void {
    const { signal } = this.#undo;
    this.#panel.addEventListener(
      'pointerdown',
      () => {
        this.#isHeld = true;
      },
      { signal },
    );
    for (const type of ['pointerup', 'pointercancel'])
      window.addEventListener(
        type,
        () => {
          this.#isHeld = false;
        },
        { signal, capture: true },
      );
  }

  #controlChanged(name: string, how: Change): void {
    const value = this.#controls.get(name)?.value;
    if (value === undefined) return;
    const isNew = JSON.stringify(value) !== JSON.stringify(this.#sent[name]);
    if (isNew) this.#changed.add(name);
    if (isNew) this.#owner.root.host.dispatchEvent(new SageInteractEvent(this, name, value));
    if (this.#phase !== 'usable') return;
    if (!this.#updates.includes(name)) {
      this.#waiting[isNew ? 'add' : 'delete'](name);
      this.#showWaiting();
      return;
    }
    this.#isPassing = how === 'passing';
    if (how === 'passing') this.#frames.passing();
    else if (isNew || how === 'again') this.#frames.want();
  }

  #pressed(name: string, index: number): void {
    if (this.#phase !== 'usable') return;
    this.#changed.add(name);
    this.#owner.root.host.dispatchEvent(new SageInteractEvent(this, name, index));
    this.#isPassing = false;
    if (this.#updates.includes(name)) this.#frames.press({ name, index });
  }

  #send(press: Press | undefined): boolean {
    const values = this.values;
    const frame: Frame = {
      interact: this.interact,
      values: press === undefined ? values : { ...values, [press.name]: press.index },
      changed: [...this.#changed].filter((name) => this.#controls.has(name)),
    };
    this.#output.begin();
    const execution = this.#route?.send(frame, {
      output: (output, of) => {
        if (this.#execution !== execution) return;
        // Stopping is what the reader asked for; the exception that does it is not news.
        if (output.kind === 'error' && output.name === 'KeyboardInterrupt' && execution?.stop !== undefined)
          return;
        this.#output.add(output, of);
      },
      restarted: () => {
        this.#output.add({ kind: 'clear' }, undefined);
      },
      done: (result) => {
        if (this.#execution === execution) void this.#done(result, press);
      },
    });
    if (execution === undefined) {
      this.#output.abandon();
      this.#lost();
      return false;
    }
    this.#execution = execution;
    this.#sent = values;
    this.#changed.clear();
    this.#waiting.clear();
    this.#showWaiting();
    this.#noticed = setTimeout(() => {
      this.#panel.classList.add('is-computing');
      this.#output.node.setAttribute('aria-busy', 'true');
    }, NOTICED_MS);
    this.#owner.runs?.frameBegan(execution);
    return true;
  }

  async #done({ status, error }: ExecutionResult, press: Press | undefined): Promise<void> {
    const execution = this.#execution;
    const mayPass = error?.code === 'busy' || error?.code === 'draining' || error?.retryAfterMs !== undefined;
    if (status === 'lost' && mayPass && this.#retries < MAX_RETRIES && this.#route?.isGone === false) {
      this.#retries += 1;
      this.#output.abandon();
      this.#retry = setTimeout(() => {
        if (this.#phase !== 'usable' || !this.#send(press)) this.#frames.cancel();
      }, error.retryAfterMs ?? RETRY_MS);
      return;
    }
    this.#retries = 0;
    if (status === 'lost' || status === 'killed') this.#output.abandon();
    else await this.#output.finish();
    if (this.#execution !== execution) return;
    this.#ended();
    if (status !== 'lost' && status !== 'killed') {
      const view = this.#declaration();
      const { recorded } = this.#output;
      this.#owner.runs?.framed(this.interact, view, recorded);
      this.#owner.root.host.dispatchEvent(new SageFrameEvent(this.interact, view, recorded));
      this.#announce();
    } else if (this.#route?.isGone !== false) this.#lost();
    this.#frames.ended();
  }

  /** A frame under way is over, one way or another. */
  #ended(): void {
    const execution = this.#execution;
    this.#execution = undefined;
    clearTimeout(this.#noticed);
    clearTimeout(this.#retry);
    this.#panel.classList.remove('is-computing');
    this.#output.node.removeAttribute('aria-busy');
    if (execution === undefined) return;
    // The Stop button may disappear; the focus must not.
    const hadFocus = this.#owner.root.activeElement?.matches('.stop') ?? false;
    this.#owner.runs?.frameEnded(execution);
    if (hadFocus) this.#controls.values().next().value?.focus();
  }

  /** Nobody waits any more for what is under way. */
  #stop(): void {
    const execution = this.#execution;
    this.#frames.cancel();
    this.#output.abandon();
    this.#ended();
    execution?.interrupt();
  }

  #lost(): void {
    this.#frames.cancel();
    if (this.#phase === 'usable') this.#become('gone');
  }

  /** As a display would bring it now. */
  #declaration(): string {
    const controls = [...this.#controls.values()].map((control) => control.declaration());
    return JSON.stringify({ ...this.#view, controls, layout: this.#layout.rows, updates: this.#updates });
  }

  #become(phase: Phase): void {
    this.#phase = phase;
    for (const control of this.#controls.values()) control.enable(phase === 'usable');
    this.#panel.classList.toggle('is-unusable', phase !== 'usable');
    if (phase !== 'gone') return;
    const { host } = this.#owner.root as ShadowRoot & { host: { run?(): unknown } };
    const text = element('span', '');
    text.textContent = this.#words.gone;
    const button = element('button', 'button small', { type: 'button' });
    button.textContent = this.#owner.strings.run;
    button.addEventListener('click', () => void host.run?.());
    this.#note.replaceChildren(text, ...(host.run === undefined ? [] : [button]));
    this.#note.hidden = false;
  }

  /** Says what is not in the output yet, beside the control and above the output. */
  #showWaiting(): void {
    for (const [name, control] of this.#controls) control.mark(this.#waiting.has(name));
    if (this.#phase !== 'usable') return;
    const buttons = [...this.#controls.values()].filter(
      (control): control is Buttons => control instanceof Buttons && this.#updates.includes(control.name),
    );
    const isWaiting = this.#waiting.size > 0;
    for (const button of buttons) button.want(isWaiting);
    const [label] = buttons[0]?.labels ?? [];
    const words = label === undefined ? this.#words.waiting : this.#words.waitingFor(spoken(label));
    this.#note.classList.toggle('is-waiting', isWaiting);
    this.#note.textContent = isWaiting ? words : '';
    this.#note.hidden = !isWaiting;
  }

  /** Says what has come of a change that is not one of many on the way. */
  #announce(): void {
    if (this.#isPassing || this.#isHeld || !this.#view.hasOutput) return;
    const text = this.text.trim();
    announce(text === '' || text.length > MAX_ANNOUNCED ? this.#words.shown : text);
  }
}
