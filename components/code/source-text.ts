/** From the text an author wrote between tags to the code he meant. */

/**
 * Removes what is there only for the sake of the HTML around it: line ends of other systems, one blank line at
 * the beginning, blank space at the end, and the indentation all lines share.
 */
export function dedent(text: string): string {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/^[ \t]*\n/, '')
    .trimEnd()
    .split('\n');
  let shared: string | undefined;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
    shared = shared === undefined ? indent : commonStart(shared, indent);
  }
  const width = shared?.length ?? 0;
  return lines.map((line) => (line.trim() === '' ? '' : line.slice(width))).join('\n');
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}
