/** What the relay tells of itself. */
import { LOG_LEVELS } from '../../observe/log.js';
import { choice, text } from '../kind.js';
import { optional, setting } from '../setting.js';

export const observing = {
  logLevel: setting(
    choice(LOG_LEVELS),
    'info',
    '`error` `warn` `info` `debug` `trace` `silent`; JSON lines on standard error, never with code in them',
  ),
  metricsAccess: setting(
    choice(['local', 'everybody']),
    'local',
    'who reads `/metrics`: programs of this machine, or `everybody`',
  ),
  metricsToken: optional(
    text(/^\S{16,}$/, 'a secret of at least 16 characters without spaces'),
    'secret, 16 characters or more; whoever sends it as `Authorization: Bearer …` reads `/metrics` too',
    { isSecret: true },
  ),
};
