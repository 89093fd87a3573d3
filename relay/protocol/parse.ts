/** Text → message. Never throws: bad input is a result that names the field. */
import * as v from 'valibot';
import { bridgeCommand, bridgeEvent, type BridgeCommand, type BridgeEvent } from './bridge.js';
import { clientMessage, type ClientMessage } from './client-message.js';
import type { ErrorCode } from './errors.js';
import { serverMessage, type ServerMessage } from './server-message.js';
import { isUsualEvent, isUsualMessage } from './usual.js';

/** Why a text is not a message. */
export interface ParseProblem {
  readonly code: Extract<ErrorCode, 'bad-message' | 'unknown-type' | 'too-large'>;
  /** One sentence: the field, what it holds and what is allowed. */
  readonly message: string;
  /** Dotted path of the offending field; absent when the text as a whole is at fault. */
  readonly field?: string;
  /** The identifier the message carried, when one could be read. */
  readonly about?: string;
}

export type Parsed<M> =
  { readonly ok: true; readonly message: M } | { readonly ok: false; readonly problem: ParseProblem };

/** Deepest nesting of arrays and objects accepted: the deepest message has 4 levels. */
const MAX_DEPTH = 16;

const tooDeep = (value: unknown, depth: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === 0 || Object.values(value).some((inner) => tooDeep(inner, depth - 1)));

const identifierOf = (value: object): string | undefined => {
  const fields = value as Record<string, unknown>;
  for (const name of ['execution', 'request', 'session']) {
    const id = fields[name];
    if (typeof id === 'string' && id.length <= 64) return id;
  }
  return undefined;
};

type MessageSchema<M> = v.GenericSchema<unknown, M> & {
  readonly options: readonly { entries: { type: { literal: string } } }[];
};

/** @param isUsual true of values that the schema is known to accept and to leave as they are */
function parser<M>(
  schema: MessageSchema<M>,
  isUsual?: (value: Readonly<Record<string, unknown>>) => boolean,
): (text: string) => Parsed<M> {
  const types = new Set(schema.options.map((option) => option.entries.type.literal));
  const fail = (problem: ParseProblem): Parsed<M> => ({ ok: false, problem });
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return fail({ code: 'bad-message', message: 'The message is not JSON.' });
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return fail({ code: 'bad-message', message: 'The message is not a JSON object.' });
    }
    if (isUsual?.(value as Readonly<Record<string, unknown>>) === true) {
      return { ok: true, message: value as M };
    }
    if (tooDeep(value, MAX_DEPTH)) {
      return fail({
        code: 'bad-message',
        message: `The message is nested deeper than ${String(MAX_DEPTH)} levels.`,
      });
    }
    const about = identifierOf(value);
    const tag = (value as { type?: unknown }).type;
    if (typeof tag !== 'string' || !types.has(tag)) {
      const shown = tag === undefined ? 'missing' : JSON.stringify(tag).slice(0, 80);
      return fail({
        code: 'unknown-type',
        field: 'type',
        message: `type is ${shown}; allowed: ${[...types].join(', ')}.`,
        ...(about !== undefined && { about }),
      });
    }
    const result = v.safeParse(schema, value, { abortEarly: true });
    if (result.success) return { ok: true, message: result.output };
    const [issue] = result.issues;
    const field = v.getDotPath(issue) ?? undefined;
    const received = issue.received.replace(/\s+/g, ' ').slice(0, 80);
    const holds = `${issue.type.endsWith('_length') ? 'has a length of' : 'is'} ${received}`;
    const fault =
      issue.expected === 'never'
        ? `${field ?? received} is no field here`
        : received === 'undefined'
          ? `${field ?? 'message'} is missing`
          : `${field ?? 'message'} ${holds}; expected ${(issue.expected ?? 'another value').slice(0, 200)}`;
    return fail({
      // Of all texts with a greatest length only code is the reader's own to shorten.
      code: issue.type === 'max_length' && typeof issue.input === 'string' ? 'too-large' : 'bad-message',
      message: `${tag}: ${fault}.`,
      ...(field !== undefined && { field }),
      ...(about !== undefined && { about }),
    });
  };
}

/** Reads what a page sent. */
export const parseClientMessage: (text: string) => Parsed<ClientMessage> = /* @__PURE__ */ parser(
  clientMessage,
  isUsualMessage,
);
/** Reads what a relay sent to a page. */
export const parseServerMessage: (text: string) => Parsed<ServerMessage> =
  /* @__PURE__ */ parser(serverMessage);
/** Reads what a relay sent to a bridge. */
export const parseBridgeCommand: (text: string) => Parsed<BridgeCommand> =
  /* @__PURE__ */ parser(bridgeCommand);
/** Reads what a bridge sent to a relay. */
export const parseBridgeEvent: (text: string) => Parsed<BridgeEvent> = /* @__PURE__ */ parser(
  bridgeEvent,
  isUsualEvent,
);
