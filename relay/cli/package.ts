/** The package this program is part of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../config/root.js';

export const packageVersion = (): string =>
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
