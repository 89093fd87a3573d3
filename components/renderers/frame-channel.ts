/**
 * What a page and the frame of an output say to each other; the frame's side is in frame.html. The page says
 * `FrameContent` once; the frame answers with any number of `{type: 'height', height}`, in CSS pixels.
 */

/** Version of these messages; the frame page of another version shows nothing. */
export const FRAME_VERSION = 1;

/** A frame that says more in a second is not listened to any more. */
export const MAX_FRAME_MESSAGES_PER_SECOND = 50;

/** From the page to the frame, once, with the port to answer on. */
export type FrameContent = {
  readonly version: typeof FRAME_VERSION;
  /** Values of custom properties of the cell, by short names: `surface`, `text`, …, `scheme`, `font`. */
  readonly theme: Readonly<Record<string, string>>;
} & ({ readonly html: string } | { readonly script: string });
