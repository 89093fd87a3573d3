/**
 * Ends an exhaustive `switch`. A new member of the union fails to compile here.
 * @throws Error if it is reached all the same: a defect, since parsed data cannot get here.
 */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
