/** The parts that sockjs-client is made of, so that a page loads those alone that it needs. */
declare module 'sockjs-client/lib/main.js' {
  interface SockJS {
    onopen: ((event: never) => void) | null;
    onmessage: ((event: { readonly data: unknown }) => void) | null;
    onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
    onerror: ((event: never) => void) | null;
    send(text: string): void;
    close(code?: number, reason?: string): void;
  }
  type SockJSClass = new (
    url: string,
    protocols: undefined,
    options: { readonly sessionId: () => string },
  ) => SockJS;
  export default function createSockJS(transports: readonly object[]): SockJSClass;
}
declare module 'sockjs-client/lib/transport/xhr-polling.js' {
  const transport: object;
  export default transport;
}
declare module 'sockjs-client/lib/transport/xhr-streaming.js' {
  const transport: object;
  export default transport;
}
