/**
 * Interacts: functions of the reader's code whose arguments the page lets the reader choose.
 *
 * An interact comes as a display whose bundle has the form `INTERACT_TYPE`, the JSON text of an `interactView`. Moving a control
 * asks for a **frame**: an `execute` of the same session with `frame` in the place of code, which calls the function with
 * the values of all controls. What a frame puts out takes the place of what the one before it did. Output that the first call
 * makes, while the cell runs that defines the interact, is marked with the interact's name in `output.frame`.
 * While a function runs it may change its controls: a display of the form `INTERACT_CHANGE_TYPE`, an `interactChange`.
 */
import * as v from 'valibot';
import { interactId } from './ids.js';
import {
  MAX_CONTROLS,
  MAX_CONTROL_ITEMS,
  MAX_CONTROL_TEXT_LENGTH,
  MAX_CONTROL_VALUE_LENGTH,
} from './limits.js';
import { notArray } from './not-array.js';

/** The form of a display that is an interact. */
export const INTERACT_TYPE = 'application/vnd.sage-embed.interact+json';

/** The form of a display that changes the controls of an interact. */
export const INTERACT_CHANGE_TYPE = 'application/vnd.sage-embed.interact-change+json';

/** In a layout: where the output of the frames stands. */
export const OUTPUT_PLACE = '_output';

/** An argument of the function: a Python name (these may have letters of any script) that does not begin with `_`. */
export const controlName = v.pipe(v.string(), v.regex(/^[^_\s\d][^\s]{0,63}$/));

const text = v.pipe(v.string(), v.maxLength(MAX_CONTROL_TEXT_LENGTH));
const valueText = v.pipe(v.string(), v.maxLength(MAX_CONTROL_VALUE_LENGTH));
const index = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_CONTROL_ITEMS));
const labels = v.pipe(v.array(text), v.minLength(1), v.maxLength(MAX_CONTROL_ITEMS));
const gridOf = <T extends v.GenericSchema>(cell: T) =>
  v.pipe(v.array(v.pipe(v.array(cell), v.maxLength(MAX_CONTROL_ITEMS))), v.maxLength(MAX_CONTROL_ITEMS));

/**
 * What a control holds: true or false of a checkbox; text of a text box, a grid's rows of texts; the index chosen of a choice; a number of a
 * slider (where it has labels, their index), two of one with two handles, as many as it has of a bank; `#rrggbb` of a
 * colour; the index of a button that was pressed for this frame, null of one that was not.
 */
export const controlValue = v.union([
  v.null(),
  v.boolean(),
  v.number(),
  valueText,
  v.pipe(v.array(v.number()), v.minLength(1), v.maxLength(MAX_CONTROL_ITEMS)),
  gridOf(valueText),
]);

const everyControl = {
  name: controlName,
  /** Stands beside it; may hold `$formulas$`. '' for none. */
  label: text,
};

/** One run of numbers, and what to show for each of them instead where it has labels (then it runs over their indices). */
const sliderRange = {
  min: v.number(),
  max: v.number(),
  step: v.pipe(v.number(), v.minValue(0)),
  labels: v.optional(labels),
};

/** One control, with the value it begins with. */
export const control = v.variant('control', [
  v.strictObject({ control: v.literal('checkbox'), ...everyControl, value: v.boolean() }),
  v.strictObject({
    control: v.literal('text'),
    ...everyControl,
    value: valueText,
    /** Lines; a text of more than one is sent by Shift + Enter or on leaving. */
    lines: count,
    /** Characters it is wide; absent: as wide as there is room. */
    width: v.optional(count),
    /** Code that is evaluated, not text as it is. */
    isCode: v.boolean(),
    /** Every key press counts, not only Enter and leaving. */
    isEager: v.boolean(),
  }),
  v.strictObject({
    control: v.literal('grid'),
    ...everyControl,
    value: gridOf(valueText),
    /** Characters each entry is wide. */
    width: count,
  }),
  v.strictObject({
    control: v.literal('choice'),
    ...everyControl,
    value: index,
    look: v.picklist(['list', 'radio', 'buttons']),
    labels,
    /** For radio and buttons: how they stand; absent: as there is room. */
    columns: v.optional(count),
  }),
  v.strictObject({
    control: v.literal('slider'),
    ...everyControl,
    value: v.union([v.number(), v.pipe(v.array(v.number()), v.length(2))]),
    ...sliderRange,
    /** Whether the value is shown, and, where there are no labels, can be typed. */
    showsValue: v.boolean(),
  }),
  v.strictObject({
    control: v.literal('sliders'),
    ...everyControl,
    value: v.pipe(v.array(v.number()), v.minLength(1), v.maxLength(MAX_CONTROL_ITEMS)),
    /** As many as there are values. */
    sliders: v.pipe(v.array(v.strictObject(sliderRange)), v.minLength(1), v.maxLength(MAX_CONTROL_ITEMS)),
    showsValue: v.boolean(),
  }),
  v.strictObject({
    control: v.literal('color'),
    ...everyControl,
    value: v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/)),
    /** Whether the colour can be typed too. */
    showsValue: v.boolean(),
  }),
  v.strictObject({
    control: v.literal('buttons'),
    ...everyControl,
    labels,
    columns: v.optional(count),
    /** Characters each is wide; absent: as its text. */
    width: v.optional(count),
  }),
  /** No control, but markup between them. */
  v.strictObject({ control: v.literal('html'), ...everyControl, html: valueText }),
]);

/** An interact as the page is to draw it. */
export const interactView = v.strictObject({
  interact: interactId,
  controls: v.pipe(v.array(control), v.maxLength(MAX_CONTROLS)),
  /** Rows of control names, each with its share of the row's width; `OUTPUT_PLACE` stands for the output. Holds every control once. */
  layout: v.array(v.array(v.strictObject({ name: v.string(), weight: v.pipe(v.number(), v.minValue(0)) }))),
  /** Controls that ask for a frame when they change; changes of others wait for the next. */
  updates: v.array(controlName),
  /** Whether there is room for output. */
  hasOutput: v.boolean(),
  isReadonly: v.boolean(),
});

/** What a function did to the controls of its interact. */
export const interactChange = v.strictObject({
  interact: interactId,
  /** New controls, and old ones with all they are now; those not in the layout stand below the others. */
  controls: v.optional(v.pipe(v.array(control), v.maxLength(MAX_CONTROLS))),
  removed: v.optional(v.array(controlName)),
  /** Controls that ask for a frame from here on, when these are others than before. */
  updates: v.optional(v.array(controlName)),
});

/** One frame: which function is called, and with what. */
export const frame = v.strictObject({
  interact: interactId,
  /** Of every control that has one. */
  values: notArray(v.record(controlName, controlValue)),
  /** Controls that changed since the last frame. */
  changed: v.pipe(v.array(controlName), v.maxLength(MAX_CONTROLS)),
});

export type ControlValue = v.InferOutput<typeof controlValue>;
export type Control = v.InferOutput<typeof control>;
export type InteractView = v.InferOutput<typeof interactView>;
export type InteractChange = v.InferOutput<typeof interactChange>;
export type Frame = v.InferOutput<typeof frame>;
