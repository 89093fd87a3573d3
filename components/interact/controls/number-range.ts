/** A run of numbers that a slider goes over, and how each is written. */
import { spoken } from '../math-text.js';

/** As it is declared: with labels, over their indices. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly labels?: readonly string[] | undefined;
}

/** Steps of a slider whose numbers have none. */
const STEPS = 1_000;

/** Most decimals that are written. */
const MAX_DECIMALS = 12;

/** The step that the keyboard makes. */
export const stepOf = ({ min, max, step }: NumberRange): number =>
  step > 0 ? step : max > min ? (max - min) / STEPS : 1;

function decimalsOf(number: number): number {
  const text = String(number);
  const exponent = Number(/e-(\d+)$/.exec(text)?.[1] ?? 0);
  const written = /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
  return Math.min(MAX_DECIMALS, written + exponent);
}

/** Without the last binary digits that steps leave: 0.30000000000000004 is 0.3. */
export function rounded(range: NumberRange, value: number): number {
  if (range.labels !== undefined) return Math.round(value);
  const decimals = Math.max(decimalsOf(stepOf(range)), decimalsOf(range.min));
  return Number(value.toFixed(Math.min(MAX_DECIMALS, decimals)));
}

/** How a number is shown; of a range with labels its label. */
export function written(range: NumberRange, value: number): string {
  const label = range.labels?.[value];
  return label ?? String(Number(value.toPrecision(10)));
}

/** How it is read out. */
export const saidOf = (range: NumberRange, value: number): string => spoken(written(range, value));

export const clamped = ({ min, max }: NumberRange, value: number): number =>
  Math.min(max, Math.max(min, value));

/** Where between the ends a value is, 0 to 1. */
export const shareOf = ({ min, max }: NumberRange, value: number): number =>
  max > min ? (value - min) / (max - min) : 0;

/** Whether it can be held: any number between the ends, of a range with labels an index. */
export const holds = (range: NumberRange, value: unknown): value is number =>
  typeof value === 'number' &&
  value >= range.min &&
  value <= range.max &&
  (range.labels === undefined || Number.isInteger(value));
