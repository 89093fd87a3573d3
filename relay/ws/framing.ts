/** How messages are put on a WebSocket. */
import type { ClientSocket } from '../sessions/conversation.js';

/** What a framing adds to the messages themselves. */
export interface Framing {
  /** The socket as its conversation sees it; called once, when it opened. */
  wrap(socket: ClientSocket): ClientSocket;
  /** The messages in one frame; undefined if it can't be read, which ends the connection. */
  read(frame: string): readonly string[] | undefined;
  /** Sent when nothing else was for a while; undefined sends nothing. */
  readonly heartbeat: string | undefined;
}

/** One message is one frame. @param heartbeat a message that peers take for a sign of life, if there is one */
export function rawFraming(heartbeat?: string): Framing {
  return { wrap: (socket) => socket, read: (frame) => [frame], heartbeat };
}
