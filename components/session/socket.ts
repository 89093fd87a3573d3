/** What carries messages to a relay and back. */

/** What is used of a WebSocket. The browser's has it, and so has the class of the `ws` package. */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** True once a socket opened now would be a better one. */
  readonly isSuperseded?: boolean;
}

/** Opens a socket to a `ws:` or `wss:` URL. */
export type OpenSocket = (url: string) => Socket;
