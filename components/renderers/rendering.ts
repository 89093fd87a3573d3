/** What a renderer makes of one form of a displayed object. */
import type { Strings } from '../strings/index.js';

/** Where something is rendered. */
export interface RenderSite {
  readonly root: ShadowRoot;
  readonly strings: Strings;
  /** `page`: markup and scripts of the output are the page's own, because its author said so. */
  readonly trust: 'isolated' | 'page';
  /** Address of the page in which output with scripts is shut in. */
  readonly frameUrl: string;
  /** Takes one of the few places for frames. @returns false if there is none */
  claimFrame(): boolean;
}

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
  /** It is shown no more and will not be again. */
  readonly remove?: () => void;
}

/** Draws `data`, one form of an object, of which `alternative` is the plain text. */
export type Renderer = (data: string, alternative: string, site: RenderSite) => Rendering;
