/** The beginning of one client connection: its `hello`, the check of its key, and what it says meanwhile. */
import {
  CLOSE,
  MAX_CLIENT_MESSAGE_BYTES,
  PROTOCOL_VERSION,
  type ClientMessage,
  type CloseCode,
  type OfType,
} from '../protocol/index.js';
import type { Visit } from '../admission/visit.js';
import { RelayError } from '../errors.js';
import type { Client } from './connection-context.js';

/** How long a client may stay silent before its `hello`. */
const HELLO_TIMEOUT_MS = 10_000;

/** Most that a client may say before its key is checked, UTF-16 code units. */
const MAX_EARLY_LENGTH = 4 * MAX_CLIENT_MESSAGE_BYTES;

/** What a handshake does to its connection. */
export interface Greeter extends Pick<Client, 'log' | 'refuse'> {
  readonly visit: Visit;
  /** The client is known: from now on it is obeyed. Called once at most. @param early what it has said meanwhile */
  welcome(client: string | undefined, early: readonly string[]): void;
  failed(): void;
  close(code: CloseCode, reason: string): void;
}

/** From the opening of a connection until its `welcome`, or until `cancel`. */
export class Handshake {
  readonly #greeter: Greeter;
  readonly #timer: NodeJS.Timeout;
  /** What came while the key was checked; undefined before that. */
  #early: string[] | undefined;
  #earlyLength = 0;
  #isOver = false;

  constructor(greeter: Greeter) {
    this.#greeter = greeter;
    this.#timer = setTimeout(() => {
      this.expectHello('No hello came in time.');
    }, HELLO_TIMEOUT_MS);
  }

  /** Ends the connection of a client that does not begin with `hello`. */
  expectHello(message = 'The first message must be hello.'): void {
    this.#greeter.refuse('hello-expected', message);
    this.#greeter.close(CLOSE.UNSUPPORTED, 'hello expected');
  }

  /** Keeps a text that comes while the key is checked. @returns false if that is not so */
  defer(text: string): boolean {
    if (this.#early === undefined) return false;
    this.#early.push(text);
    this.#earlyLength += text.length;
    if (this.#earlyLength > MAX_EARLY_LENGTH) {
      this.#greeter.close(CLOSE.TOO_MANY, 'too much before the welcome');
    }
    return true;
  }

  /** Ends in `welcome`, or closes the connection. */
  hello({ version, client, key }: OfType<ClientMessage, 'hello'>): void {
    if (version !== PROTOCOL_VERSION) {
      const message = `This relay speaks version ${PROTOCOL_VERSION}, not ${version}.`;
      this.#greeter.refuse('unsupported-version', message);
      this.#greeter.close(CLOSE.UNSUPPORTED, 'unsupported version');
      return;
    }
    try {
      const identified = this.#greeter.visit.identify(key);
      if (identified === undefined) {
        this.#welcome(client);
        return;
      }
      this.#early = [];
      identified
        .then(() => {
          this.#welcome(client);
        })
        .catch((error: unknown) => {
          this.#refuse(error);
        });
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** The connection is gone. Idempotent. */
  cancel(): void {
    this.#isOver = true;
    this.#early = [];
    clearTimeout(this.#timer);
  }

  #welcome(client: string | undefined): void {
    if (this.#isOver) return;
    const early = this.#early ?? [];
    this.cancel();
    this.#greeter.welcome(client, early);
  }

  #refuse(error: unknown): void {
    if (!(error instanceof RelayError)) {
      this.#greeter.log.error({ err: error }, 'a key could not be checked');
      this.#greeter.failed();
      this.#greeter.close(CLOSE.TOO_MANY, 'internal');
      return;
    }
    this.#greeter.refuse(error.code, error.message, undefined, error.detail);
    const isKnown = error.code !== 'unauthorized';
    this.#greeter.close(isKnown ? CLOSE.TOO_MANY : CLOSE.UNAUTHORIZED, isKnown ? 'too many' : 'unauthorized');
  }
}
