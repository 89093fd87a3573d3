/** An interact, as scripts of the page see it. */
import type { ControlValue } from '../../relay/protocol/index.js';

/** One of `cell.interacts`. */
export interface Interact {
  /** What every control holds now, by name. */
  readonly values: Readonly<Record<string, ControlValue>>;
  /**
   * Sets a control as the reader would, which asks for a new frame if the control does. Setting a button presses it.
   * @throws RangeError if there is no such control, or it can't hold that
   */
  set(name: string, value: ControlValue): void;
}

/** A control of an interact was changed, by the reader or a script. */
export class SageInteractEvent extends Event {
  constructor(
    readonly interact: Interact,
    /** Name of the control. */
    readonly name: string,
    readonly value: ControlValue,
  ) {
    super('sage-interact', { bubbles: true, composed: true });
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'sage-interact': SageInteractEvent;
  }
}
