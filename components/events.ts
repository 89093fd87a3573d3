/** What an element tells the page: one event class each, all bubbling and crossing shadow roots. */
import type { InteractId, Output } from '../relay/protocol/index.js';
import type { ExecutionResult } from './session/execution.js';

/** What a cell is doing. */
export type CellStatus = 'idle' | 'connecting' | 'queued' | 'running' | 'done' | 'error' | 'dead';

/** A run began. */
export class SageRunEvent extends Event {
  constructor(
    /** The code that runs. */
    readonly code: string,
  ) {
    super('sage-run', { bubbles: true, composed: true });
  }
}

/** One increment of output came. */
export class SageOutputEvent extends Event {
  constructor(
    readonly output: Output,
    /** The interact into whose output it belongs, if it is not the cell's own. */
    readonly frame?: InteractId,
  ) {
    super('sage-output', { bubbles: true, composed: true });
  }
}

/** The run ended, well or not. */
export class SageDoneEvent extends Event {
  constructor(readonly result: ExecutionResult) {
    super('sage-done', { bubbles: true, composed: true });
  }
}

/** The status of the cell changed. */
export class SageStatusEvent extends Event {
  constructor(
    readonly status: CellStatus,
    readonly previous: CellStatus,
  ) {
    super('sage-status', { bubbles: true, composed: true });
  }
}

/** The reader changed the code. */
export class SageEditEvent extends Event {
  constructor() {
    super('sage-edit', { bubbles: true, composed: true });
  }
}

/** What went wrong in a run. */
export interface CellFailure {
  /** `code`: the code raised an exception. `system`: it could not be run, or not to its end. */
  readonly kind: 'code' | 'system';
  /** Class of the exception, or the code of the failure. */
  readonly name: string;
  readonly message: string;
  /** The line of the cell, from 1, where the exception passed. */
  readonly line?: number;
}

/** The run failed; comes before `sage-done`. */
export class SageErrorEvent extends Event {
  constructor(readonly failure: CellFailure) {
    super('sage-error', { bubbles: true, composed: true });
  }
}

/** The document was changed by the reader. */
export class SageChangeEvent extends Event {
  constructor(
    /** `structure`: cells came, went or moved. `content`: a text, a switch or an output. */
    readonly what: 'structure' | 'content',
  ) {
    super('sage-change', { bubbles: true, composed: true });
  }
}

/** The page is asked for the document (`sage-load`) or told to keep it (`sage-save`), with `save="page"`. */
export class SagePlaceEvent<Detail> extends Event {
  constructor(
    type: 'sage-load' | 'sage-save',
    /** Answer with `detail.respondWith(…)`. */
    readonly detail: Detail,
  ) {
    super(type, { bubbles: true, composed: true });
  }
}

/** The document was saved on the server for the first time: whoever knows an address may do what it is for. */
export class SageSavedEvent extends Event {
  constructor(
    /** Address to read it. */
    readonly read: string,
    /** Address to change it. */
    readonly edit: string,
  ) {
    super('sage-saved', { bubbles: true, composed: true });
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'sage-run': SageRunEvent;
    'sage-output': SageOutputEvent;
    'sage-done': SageDoneEvent;
    'sage-status': SageStatusEvent;
    'sage-error': SageErrorEvent;
    'sage-edit': SageEditEvent;
    'sage-change': SageChangeEvent;
    'sage-saved': SageSavedEvent;
  }
}
