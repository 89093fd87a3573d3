/** The Node that runs the relay: this one, or a Node 22 from npm where uWebSockets.js has no binary for this one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TOOLS } from './paths.mjs';
import { LaunchError, capture, run, step } from './step.mjs';

/** `process.versions.modules` of the Nodes that uWebSockets.js ships binaries for: 20, 21 and 22. */
export const SUPPORTED_ABIS = Object.freeze(['115', '120', '127']);

/** Exact version of the npm package `node` used as a fall-back. */
const FALLBACK_NODE = '22.23.3';

/**
 * @param {string} [abi] the module ABI of the running Node
 * @returns {Promise<string>} path of a Node that can run the relay
 * @throws {LaunchError} when none can be had
 */
export async function relayNode(abi = process.versions.modules) {
  if (SUPPORTED_ABIS.includes(abi)) return process.execPath;
  const folder = join(TOOLS, `node-${FALLBACK_NODE}`);
  const node = join(
    folder,
    'node_modules',
    'node',
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  const works = () => existsSync(node) && capture([node, '--version']) === `v${FALLBACK_NODE}`;
  if (!works()) {
    await step(
      `Installing Node ${FALLBACK_NODE} for the relay: uWebSockets.js has no binary for ${process.version} (ABI ${abi})`,
      () =>
        run([
          'npm',
          'install',
          '--no-audit',
          '--no-fund',
          '--loglevel=error',
          '--prefix',
          folder,
          `node@${FALLBACK_NODE}`,
        ]),
    );
  }
  if (!works())
    throw new LaunchError(
      `The relay needs Node 20 or 22; the npm package node@${FALLBACK_NODE} did not bring one.`,
    );
  return node;
}
