/** What the relay tells of itself. */
import { LOG_LEVELS } from '../../observe/log.js';
import { choice } from '../kind.js';
import { setting } from '../setting.js';

export const observing = {
  logLevel: setting(
    choice(LOG_LEVELS),
    'info',
    '`error` `warn` `info` `debug` `trace` `silent`; JSON lines on standard error, never with code in them',
  ),
};
