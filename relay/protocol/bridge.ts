/**
 * Relay ⇄ bridge: the same messages as page ⇄ relay wherever the meaning is the same.
 *
 * Differences: a shared token authenticates the link before anything else; the relay names sessions by
 * unguessable ids; **every** execution has a session, a stateless one being a session that lives for one
 * execution; every message of a session carries its number, since the bridge owns and numbers it.
 */
import * as v from 'valibot';
import { ack, answer, budget, close, complete, execute, inspect, ping } from './client-message.js';
import { count, milliseconds, protocolVersion } from './figures.js';
import { executionId, sequence, sessionId } from './ids.js';
import { language } from './language.js';
import {
  closed,
  completions,
  done,
  error,
  inspection,
  outputMessage,
  pong,
  remaining,
  status,
} from './server-message.js';

// ---- relay → bridge ----

/** First message of a link. A wrong token is answered by `error` `unauthorized` and the end of the link. */
export const auth = v.strictObject({
  type: v.literal('auth'),
  version: protocolVersion,
  token: v.string(),
  /** Name of the relay, for logs. */
  relay: v.optional(v.pipe(v.string(), v.maxLength(200))),
});

/**
 * Opens a new session, whose messages are numbered from the one after `after` (0 if not given): the relay has told what
 * came before by itself. Answered by `opened`, or by `closed` with reason `refused`.
 */
export const bridgeOpen = v.strictObject({
  type: v.literal('open'),
  session: sessionId,
  after: v.optional(sequence),
});

/** Takes a living session over from whichever link had it and replays what came after `after`. */
export const attach = v.strictObject({ type: v.literal('attach'), session: sessionId, after: sequence });

/** Runs code in `session`, or, with `stateless`, in a new worker that ends with it. The same id twice runs once. */
export const bridgeExecute = v.strictObject({
  ...execute.entries,
  session: sessionId,
  stateless: v.optional(v.boolean()),
  /** Its output was told before: nothing is told of it but its `done`, which has no number. */
  replay: v.optional(v.boolean()),
});

/** The reader's answer to a `prompt` of this execution. */
export const bridgeAnswer = v.strictObject({ ...answer.entries, session: sessionId });

/** SIGINT to the worker if this execution runs there; out of the queue if it waits. */
export const bridgeInterrupt = v.strictObject({
  type: v.literal('interrupt'),
  session: sessionId,
  execution: executionId,
});

/** SIGKILL to the worker's whole process group. */
export const bridgeKill = v.strictObject({
  type: v.literal('kill'),
  session: sessionId,
  execution: executionId,
});

/** Asks how much of its limits the session, and an execution of it, has left. Answered by `remaining` or `error`. */
export const bridgeBudget = v.strictObject({ ...budget.entries, session: sessionId });

/**
 * The client of this session does not read: what its worker says is to be held back at its source, or may flow again.
 * Nothing is lost. A session that is opened or attached to flows.
 */
export const hold = v.strictObject({ type: v.literal('hold'), session: sessionId, isHeld: v.boolean() });

// ---- bridge → relay ----

/** What keeps user code in, layer by layer, and what this machine can't do and why. */
export const sandboxReport = v.strictObject({
  /** What the operator asked for. */
  mode: v.picklist(['require', 'best-effort', 'off']),
  /** All of it in a word: `off`, `none`, `floor`, `userns`, `root`, `root+pidns`. */
  level: v.string(),
  /** Whether user code may use the network. */
  egress: v.optional(v.boolean()),
  layers: v.array(
    v.strictObject({
      name: v.string(),
      state: v.picklist(['enforced', 'missing', 'not needed']),
      /** Why it is not enforced. */
      reason: v.optional(v.string()),
    }),
  ),
});

const runLimits = v.strictObject({ wallMs: milliseconds, cpuMs: milliseconds });

/** What one reader may take; a request may ask for less, never for more. */
export const limitsReport = v.strictObject({
  /** Of an execution without a session. */
  stateless: runLimits,
  /** Of each execution in a session. */
  session: runLimits,
  /** A session without an execution for so long is ended. */
  idleMs: milliseconds,
  /** A session is ended at this age. */
  lifetimeMs: milliseconds,
  /** A session without a relay for so long is ended. */
  graceMs: milliseconds,
  /** Of a session at a time, all its processes together. */
  memoryBytes: count,
  /** Of a session's files together. */
  diskBytes: count,
  /** How many files a session may have. */
  files: count,
  /** How many processes a session may have. */
  processes: count,
  /** Share of a session; 1 is one core. */
  processors: v.pipe(v.number(), v.minValue(0)),
  /** Those of the above that this machine does not keep, or not for each session alone, and why. */
  unenforced: v.array(
    v.strictObject({
      limit: v.picklist(['memoryBytes', 'diskBytes', 'files', 'processes', 'processors']),
      reason: v.string(),
    }),
  ),
});

/** Answer to a good `auth`. */
export const ready = v.strictObject({
  type: v.literal('ready'),
  version: protocolVersion,
  /** Version of the bridge package. */
  bridge: v.string(),
  /** Version of Sage, as Sage prints it. */
  sage: v.string(),
  /** Version of Python. */
  python: v.string(),
  /** Hash of everything that may change an answer: Sage, Python, what is installed, the bridge's own code. */
  fingerprint: v.string(),
  /** Those that code can be written in here: what is not installed is not among them. */
  languages: v.array(language),
  /** Workers parked and ready at this moment. */
  parked: count,
  /** Most sessions at a time, stateless ones included. */
  maxSessions: count,
  /** Absent: nothing keeps user code in but the process it runs in. */
  sandbox: v.optional(sandboxReport),
  /** Absent: not told. */
  limits: v.optional(limitsReport),
});

/** Workers of a bridge; `forked` and `started` are counted since it began. */
export const workerCounts = v.strictObject({
  /** Ready and waiting at this moment. */
  parked: count,
  /** At work for a session at this moment, stateless ones included. */
  inUse: count,
  /** Processes forked for sessions, those that wait included. */
  forked: count,
  /** Sessions, stateless ones included, that were given one: each is given one, once. */
  started: count,
});

/** Answer to `ping`, and how many workers there are and were. */
export const bridgePong = v.strictObject({ ...pong.entries, workers: v.optional(workerCounts) });

/** The session exists or has been taken over; `missed` messages could not be kept for replay. */
export const bridgeOpened = v.strictObject({
  type: v.literal('opened'),
  session: sessionId,
  resumed: v.boolean(),
  missed: count,
});

/** Everything a relay may say to a bridge. */
export const bridgeCommand = v.variant('type', [
  auth,
  bridgeOpen,
  attach,
  bridgeExecute,
  bridgeAnswer,
  bridgeInterrupt,
  bridgeKill,
  close,
  complete,
  inspect,
  bridgeBudget,
  ack,
  hold,
  ping,
]);

/** Everything a bridge may say to a relay. */
export const bridgeEvent = v.variant('type', [
  ready,
  bridgeOpened,
  closed,
  status,
  outputMessage,
  done,
  completions,
  inspection,
  remaining,
  bridgePong,
  error,
]);

export type BridgeCommand = v.InferOutput<typeof bridgeCommand>;
export type WorkerCounts = v.InferOutput<typeof workerCounts>;
export type BridgeEvent = v.InferOutput<typeof bridgeEvent>;
