/** Small drawings that carry a state by their shape. */
import { svg, type SVGTemplateResult } from 'lit';
import type { CellStatus } from './events.js';

export const runIcon = svg`<svg viewBox="0 0 12 12" aria-hidden="true"><path d="M2.5 1.2v9.6L10.8 6z"/></svg>`;
export const stopIcon = svg`<svg viewBox="0 0 12 12" aria-hidden="true"><path d="M2 2h8v8H2z"/></svg>`;
export const moreIcon = svg`<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 8h.01M8 8h.01M13 8h.01"/></svg>`;

const drawing = (path: string, extra = ''): SVGTemplateResult =>
  svg`<svg viewBox="0 0 16 16" class=${extra} aria-hidden="true"><path d=${path} /></svg>`;

const ring = drawing('M14 8a6 6 0 1 1-6-6', 'spinner');

/** A ring that turns, a check, a warning, a broken link, …; nothing for a cell that has not run. */
export const statusIcons: Readonly<Record<CellStatus, SVGTemplateResult | undefined>> = {
  idle: undefined,
  connecting: ring,
  queued: drawing('M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.8V8l2.2 1.6'),
  running: ring,
  done: drawing('m3 8.6 3.3 3.2L13 4.8'),
  error: drawing('M8 2 1.6 13.4h12.8zM8 6.4v3.2M8 11.6v.1'),
  dead: drawing(
    'M6.4 4.2 7.6 3a3.5 3.5 0 0 1 5 5l-1.2 1.2M9.6 11.8 8.4 13a3.5 3.5 0 0 1-5-5l1.2-1.2M2.5 2.5l11 11',
  ),
};
/** For a run the reader stopped. */
export const stoppedIcon = drawing('M4 4h8v8H4z');
/** For output that is not of this moment. */
export const storedIcon = drawing('M3 2.5h10v11H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h3');
export const foldIcon = drawing('m6 4 4 4-4 4', 'fold');
