/**
 * Registers the elements; what a page loads. The first to come registers all of them, so that those of a page know each
 * other; loading it again changes nothing, and loading another version is told.
 */
import { SageCell } from './sage-cell.js';
import { SageConfig } from './sage-config.js';
import { SageWorksheet } from './sage-worksheet.js';
import { setDefaultServer } from './page-defaults.js';
import { VERSION } from './version.js';

export * from './index.js';

// The build lies in `…/sdk/`; the server answers one step above.
if (/^https?:/.test(import.meta.url)) setDefaultServer(new URL('..', import.meta.url).href);

const registered = customElements.get('sage-cell') as { version?: string } | undefined;
if (registered === undefined) {
  Object.assign(SageCell, { version: VERSION });
  customElements.define('sage-cell', SageCell);
  customElements.define('sage-config', SageConfig);
  customElements.define('sage-worksheet', SageWorksheet);
} else if (registered.version !== VERSION) {
  const there = registered.version ?? 'another version';
  console.warn(`sage-embed ${VERSION} came too late: the elements of this page are those of ${there}.`);
}
