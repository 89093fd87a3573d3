/** The wire contract: the only path by which others import it. */
export * from './assert-never.js';
export * from './bridge.js';
export * from './client-message.js';
export * from './close.js';
export * from './errors.js';
export * from './ids.js';
export * from './increments.js';
export * from './interact.js';
export * from './language.js';
export * from './limits.js';
export * from './of-type.js';
export * from './output.js';
export * from './parse.js';
export * from './server-message.js';
