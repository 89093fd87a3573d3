/** Every word of interacts, in English; the other tables have the same names. */
export const english = {
  controls: 'Controls',
  update: 'Update',
  from: (label: string): string => `${label}, from`,
  to: (label: string): string => `${label}, to`,
  valueOf: (label: string): string => `${label}, value`,
  part: (label: string, index: number): string => `${label}, ${String(index)}`,
  entry: (label: string, row: number, column: number): string =>
    `${label}, row ${String(row)}, column ${String(column)}`,
  colourCode: (label: string): string => `${label}, as #rrggbb`,
  waiting: 'Changed; the output does not show it yet.',
  waitingFor: (button: string): string => `Changed; press “${button}” to see it in the output.`,
  changed: 'changed',
  computing: 'Computing…',
  gone: 'Run the cell again to use these controls.',
  shown: 'The output is up to date.',
};

/** The words of one language. */
export type InteractWords = typeof english;
