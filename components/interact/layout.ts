/** Where controls stand: rows of them, side by side by their weights, with the output among them. */
import { OUTPUT_PLACE, type InteractView } from '../../relay/protocol/index.js';
import { element } from './controls/control-view.js';

type Rows = InteractView['layout'];

/** Places nodes in `panel`, which is its own. */
export class Layout {
  #rows: Rows;
  readonly #panel: HTMLElement;
  readonly #output: HTMLElement;
  readonly #nodes = new Map<string, HTMLElement>();
  #note: HTMLElement | undefined;

  constructor(panel: HTMLElement, output: HTMLElement, rows: Rows) {
    this.#panel = panel;
    this.#output = output;
    this.#rows = rows;
  }

  /** Every control there is, once. */
  get rows(): Rows {
    return this.#rows;
  }

  /** Takes the node of a control, in the place of one that had the name before. */
  add(name: string, node: HTMLElement): void {
    this.#nodes.set(name, node);
  }

  remove(name: string): void {
    this.#nodes.delete(name);
  }

  /** Something to be said stands above the output. */
  noteBefore(note: HTMLElement): void {
    this.#note = note;
    this.arrange();
  }

  /** Puts everything where it belongs, and leaves alone what is there already: a field keeps the focus. */
  arrange(): void {
    const placed = new Set<string>();
    const rows = this.#rows
      .map((row) =>
        row.filter(({ name }) => {
          const isNew = !placed.has(name) && (name === OUTPUT_PLACE || this.#nodes.has(name));
          placed.add(name);
          return isNew;
        }),
      )
      .filter((row) => row.length > 0);
    const others = [...this.#nodes.keys()].filter((name) => !placed.has(name));
    const added = others.map((name) => [{ name, weight: 1 }]);
    const isLast = rows.at(-1)?.every(({ name }) => name === OUTPUT_PLACE) === true;
    const output = placed.has(OUTPUT_PLACE) ? [] : [[{ name: OUTPUT_PLACE, weight: 1 }]];
    this.#rows = isLast
      ? [...rows.slice(0, -1), ...added, ...rows.slice(-1)]
      : [...rows, ...added, ...output];
    const nodes = this.#rows.map((row) => this.#rowNode(row));
    const at = this.#rows.findIndex((row) => row.some(({ name }) => name === OUTPUT_PLACE));
    if (this.#note) nodes.splice(at, 0, this.#note);
    this.#keepOrder(nodes);
  }

  #rowNode(row: Rows[number]): HTMLElement {
    const nodes = row.map(({ name }) => (name === OUTPUT_PLACE ? this.#output : this.#nodes.get(name)));
    const [first] = nodes;
    if (row.length === 1 && first) return first;
    const before = first?.parentElement;
    const node =
      before?.classList.contains('interact-row') === true ? before : element('div', 'interact-row');
    // A weight of 0 is as wide as what is in it.
    node.style.setProperty(
      '--_columns',
      row.map(({ weight }) => (weight === 0 ? 'auto' : `minmax(0, ${String(weight)}fr)`)).join(' '),
    );
    const wanted = nodes.filter((one) => one !== undefined);
    if (wanted.length !== node.children.length || wanted.some((one, i) => node.children[i] !== one))
      node.replaceChildren(...wanted);
    return node;
  }

  #keepOrder(nodes: readonly HTMLElement[]): void {
    for (const child of [...this.#panel.children]) if (!nodes.includes(child as HTMLElement)) child.remove();
    for (const [index, node] of nodes.entries())
      if (this.#panel.children[index] !== node)
        this.#panel.insertBefore(node, this.#panel.children[index] ?? null);
  }
}
