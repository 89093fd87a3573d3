/** Where things are in the checkout. */
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** The checkout's top folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The project's own Sage, made by the launcher; removing the folder makes it anew. */
export const SAGE_ENV = join(ROOT, '.sage');
/** Small programs the launcher installs for itself (uv, pytest, a Node 22). */
export const TOOLS = join(ROOT, '.tools');
/** Python packages pinned with hashes. */
export const LOCKS = join(ROOT, 'sage-bridge', 'locks');
