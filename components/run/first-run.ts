/** What comes with the first run of a page, besides the client and what shows output. */
export { Attachment } from './attachment.js';
export { KeptPage } from './kept-page.js';
export { waitForRoom } from './room.js';
export { INTERRUPT_GRACE_MS } from '../../relay/protocol/index.js';
