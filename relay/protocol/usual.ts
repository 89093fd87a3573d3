/**
 * Hand-written checks of the messages that come by the thousand. Each is true only of what its schema accepts and
 * leaves as it is; of anything else it says nothing. They take a fraction of the time, above all in a process that
 * was idle, where every object that a schema is made of has to come from memory.
 */
import { MAX_CODE_LENGTH, MAX_STREAM_LENGTH } from './limits.js';

type Fields = Readonly<Record<string, unknown>>;

const ID = /^[A-Za-z0-9_-]{1,64}$/;

const isId = (value: unknown): boolean => typeof value === 'string' && ID.test(value);

const isSequence = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0;

const countOf = (fields: object): number => Object.keys(fields).length;

function isStream(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, name, text } = value as Fields;
  return (
    kind === 'stream' &&
    (name === 'stdout' || name === 'stderr') &&
    typeof text === 'string' &&
    text.length <= MAX_STREAM_LENGTH &&
    countOf(value) === 3
  );
}

/** An `output` of text, or the `done` of a run that ended by itself, from a bridge. @param value read from JSON */
export function isUsualEvent(value: Fields): boolean {
  const { type, execution, session, seq, output, frame } = value;
  let known = 2;
  if (!isId(execution)) return false;
  if (session !== undefined) {
    if (!isId(session)) return false;
    known += 1;
  }
  if (seq !== undefined) {
    if (!isSequence(seq)) return false;
    known += 1;
  }
  if (type === 'output') {
    if (!isStream(output)) return false;
    known += 1;
    if (frame !== undefined) {
      if (!isId(frame)) return false;
      known += 1;
    }
  } else if (type === 'done') {
    const { status, wallMs, cpuMs, cached, truncated, pure, unchanged } = value;
    if (status !== 'ok' && status !== 'error') return false;
    if (!isTime(wallMs) || !isTime(cpuMs) || cached !== false || typeof truncated !== 'boolean') return false;
    known += 5;
    if (pure !== undefined) {
      if (typeof pure !== 'boolean') return false;
      known += 1;
    }
    if (unchanged !== undefined) {
      if (typeof unchanged !== 'boolean') return false;
      known += 1;
    }
  } else return false;
  return countOf(value) === known;
}

/** An `execute` without wishes of its own, or an `ack`, from a page. @param value read from JSON */
export function isUsualMessage(value: Fields): boolean {
  const { type, execution, session, seq, code, language, typeset } = value;
  let known = 3;
  if (type === 'ack') return isId(session) && isSequence(seq) && countOf(value) === 3;
  if (type !== 'execute' || !isId(execution)) return false;
  if (typeof code !== 'string' || code.length > MAX_CODE_LENGTH) return false;
  if (session !== undefined) {
    if (!isId(session)) return false;
    known += 1;
  }
  if (language !== undefined) {
    if (language !== 'sage' && language !== 'python') return false;
    known += 1;
  }
  if (typeset !== undefined) {
    if (typeof typeset !== 'boolean') return false;
    known += 1;
  }
  return countOf(value) === known;
}
