/** WebSocket close codes of the relay: the number, and whether a client should connect again. */

export const CLOSE = {
  /** Normal end, asked for by either side. */
  NORMAL: 1_000,
  /** The relay is shutting down; connect again at once, another relay or the next process answers. */
  DRAINING: 4_200,
  /** The client broke the protocol in a way that makes the rest unreadable (not JSON, binary frame). */
  BAD_MESSAGE: 4_400,
  /** The embed key is unknown or worthless here, or none was given where one is needed. */
  UNAUTHORIZED: 4_401,
  /** The first message was not `hello`, or its version is not spoken here. */
  UNSUPPORTED: 4_406,
  /** The client stopped reading; its sessions stay attachable. */
  SLOW_CONSUMER: 4_408,
  /** Too many connections or messages from this client. */
  TOO_MANY: 4_429,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/**
 * What a client does after a close: `terminal` codes mean that the same client would be refused again;
 * everything else, codes of other layers (1001, 1006, …) included, is worth a retry with back-off.
 */
export function classifyClose(code: number): 'terminal' | 'retry' {
  switch (code) {
    case CLOSE.NORMAL:
    case CLOSE.BAD_MESSAGE:
    case CLOSE.UNAUTHORIZED:
    case CLOSE.UNSUPPORTED:
      return 'terminal';
    default:
      return 'retry';
  }
}
