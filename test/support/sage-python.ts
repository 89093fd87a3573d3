/** The command line of Sage's Python that the tests were given. */

/**
 * @returns argv, from `SAGE_PYTHON` (a path, or a JSON array), which `npm test` sets
 * @throws Error when it is not set: tests on the real Sage never pass without one
 */
export function sagePython(): readonly string[] {
  const value = process.env['SAGE_PYTHON'];
  if (value === undefined || value === '') {
    throw new Error(
      'SAGE_PYTHON is not set: run `npm test`, which finds or installs Sage, or set it to a Python that imports sage.',
    );
  }
  return value.startsWith('[') ? (JSON.parse(value) as string[]) : [value];
}
