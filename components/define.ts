/** Registers the elements; what a page loads. Loading it again, or another version of it, changes nothing. */
import { SageCell } from './sage-cell.js';
import { setDefaultServer } from './settings.js';

export * from './index.js';

// The build lies in `…/sdk/`; the server answers one step above.
if (/^https?:/.test(import.meta.url)) setDefaultServer(new URL('..', import.meta.url).href);

if (customElements.get('sage-cell') === undefined) customElements.define('sage-cell', SageCell);
