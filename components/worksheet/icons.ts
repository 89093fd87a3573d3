/** Small drawings of the worksheet. */
import { svg, type SVGTemplateResult } from 'lit';

const drawing = (path: string): SVGTemplateResult =>
  svg`<svg viewBox="0 0 16 16" aria-hidden="true"><path d=${path} /></svg>`;

export const handleIcon = drawing('M6 3.5h.01M10 3.5h.01M6 8h.01M10 8h.01M6 12.5h.01M10 12.5h.01');
export const upIcon = drawing('M8 13V3.5M4 7.2l4-4 4 4');
export const downIcon = drawing('M8 3v9.5M4 8.8l4 4 4-4');
export const plusIcon = drawing('M8 3v10M3 8h10');
export const undoIcon = drawing('M6.2 3 3 6.2l3.2 3.2M3.4 6.2H10a3.3 3.3 0 0 1 0 6.6H6.5');
export const redoIcon = drawing('M9.8 3 13 6.2 9.8 9.4M12.6 6.2H6a3.3 3.3 0 0 0 0 6.6h3.5');
export const savedIcon = drawing('m3 8.6 3.3 3.2L13 4.8');
export const dirtyIcon = drawing('M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6');
export const warningIcon = drawing('M8 2 1.6 13.4h12.8zM8 6.4v3.2M8 11.6v.1');
