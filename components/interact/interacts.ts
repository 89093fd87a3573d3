/** The interacts of one cell, by name: what draws them is loaded with the first, what their frames put out finds its place. */
import { INTERACT_TYPE, type InteractId, type Output } from '../../relay/protocol/index.js';
import type { Rendering, RenderSite } from '../renderers/rendering.js';
import { renderText } from '../renderers/text.js';
import type { InteractPanel } from './interact-panel.js';
import { interactOf } from './recorded-output.js';
import type { FrameView, InteractOwner, InteractSpot } from './site.js';

interface Placed extends InteractSpot {
  panel: InteractPanel | undefined;
  isRemoved: boolean;
}

/** Most outputs that wait for their interact to be drawn; what comes beyond them is not shown. */
const MAX_EARLY = 1_000;

/** Shared by the output of a cell and the outputs of all interacts in it. */
export class Interacts {
  readonly #placed = new Map<string, Placed>();
  /** What came together with the interact it belongs to, which is itself output of another and is drawn a moment later. */
  #early: { readonly interact: InteractId; readonly output: Output }[] = [];
  /** Of the run before, still shown. */
  #old: readonly Placed[] = [];

  /** @param makeView shows output in a node; what is asked of its owner goes to that one */
  constructor(
    readonly owner: InteractOwner,
    readonly makeView: (node: HTMLElement, answered: (text: string) => void) => FrameView,
  ) {}

  /** Those that are drawn, in the order in which they were made. */
  get panels(): readonly InteractPanel[] {
    return [...this.#placed.values()].flatMap(({ panel }) => panel ?? []);
  }

  /** Draws one. @throws Error if `data` has no name */
  draw(data: string, alternative: string, site: RenderSite): Rendering & { readonly text: () => string } {
    const interact = interactOf({ kind: 'display', data: { [INTERACT_TYPE]: data }, result: false });
    if (interact === undefined) throw new Error('an interact without a name');
    const node = document.createElement('div');
    node.className = 'interact-place';
    const makeView = (): FrameView => {
      const output = document.createElement('div');
      output.className = 'output';
      const view = this.makeView(output, (text) => {
        if (placed.panel?.answered(text) !== true) this.owner.answered(text);
      });
      view.resume();
      return view;
    };
    const placed: Placed = { node, first: makeView(), makeView, panel: undefined, isRemoved: false };
    this.#placed.set(interact, placed);
    const early = this.#early;
    this.#early = [];
    for (const { interact: name, output } of early) this.put(name, output);
    const ready = import('./interact-panel.js')
      .then(({ InteractPanel: Panel }) => {
        if (!placed.isRemoved) placed.panel = new Panel(data, placed, this.owner);
      })
      .catch(() => {
        node.replaceChildren(renderText(alternative, alternative, site).node, placed.first.node);
      });
    return {
      node,
      ready,
      text: () => (placed.panel ?? placed.first).text,
      suspend: () => {
        (placed.panel ?? placed.first).suspend();
      },
      resume: () => {
        (placed.panel ?? placed.first).resume();
      },
      remove: () => {
        placed.isRemoved = true;
        if (placed.panel) placed.panel.remove();
        else placed.first.clear();
        if (this.#placed.get(interact) === placed) this.#placed.delete(interact);
      },
    };
  }

  /** Takes output of a frame that came with the run that made the interact. */
  put(interact: InteractId, output: Output): void {
    const placed = this.#placed.get(interact);
    if (placed) placed.first.add(output);
    else if (this.#early.length < MAX_EARLY) this.#early.push({ interact, output });
  }

  /** The function of an interact changed its controls. @param text an `interactChange` */
  change(text: string): void {
    void import('./interact-panel.js').then(({ readChange }) => {
      const change = readChange(text);
      if (change) this.#placed.get(change.interact)?.panel?.change(change);
    });
  }

  /** A run begins: what is shown until it puts something out can't be used meanwhile. */
  begin(): void {
    this.#old = [...this.#placed.values()];
    this.#placed.clear();
    this.#early = [];
    for (const { panel } of this.#old) panel?.retire();
  }

  /** Nothing ran: what was shown before can be used as before. */
  keep(): void {
    for (const placed of this.#old) {
      if (placed.panel === undefined || placed.isRemoved) continue;
      placed.panel.unretire();
      this.#placed.set(placed.panel.interact, placed);
    }
    this.#old = [];
  }

  /** The run put out everything it will. */
  finish(): void {
    this.#old = [];
    for (const { first } of this.#placed.values()) void first.finish();
  }
}
