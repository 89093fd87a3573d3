/** A frame of an interact is shown: told to whoever keeps what the cell shows, on the cell alone. */
import type { InteractId } from '../../relay/protocol/index.js';
import type { RecordedOutput } from './recorded-output.js';

/** Neither bubbles nor leaves the cell: no part of what a page can rely on. */
export class SageFrameEvent extends Event {
  constructor(
    readonly interact: InteractId,
    /** The interact as a display would bring it now. */
    readonly view: string,
    readonly outputs: readonly RecordedOutput[],
  ) {
    super('sage-frame');
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'sage-frame': SageFrameEvent;
  }
}
