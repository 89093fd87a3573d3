/**
 * Fills the disk below the folder named, through a built LMDB store, and prints as JSON what became of that. A program
 * of its own: it is run where a small disk is mounted that nobody else sees, and shows what such a process dies of.
 */
import { randomBytes } from 'node:crypto';
import { LmdbStore } from '../../dist/relay/stores/lmdb.js';

const MB = 1_000_000;
const unhandled = [];
process.on('unhandledRejection', (error) => unhandled.push(String(error)));

const store = new LmdbStore(process.argv[2] ?? '', 1_000 * MB);
/** @param {string} key @param {import('../../relay/stores/store.js').Kind} kind @returns {Promise<string>} */
const put = async (key, kind = 'result') => {
  try {
    await store.put(kind, key, randomBytes(100_000));
    return 'ok';
  } catch (error) {
    return /** @type {{ code: string }} */ (error).code;
  }
};

let written = 0;
let end = 'ok';
while (written < 100) {
  end = await put(`k${String(written)}`);
  if (end !== 'ok') break;
  written += 1;
}
const readable = (await store.get('result', `k${String(written - 1)}`)) !== undefined;
let later = 'none';
for (let tries = 0; tries < 50 && later !== 'ok'; tries += 1) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  later = await put('later');
}
const oldestIsGone = (await store.get('result', 'k0')) === undefined;
await store.close();
console.log(JSON.stringify({ written, end, readable, later, oldestIsGone, unhandled }));
