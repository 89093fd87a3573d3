/** Registers the elements; what a page loads. Loading it again, or another version of it, changes nothing. */
import { SageCell } from './sage-cell.js';
import { SageConfig } from './sage-config.js';
import { SageWorksheet } from './sage-worksheet.js';
import { setDefaultServer } from './page-defaults.js';

export * from './index.js';

// The build lies in `…/sdk/`; the server answers one step above.
if (/^https?:/.test(import.meta.url)) setDefaultServer(new URL('..', import.meta.url).href);

if (customElements.get('sage-cell') === undefined) customElements.define('sage-cell', SageCell);
if (customElements.get('sage-config') === undefined) customElements.define('sage-config', SageConfig);
if (customElements.get('sage-worksheet') === undefined)
  customElements.define('sage-worksheet', SageWorksheet);
