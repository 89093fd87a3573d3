/** What a renderer makes of one form of a displayed object. */

/** A displayed object in the page. */
export interface Rendering {
  /** To be put into the output at once; the renderer may fill it later. */
  readonly node: HTMLElement;
  /** Settled when the node has its final size, if that is later. */
  readonly ready?: Promise<void>;
  /** Gives up what the node holds (blob URLs); it may be shown again after `resume`. */
  readonly suspend?: () => void;
  /** Takes again what `suspend` gave up. */
  readonly resume?: () => void;
}

/** Draws `data`, one form of an object, of which `alternative` is the plain text. */
export type Renderer = (data: string, alternative: string, root: ShadowRoot) => Rendering;
