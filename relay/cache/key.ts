/** Names of results: a hash of everything that a pure run depends on. */
import { createHash } from 'node:crypto';
import type { BridgeFacts } from '../bridges/bridge.js';
import type { BridgeCommand, OfType } from '../protocol/index.js';

/** Raised when entries or keys mean something else than before. */
const KEY_VERSION = 1;

/** What an execution asks for, as far as its result depends on it. */
export type Asked = Pick<
  OfType<BridgeCommand, 'execute'>,
  'code' | 'frame' | 'language' | 'typeset' | 'expressions' | 'limits'
>;

/** Fields of `ready` that tell one Sage from another. */
export type SageIdentity = Pick<BridgeFacts, 'sage' | 'fingerprint'>;

/** The texts that a session has run so far, in order, as one hash; '' when there are none. */
export type HistoryDigest = string;

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url');

/** Whatever order the fields came in. */
const sorted = (values: Readonly<Record<string, unknown>> = {}): unknown =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));

const askedText = ({ code, frame, language, typeset, expressions }: Asked): unknown[] => [
  language ?? 'sage',
  typeset ?? false,
  sorted(expressions),
  code,
  ...(frame === undefined ? [] : [[frame.interact, sorted(frame.values), [...frame.changed].sort()]]),
];

/** The history after one more execution. */
export const historyAfter = (history: HistoryDigest, asked: Asked): HistoryDigest =>
  digest([history, ...askedText(asked)]);

/**
 * The result of `asked` on that Sage after `history`. Sessions and stateless executions have limits of their own, so
 * that their results are kept apart.
 */
export const resultKey = (
  { sage, fingerprint }: SageIdentity,
  scope: 'stateless' | 'session',
  history: HistoryDigest,
  asked: Asked,
): string =>
  digest([KEY_VERSION, sage, fingerprint, scope, history, sorted(asked.limits), ...askedText(asked)]);
