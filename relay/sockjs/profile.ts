/** What of SockJS a service offers, and how its sessions live. */

/** What may be switched off, and how sessions live. */
export interface SockJsProfile {
  /** WebSockets with SockJS frames, and raw ones. @default true */
  readonly websocket?: boolean;
  /** Transports for browsers of another age, which let pages in without an Origin to check. @default false */
  readonly legacy?: boolean;
  /** Sets JSESSIONID for balancers that stick to it. The relay itself never heeds a cookie. @default false */
  readonly cookies?: boolean;
  /** Shortest session name taken: it's all that an attacker would have to guess. @default 1 */
  readonly minNameLength?: number;
  /** Bytes after which a streaming answer ends, so that browsers can let go of it. @default 131072 */
  readonly responseLimit?: number;
  /** How long a session lives without a request that waits. @default 5000 */
  readonly disconnectMs?: number;
  /** @default 25000 */
  readonly heartbeatMs?: number;
  /** Most sessions at a time, those that ended a moment ago included. @default 10000 */
  readonly maxSessions?: number;
}
