/** A Chromium for the browser tests. */
import { aptInstall, canApt, LaunchError, which } from './step.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * `$CHROMIUM_PATH`, else one on PATH, else Debian's package.
 * @returns {Promise<string>} path of the program
 * @throws {LaunchError} when there is none and none can be installed
 */
export async function findOrInstallChromium() {
  const find = () => process.env['CHROMIUM_PATH'] || NAMES.map(which).find(Boolean);
  const found = find();
  if (found) return found;
  if (canApt()) {
    await aptInstall(['chromium'], 'the browser tests drive it');
    const installed = find();
    if (installed) return installed;
  }
  throw new LaunchError(
    'The browser tests need Chromium and none was found. Install it (Debian: sudo apt-get install chromium) or name one: CHROMIUM_PATH=/path/to/chromium npm test',
  );
}
