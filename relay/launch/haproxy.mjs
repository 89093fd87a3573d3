/** A load balancer for the tests of several relays. */
import { aptInstall, canApt, say, which } from './step.mjs';

/**
 * `$HAPROXY_PATH`, else one on PATH, else Debian's package.
 * @returns {Promise<string | undefined>} path of the program; undefined, and a line that says why, when there is none
 *   and none can be installed: the tests behind it are left out then
 */
export async function findOrInstallHaproxy() {
  const find = () => process.env['HAPROXY_PATH'] || which('haproxy') || which('/usr/sbin/haproxy');
  const found = find();
  if (found) return found;
  if (canApt()) {
    await aptInstall(['haproxy'], 'the tests of several relays stand behind it');
    const installed = find();
    if (installed) return installed;
  }
  say(
    '• Without HAProxy the tests behind it are left out. Install it (Debian: sudo apt-get install haproxy) or name one: HAPROXY_PATH=/path/to/haproxy npm test',
  );
  return undefined;
}
