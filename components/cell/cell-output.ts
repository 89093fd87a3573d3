/** The output of a cell: its place is there from the beginning, what shows it comes with the first run. */
import { announce } from '../announcer.js';
import type { RecordedOutput } from '../interact/recorded-output.js';
import { readOptions, type CellAttributes } from '../options.js';
import type { OutputView } from '../output/output-view.js';
import { warn } from '../page-defaults.js';
import { loadedBackstage, prepareRuns } from '../run/backstage.js';
import type { RunController } from '../run/run-controller.js';
import type { Strings } from '../strings/index.js';
import type { CellCode } from './cell-code.js';

/** What the output needs of the cell around it. */
export interface CellOutputOwner {
  readonly host: HTMLElement & CellAttributes & { readonly strings: Strings };
  /** Root of the tree it is shown in; asked for with the first output. */
  readonly root: ShadowRoot;
  readonly run: RunController;
  readonly code: CellCode;
  /** The reader wants to see that line of the code. */
  goToLine(line: number): void;
  /** There is output where there was none, or the other way round. */
  changed(): void;
}

/** The output of one cell. */
export class CellOutput {
  readonly node = document.createElement('div');
  readonly #owner: CellOutputOwner;
  #made: OutputView | undefined;

  constructor(owner: CellOutputOwner) {
    this.#owner = owner;
    this.node.className = 'output';
    this.node.setAttribute('part', 'output');
  }

  /** True while nothing is shown. */
  get isEmpty(): boolean {
    return this.node.childElementCount === 0;
  }

  /** All of it as plain text. */
  get text(): string {
    return this.#made?.text ?? '';
  }

  /** What shows it, once that is loaded; nothing can have been put out before. */
  get view(): OutputView | undefined {
    const View = loadedBackstage()?.OutputView;
    if (this.#made === undefined && View !== undefined) {
      this.#made = this.#make(View);
      if (this.#owner.host.isConnected) this.#made.resume();
    }
    return this.#made;
  }

  /** The cell is in a page. */
  resume(): void {
    this.#made?.resume();
  }

  /** The cell left the page. */
  suspend(): void {
    this.#made?.suspend();
  }

  clear(): void {
    this.#made?.clear();
  }

  /** Shows outputs of an earlier run in the place of those there are. */
  async show(outputs: readonly RecordedOutput[]): Promise<void> {
    await prepareRuns();
    const { view } = this;
    if (view === undefined || this.#owner.run.isActive) return;
    view.clear();
    for (const { output, frame } of outputs) view.add(output, frame);
    await view.finish();
  }

  #make(View: typeof OutputView): OutputView {
    const owner = this.#owner;
    const { host, root, run, code } = owner;
    return new View(this.node, {
      root,
      runs: run,
      get strings() {
        return host.strings;
      },
      get trust() {
        const { trust } = readOptions(host);
        if (trust === 'page' && code.isForeign) {
          warn('output-trust="page" is not heeded for code of another site.');
          return 'isolated';
        }
        return trust;
      },
      get frameUrl() {
        return readOptions(host).frameUrl;
      },
      goToLine: (line) => {
        owner.goToLine(line);
      },
      changed: () => {
        owner.changed();
      },
      answered: (text) => {
        run.answer(text);
      },
      asked: (question) => {
        announce(host.strings.asked(question));
        return host.matches(':focus-within');
      },
    });
  }
}
