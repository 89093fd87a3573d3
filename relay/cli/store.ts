/** `sage-embed store`: look a store through, copy it, clean it. */
import { createWriteStream, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { loadStoreSettings } from '../config/index.js';
import { EXIT, StartError } from '../errors.js';
import { createLog } from '../observe/log.js';
import { openStore, placeOf } from '../stores/open.js';
import type { Store } from '../stores/store.js';
import {
  exported,
  imported,
  purge,
  releaseOrphans,
  verify,
  type Purged,
  type Tally,
} from '../upkeep/upkeep.js';
import { textOf, type Command, type Line } from './command.js';

const ACTIONS = 'verify | export | import | purge | stats';

/** How long a cluster may take to be reached. */
const CONNECT_MS = 15_000;

export const store: Command = {
  summary: 'look a store through, copy it, clean it',
  usage: `${ACTIONS} [OPTIONS]`,
  options: {
    config: { type: 'string', help: 'FILE  configuration file' },
    file: { type: 'string', help: 'FILE  for export and import, instead of standard output and input' },
    repair: { type: 'boolean', help: 'verify: delete what is wrong, release files that nothing names' },
    key: { type: 'string', help: 'KEY  purge: this result' },
    sage: { type: 'string', help: 'VERSION  purge: results of this Sage' },
    fingerprint: { type: 'string', help: 'HASH  purge: results of this bridge' },
    all: { type: 'boolean', help: 'purge: all results' },
  },
  maxPositionals: 1,
  run: async (line) => {
    const [action] = line.positionals;
    const act = action !== undefined && Object.hasOwn(ACTS, action) ? ACTS[action] : undefined;
    if (act === undefined) throw new StartError(`Say what to do with the store: ${ACTIONS}.`, EXIT.USAGE);
    const settings = loadStoreSettings({ file: textOf(line, 'config') });
    const { name, where } = placeOf(settings);
    if (name === 'memory') {
      throw new StartError('STORE is memory: what a relay holds there is gone with it.', EXIT.CONFIG);
    }
    // One that is only looked at is not made.
    if (name === 'lmdb' && action !== 'import' && !existsSync(where)) {
      throw new StartError(`There is no store in ${where}, which STORE_DIR names.`, EXIT.DATA);
    }
    const opened = openStore(settings, createLog('warn'));
    try {
      await reached(opened, where);
      return await act(opened, line);
    } finally {
      await opened.close();
    }
  },
};

const ACTS: Readonly<Record<string, (store: Store, line: Line) => Promise<number>>> = {
  async verify(opened, line) {
    const isRepairing = line.values['repair'] === true;
    const { entries, defects } = await verify(opened, isRepairing);
    for (const { kind, key, problem } of defects) process.stdout.write(`${kind} ${key} ${problem}\n`);
    const released = isRepairing ? await releaseOrphans(opened) : 0;
    process.stdout.write(
      `${tallied(entries)}; ${String(defects.length)} wrong${isRepairing ? `; ${String(released)} files released` : ''}\n`,
    );
    return defects.length === 0 || isRepairing ? 0 : EXIT.DATA;
  },
  async export(opened, line) {
    const file = textOf(line, 'file');
    const lines = Readable.from(exported(opened));
    try {
      if (file === undefined) await pipeline(lines, process.stdout, { end: false });
      else await pipeline(lines, createWriteStream(file));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // Whoever read it has had enough.
      if (file === undefined && code === 'EPIPE') return 0;
      throw new StartError(`The export broke off: ${message}`, EXIT.DATA);
    }
    return 0;
  },
  async import(opened, line) {
    const file = textOf(line, 'file');
    try {
      const input = file === undefined ? process.stdin : (await open(file)).createReadStream();
      const lines = createInterface({ input });
      process.stdout.write(`${tallied(await imported(opened, lines))} taken\n`);
    } catch (error) {
      throw new StartError((error as Error).message, EXIT.DATA);
    }
    return 0;
  },
  async purge(opened, line) {
    const count = await purge(opened, purgedBy(line));
    process.stdout.write(
      `${String(count)} results deleted; relays forget what they hold in memory at SIGHUP\n`,
    );
    return 0;
  },
  async stats(opened, line) {
    const { entries, bytes, defects, sages } = await verify(opened);
    const { where } = placeOf(loadStoreSettings({ file: textOf(line, 'config') }));
    const found = { entries, valueBytes: bytes, defects: defects.length, sages };
    process.stdout.write(`${JSON.stringify({ ...opened.stats(), where, ...found }, null, 2)}\n`);
    return 0;
  },
};

const tallied = ({ result, blob, document }: Tally): string =>
  `${String(result)} results, ${String(blob)} files, ${String(document)} parts of documents`;

function purgedBy(line: Line): Purged {
  const [key, sage, fingerprint] = [textOf(line, 'key'), textOf(line, 'sage'), textOf(line, 'fingerprint')];
  if (key !== undefined) return { key };
  if (sage !== undefined) return { sage };
  if (fingerprint !== undefined) return { fingerprint };
  if (line.values['all'] === true) return 'all';
  throw new StartError('purge: say which results: --key, --sage, --fingerprint or --all.', EXIT.USAGE);
}

async function reached(opened: Store, where: string): Promise<void> {
  const deadline = performance.now() + CONNECT_MS;
  while (!opened.stats().isUp) {
    if (performance.now() > deadline) {
      throw new StartError(`The store can not be reached: ${where}.`, EXIT.UNAVAILABLE);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
