/** SockJS frames on a WebSocket: `/{server}/{session}/websocket`. */
import type { ClientSocket } from '../sessions/conversation.js';
import type { Framing } from '../ws/framing.js';
import { closeFrame, HEARTBEAT_FRAME, messageFrame, OPEN_FRAME } from './frames.js';

/** The session lives as long as its WebSocket; broken payloads end both. */
export const sockJsFraming: Framing = {
  wrap(socket: ClientSocket): ClientSocket {
    socket.send(OPEN_FRAME);
    return {
      transport: 'sockjs',
      send: (text, isUrgent) => {
        socket.send(messageFrame([text]), isUrgent);
      },
      close: (code, reason) => {
        socket.send(closeFrame(code, reason));
        socket.close(code, reason);
      },
    };
  },
  read(frame) {
    if (frame === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(frame);
    } catch {
      return undefined;
    }
    // Clients send an array, or one message alone.
    const messages: unknown[] = Array.isArray(value) ? value : [value];
    return messages.every((item) => typeof item === 'string') ? messages : undefined;
  },
  heartbeat: HEARTBEAT_FRAME,
};
