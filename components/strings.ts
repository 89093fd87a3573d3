/** Every word the elements show or say, in one table. */

const number = (value: number): string => value.toLocaleString('en');

/** The words in English; another language is another object of this type. */
export const strings = {
  run: 'Run',
  stop: 'Stop',
  forceStop: 'Force stop',
  runAgain: 'Run again',
  code: 'Sage code',
  cell: 'Sage cell',
  output: 'Output',
  placeholder: 'Type Sage code',
  shortcut: 'Shift + Enter',
  editorHint: 'Shift and Enter runs the code. Press Escape and then Tab to leave the editor.',
  connecting: 'Connecting…',
  queued: (before: number | undefined): string =>
    before === undefined || before === 0
      ? 'Waiting for a free worker…'
      : `Waiting, ${number(before)} before this`,
  running: (elapsed: string): string => `Running ${elapsed}`,
  stopping: 'Stopping…',
  notStopping: 'The code does not react to Stop',
  done: (duration: string): string => duration,
  cached: (duration: string): string => `${duration}, stored answer`,
  stopped: (duration: string): string => `Stopped, ${duration}`,
  failed: 'Error',
  dead: 'Session lost',
  deadHelp: 'The variables of this session are gone.',
  retryIn: (seconds: number): string => `Try again in ${number(seconds)} s.`,
  truncated: 'The rest of the output was dropped, since it exceeded the limit.',
  notShown: (characters: number): string => `${number(characters)} more characters are not shown.`,
  timeout: 'Stopped by the time limit.',
  notLoaded: 'The part of the page that talks to the server could not be loaded.',
  systemFailure: 'The server could not run this code.',
  errorAtLine: (line: number): string => `line ${number(line)}`,
  traceback: 'Traceback',
  image: 'Image',
  answer: 'Answer',
  send: 'Send',
  asked: (question: string): string => `The code asks: ${question}`,
  bytes: (count: number): string =>
    count < 1_000
      ? `${number(count)} ${count === 1 ? 'byte' : 'bytes'}`
      : count < 1_000_000
        ? `${number(Math.round(count / 1_000))} kB`
        : `${number(Math.round(count / 100_000) / 10)} MB`,
  fileTooLong: (size: string): string => `(${size}, not sent along)`,
  rendererFailed: 'This output cannot be shown.',
  announceDone: (duration: string, lines: number): string =>
    lines === 0
      ? `Done in ${duration}, no output`
      : `Done in ${duration}, ${number(lines)} ${lines === 1 ? 'line' : 'lines'} of output`,
  announceError: (message: string): string => `Error: ${message}`,
  milliseconds: (value: number): string => `${number(value)} ms`,
  seconds: (value: string): string => `${value} s`,
  minutes: (minutes: number, seconds: number): string => `${number(minutes)} min ${number(seconds)} s`,
  unknownChoice: (attribute: string, value: string, allowed: string): string =>
    `sage-cell: ${attribute}="${value}" is not known; allowed: ${allowed}.`,
};

/** A duration as a reader likes it: `12 ms`, `1.2 s`, `3 min 4 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return strings.milliseconds(Math.max(1, Math.round(ms)));
  if (ms < 59_950) return strings.seconds((ms / 1_000).toFixed(1));
  const seconds = Math.round(ms / 1_000);
  return strings.minutes(Math.floor(seconds / 60), seconds % 60);
}
