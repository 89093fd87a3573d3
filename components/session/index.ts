/** The session client: no elements and no DOM, so that a program can use it as well as a page. */
export * from './client.js';
export * from './connection.js';
export * from './execution.js';
export * from './questions.js';
export * from './session.js';
export * from './shared.js';
export * from './socket.js';
export * from './transport.js';
export { INTERRUPT_GRACE_MS } from '../../relay/protocol/index.js';
