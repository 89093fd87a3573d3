/** The wire contract: the only path by which others import it. */
export * from './assert-never.js';
export * from './bridge.js';
export * from './close.js';
export * from './errors.js';
export * from './ids.js';
export * from './limits.js';
export * from './messages.js';
export * from './output.js';
export * from './parse.js';
