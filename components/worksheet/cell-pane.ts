/** A code cell of a worksheet: a `<sage-cell>`, what it put out, and how it runs. */
import { put } from '../../relay/protocol/index.js';
import type { Cell, StoredOutput } from '../document/index.js';
import { storedOutputs } from '../document/index.js';
import type { SageDoneEvent, SageOutputEvent } from '../events.js';
import type {} from '../interact/frame-event.js';
import { withFrame, type RecordedOutput } from '../interact/recorded-output.js';
import type { SageCell } from '../sage-cell.js';

/** What a pane tells its worksheet. */
export interface CellPaneOwner {
  typed(id: string, source: string): void;
  /** A run ended, or was cleared; what it put out is to be kept. */
  putOut(id: string, output: StoredOutput[]): void;
  /** A run began that the worksheet did not ask for: by the button of the cell. */
  runAsked(id: string): void;
}

/** How every code cell of a worksheet is. */
export interface CellPaneSettings {
  readonly session: string;
  readonly server: string | null;
  readonly key: string | null;
  readonly isReadonly: boolean;
  readonly label: string;
  readonly lang: string;
}

/** Output increments kept of one run until it ends: beyond, the bridge has cut it already. */
const MAX_INCREMENTS = 20_000;

/** The last frame of an interact is kept when there has been none for so long, milliseconds. */
const FRAME_PAUSE_MS = 800;

/** Made for one cell of the document, for as long as that is in the worksheet. */
export class CellPane {
  readonly element: SageCell;
  readonly #id: string;
  #increments: RecordedOutput[] = [];
  #pause: ReturnType<typeof setTimeout> | undefined;
  #shown: readonly StoredOutput[] | undefined;

  constructor({ id, source }: Cell, owner: CellPaneOwner) {
    this.#id = id;
    const element = document.createElement('sage-cell');
    this.element = element;
    element.textContent = source;
    element.hide = 'menu';
    element.addEventListener('sage-edit', () => {
      owner.typed(id, element.code);
    });
    element.addEventListener('sage-run', () => {
      this.#increments = [];
      owner.runAsked(id);
    });
    element.addEventListener('sage-output', (event: SageOutputEvent) => {
      const { output, frame } = event;
      put(this.#increments, { output, frame });
      this.#increments.splice(MAX_INCREMENTS);
    });
    element.addEventListener('sage-frame', (event) => {
      const { interact, view, outputs } = event;
      this.#increments = withFrame(this.#increments, interact, view, outputs);
      // While a slider is dragged, every frame is not worth keeping.
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => {
        this.#keep(owner);
      }, FRAME_PAUSE_MS);
    });
    element.addEventListener('sage-done', (event: SageDoneEvent) => {
      // Nothing ran: what was there before is still what the code puts out.
      if (event.result.status === 'lost' && this.#increments.length === 0) return;
      clearTimeout(this.#pause);
      this.#keep(owner);
    });
  }

  #keep(owner: CellPaneOwner): void {
    this.#shown = storedOutputs(this.#increments.map(({ output }) => output));
    owner.putOut(this.#id, [...this.#shown]);
  }

  get id(): string {
    return this.#id;
  }

  /** Makes the element show what the document says. */
  update({ source, language, flags = {}, output }: Cell, settings: CellPaneSettings): void {
    const { element } = this;
    if (element.code !== source) element.code = source;
    element.session = settings.session;
    element.server = settings.server;
    element.key = settings.key;
    element.language = language ?? null;
    element.label = settings.label;
    element.readOnly = settings.isReadonly || flags.readonly === true;
    element.collapsed = flags.hideSource === true;
    element.hide = flags.hideOutput === true ? 'menu output' : 'menu';
    // Setting it always makes the element look for its words again.
    if (element.lang !== settings.lang) element.lang = settings.lang;
    const wanted = output ?? [];
    if (this.#shown !== output && !(wanted.length === 0 && (this.#shown?.length ?? 0) === 0)) {
      if (JSON.stringify(this.#shown) !== JSON.stringify(wanted)) void element.showOutputs(wanted);
    }
    this.#shown = output ?? [];
  }
}
