/** Everything behind `<sage-worksheet>`: the chunk that is loaded when there is one on the page. */
export { WorksheetController } from './controller.js';
