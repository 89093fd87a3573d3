/** Firefox and WebKit for the browser tests: looked for, else installed as Debian's packages. */
import { existsSync, readdirSync } from 'node:fs';
import { aptInstall, canApt, LaunchError, say, which } from './step.mjs';

/** MiniBrowser, the browser that WebKitWebDriver drives. @returns {string | undefined} */
function miniBrowser() {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  return folders
    .map((folder) => `/usr/lib/${folder}/webkit2gtk-4.1/MiniBrowser`)
    .find((path) => existsSync(path));
}

/** @returns {string | undefined} */
const firefox = () => process.env['FIREFOX_PATH'] || which('firefox-esr') || which('firefox');

/** @returns {boolean} */
const hasWebKit = () =>
  which('WebKitWebDriver') !== undefined && which('Xvfb') !== undefined && miniBrowser() !== undefined;

/**
 * Installs what is missing and can be; says what cannot be had and why.
 * @returns {Promise<Record<string, string>>} environment for the tests: `FIREFOX_PATH`, `WEBKIT_MINIBROWSER`
 */
export async function findOrInstallBrowsers() {
  const wanted = [
    ...(firefox() ? [] : ['firefox-esr']),
    ...(hasWebKit() ? [] : ['webkit2gtk-driver', 'xvfb']),
  ];
  let reason = 'none is installed, and packages can be installed only as root on Debian';
  if (wanted.length > 0 && canApt()) {
    try {
      await aptInstall(wanted, 'the tests of the core flow drive them');
    } catch (error) {
      if (!(error instanceof LaunchError)) throw error;
      reason = error.message;
    }
  }
  const path = firefox();
  const browser = hasWebKit() ? miniBrowser() : undefined;
  if (path === undefined) say(`• Firefox is not tested: ${reason}.`);
  if (browser === undefined) say(`• WebKit is not tested: ${reason}.`);
  return { ...(path && { FIREFOX_PATH: path }), ...(browser && { WEBKIT_MINIBROWSER: browser }) };
}
