/** Where the relay listens and what it serves. */
import { join } from 'node:path';
import { path, text, wholeNumber } from '../kind.js';
import { ROOT } from '../root.js';
import { setting } from '../setting.js';

export const listening = {
  port: setting(wholeNumber(0, 65_535), 8_080, 'port of HTTP and WebSocket; `0` lets the system choose'),
  host: setting(
    text(/^[A-Za-z0-9.:_-]+$/, 'a host name or an IP address'),
    '127.0.0.1',
    'address to listen on; `0.0.0.0` for everybody',
  ),
  sdkDir: setting(path, join(ROOT, 'dist', 'sdk'), 'folder served under `/sdk/`', {
    fallbackDoc: '`dist/sdk`',
  }),
  demoDir: setting(path, join(ROOT, 'demo'), 'folder served under `/` and `/demo/`', {
    fallbackDoc: '`demo`',
  }),
  drainSeconds: setting(
    wholeNumber(0, 3_600),
    25,
    'how long running executions may go on after `SIGTERM`; less than what the supervisor of this process allows',
  ),
};
