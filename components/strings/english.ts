/** Every word the elements show or say, in English; the other tables have the same names. */

const number = (value: number): string => value.toLocaleString('en');

export const english = {
  /** BCP 47 tag of the table. */
  tag: 'en',
  run: 'Run',
  stop: 'Stop',
  forceStop: 'Force stop',
  runAgain: 'Run again',
  runAbove: 'Run cells above',
  rerunAbove: 'Re-run cells above',
  runAll: 'Run all cells',
  restart: 'Restart session',
  reset: 'Reset code',
  copy: 'Copy code',
  copyOutput: 'Copy output',
  copied: 'Copied',
  notCopied: 'Copying is not allowed here',
  wasReset: 'The code is the author’s again',
  clear: 'Clear output',
  fullScreen: 'Full screen',
  leaveFullScreen: 'Leave full screen',
  more: 'More actions',
  language: 'Language',
  showCode: 'Show code',
  hideCode: 'Hide code',
  showAll: 'Show all output',
  showLess: 'Show less output',
  code: 'Sage code',
  cell: 'Sage cell',
  output: 'Output',
  interactive: 'Interactive output',
  placeholder: 'Type Sage code',
  shortcut: { 'shift-enter': 'Shift + Enter', 'ctrl-enter': 'Ctrl + Enter', enter: 'Enter' },
  editorHint: (key: string): string => `${key} runs the code. Press Escape and then Tab to leave the editor.`,
  mayLeave: 'Tab now leaves the editor',
  connecting: 'Connecting…',
  queued: (before: number | undefined): string =>
    before === undefined || before === 0
      ? 'Waiting for a free worker…'
      : `Waiting, ${number(before)} before this`,
  running: (elapsed: string): string => `Running ${elapsed}`,
  runningOf: (elapsed: string, left: string): string => `Running ${elapsed}, ${left} left`,
  stopping: 'Stopping…',
  notStopping: 'The code does not react to Stop',
  done: (duration: string): string => duration,
  cached: (duration: string): string => `${duration}, stored answer`,
  stopped: (duration: string): string => `Stopped, ${duration}`,
  failed: 'Error',
  dead: 'Session lost',
  deadHelp: 'The variables of this session are gone.',
  restarted: 'New session',
  notLive: 'Not live: the output stored with this page',
  setupFailed: (message: string): string => `The preparation of this session failed: ${message}`,
  sourceFailed: (address: string): string => `The code could not be loaded from ${address}.`,
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
  byte: 'byte',
  bytes: 'bytes',
  fileTooLong: (size: string): string => `(${size}, not sent along)`,
  rendererFailed: 'This output cannot be shown.',
  frameRefused: 'This output needs a frame of its own, which this page does not allow.',
  announceDone: (duration: string, lines: number): string =>
    lines === 0
      ? `Done in ${duration}, no output`
      : `Done in ${duration}, ${number(lines)} ${lines === 1 ? 'line' : 'lines'} of output`,
  announceError: (message: string): string => `Error: ${message}`,
  minute: 'min',
};

/** The words of one language. */
export type Strings = typeof english;
