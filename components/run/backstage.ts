/** What it takes to run code and show what comes of it: loaded with the first sign that somebody will. */
import type { OutputView } from '../output/output-view.js';
import type { SharedClients } from '../session/shared.js';
import type { Attachment } from './attachment.js';
import type { KeptPage } from './kept-page.js';
import type { waitForRoom } from './room.js';

/** The parts of the page that come with the first run. */
export interface Backstage {
  /** The clients all cells of this page share. */
  readonly clients: SharedClients;
  /** How long code may take to react to an interrupt before the reader is offered more, milliseconds. */
  readonly interruptGraceMs: number;
  readonly OutputView: typeof OutputView;
  readonly Attachment: typeof Attachment;
  readonly waitForRoom: typeof waitForRoom;
  /** What this page leaves for its next load, and what the load before left. */
  readonly kept: KeptPage;
}

let backstage: Backstage | undefined;
let loading: Promise<Backstage> | undefined;

/** What was loaded, if it was. */
export function loadedBackstage(): Backstage | undefined {
  return backstage;
}

/** Loads it, once, and connects nothing. */
export function prepareRuns(): Promise<Backstage> {
  loading ??= Promise.all([
    import('../session/shared.js'),
    import('../output/output-view.js'),
    import('./first-run.js'),
  ]).then(
    ([
      { SharedClients: Clients },
      { OutputView: View },
      { KeptPage: Kept, Attachment: Attached, waitForRoom: wait, INTERRUPT_GRACE_MS: interruptGraceMs },
    ]) =>
      (backstage = {
        clients: new Clients({ network: window, page: document }),
        interruptGraceMs,
        OutputView: View,
        Attachment: Attached,
        waitForRoom: wait,
        kept: new Kept(window),
      }),
    (failure: unknown) => {
      loading = undefined;
      throw failure;
    },
  );
  return loading;
}
