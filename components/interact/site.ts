/** What an interact needs of the cell it is shown in. */
import type { InteractId, Output } from '../../relay/protocol/index.js';
import type { RunPlace, RunRequest } from '../run/run-request.js';
import type { Client } from '../session/client.js';
import type { Execution } from '../session/execution.js';
import type { Session } from '../session/session.js';
import type { Strings } from '../strings/index.js';
import type { RecordedOutput } from './recorded-output.js';

/** Where frames go: what is left of the run that made the interacts. Another object for each run. */
export interface RunBase {
  /** Undefined after a run in a process of its own, which is gone. */
  session: Session | undefined;
  /** What ran; without code where that is not known any more. */
  readonly request: RunPlace & Partial<RunRequest>;
}

/** What the cell holds of a server. */
export interface FrameServer {
  readonly base: RunBase | undefined;
  /** The client of that place, held as long as the cell is in a page. */
  clientFor(place: RunPlace): Client;
  /** Opens a session for this cell alone. */
  openPrivate(place: RunPlace): Session;
}

/** Whoever runs the code of the cell. */
export interface FrameSource {
  /** Undefined before the first run. */
  readonly attachment: FrameServer | undefined;
  /** A frame began: one that takes long is shown like a run, until `frameEnded`. */
  frameBegan(execution: Execution): void;
  frameEnded(execution: Execution): void;
  /** What the page shows of an interact: kept for its next load. @param view as a display would bring it now */
  framed(interact: InteractId, view: string, outputs: readonly RecordedOutput[]): void;
}

/** What an interact needs of the owner of the output it is part of. */
export interface InteractOwner {
  readonly root: ShadowRoot;
  readonly strings: Strings;
  readonly trust: 'isolated' | 'page';
  readonly frameUrl: string;
  /** Undefined where nothing runs: its controls can't be used there. */
  readonly runs?: FrameSource | undefined;
  answered(text: string): void;
  changed(): void;
}

/** Shows output in `node`. */
export interface FrameView {
  readonly node: HTMLElement;
  readonly text: string;
  add(output: Output, frame?: InteractId): void;
  finish(): Promise<void>;
  clear(): void;
  suspend(): void;
  resume(): void;
}

/** Where one interact stands. */
export interface InteractSpot {
  readonly node: HTMLElement;
  /** What its function put out when the cell ran. */
  readonly first: FrameView;
  /** Makes another view of the same kind, in a node of its own. */
  readonly makeView: () => FrameView;
}
