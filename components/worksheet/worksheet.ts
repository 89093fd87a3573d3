/** Everything behind `<sage-worksheet>` that is loaded when there is one on the page. */
export { importDocument, validateDocument } from '../document/index.js';
export { BrowserPlace } from './browser-place.js';
export { exportText } from './files.js';
export { PagePlace } from './page-place.js';
export { Saving } from './saving.js';
export { ServerPlace } from './server-place.js';
export { worksheet as worksheetStyles } from '../styles/worksheet.styles.js';
export { wordsFor } from './strings/index.js';
export { WorksheetView } from './view.js';
