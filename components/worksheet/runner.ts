/** Runs the cells of a worksheet in its session: in order, those that prepare it first. */
import type { DoneStatus } from '../../relay/protocol/index.js';
import type { CellPane } from './cell-pane.js';
import { ExecutionQueue } from './execution-queue.js';
import type { Sheet } from './sheet.js';

/** The runs of one worksheet. */
export class Runner {
  readonly queue: ExecutionQueue;
  readonly #sheet: Sheet;
  readonly #panes: ReadonlyMap<string, CellPane>;
  /** True once a cell has run in the present session. */
  #isStarted = false;
  /** True while a run is begun here: the cell tells of it too. */
  #isBeginning = false;

  constructor(sheet: Sheet, panes: ReadonlyMap<string, CellPane>, changed: () => void) {
    this.#sheet = sheet;
    this.#panes = panes;
    this.queue = new ExecutionQueue((id) => this.#run(id), changed);
  }

  get isBusy(): boolean {
    return this.queue.running !== undefined;
  }

  /** Queues code cells; notes among them have nothing to run. */
  run(ids: readonly string[]): void {
    const code = ids.filter((id) => this.#sheet.cell(id)?.kind === 'code');
    if (code.length === 0) return;
    this.queue.add(this.#isStarted ? code : [...this.#preparations(code), ...code]);
    this.#isStarted = true;
  }

  runAll(): void {
    this.run(this.#sheet.order);
  }

  /** A cell was run by its own button: what should have come first does not any more. */
  ranAlone(id: string): void {
    if (this.#isBeginning) return;
    const missing = this.#isStarted ? [] : this.#preparations([id]);
    this.#isStarted = true;
    if (missing.length > 0) this.queue.add(missing);
  }

  /** Stops what runs and lets nothing more begin. */
  stop(): void {
    this.queue.clear();
    for (const { element } of this.#panes.values()) element.stop();
  }

  /** Ends the session: the next run begins a new one. */
  restart(): void {
    this.stop();
    this.#isStarted = false;
    const [pane] = this.#panes.values();
    pane?.element.restart();
  }

  /** Cells that run when the session starts and are not among those asked for. */
  #preparations(asked: readonly string[]): string[] {
    return this.#sheet.cells
      .filter(({ id, kind, flags }) => kind === 'code' && flags?.auto === true && !asked.includes(id))
      .map(({ id }) => id);
  }

  async #run(id: string): Promise<DoneStatus> {
    const pane = this.#panes.get(id);
    if (pane === undefined) return 'ok';
    this.#isBeginning = true;
    const running = pane.element.run();
    this.#isBeginning = false;
    const { status, error } = await running;
    // The session and all in it are gone: the next run begins with what prepares it.
    if (status === 'killed' || (status === 'lost' && error?.code === 'session-lost')) this.#isStarted = false;
    return status;
  }
}
