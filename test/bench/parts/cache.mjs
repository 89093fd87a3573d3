/** What a known answer costs: from memory, from LMDB, from Cassandra; a page of linked cells; what a cache costs who misses. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrInstallCassandra } from '../../../relay/launch/cassandra.mjs';
import { layOutNodes } from '../../support/cassandra-nodes.mjs';
import { Client, startRelay } from '../relay.mjs';
import { interleaved, median } from '../stats.mjs';

const ROUNDS = 200;
/** Answers after which a relay's code is compiled: one that runs for weeks is what is of interest. */
const WARMING = 50;
/** A used worker is replaced within this time on any machine this is meant for. */
const REST_MS = 40;
const FACTOR = 'factor(2^127-1)';

/** Cells of a page, each of which uses what those before it made. */
const CELLS = ['a = 1', ...Array.from({ length: 29 }, (_, index) => `a = a * ${String(index + 2)}; a`)];

/** @param {import('../run.mjs').Context} context */
export async function measure({ figures, python }) {
  const dir = mkdtempSync(join(tmpdir(), 'bench-cache-'));
  const cached = { CACHE: 'true', STORE: 'lmdb', STORE_DIR: dir, PROBE_SECONDS: '86400' };
  const plain = await startRelay(python);
  const relay = await startRelay(python, cached);
  await Promise.all([plain.prepared(), relay.prepared()]);
  const clients = [await Client.connect(plain.url), await Client.connect(relay.url)];
  const [without, client] = /** @type {[Client, Client]} */ (clients);
  try {
    await client.execute(FACTOR);
    const { ours = [], floor = [] } = await interleaved(
      { ours: () => client.execute(FACTOR), floor: () => without.execute(FACTOR) },
      ROUNDS,
      REST_MS,
    );
    figures.beside(`${FACTOR} from memory, WebSocket`, median(ours), median(floor), 'no cache', 'ms', '');
    figures.add(
      `${FACTOR} from memory, at full speed`,
      median(await times(() => client.execute(FACTOR))),
      'ms',
      '≤ 0.5',
    );
    let number = 0;
    const misses = await interleaved(
      {
        ours: () => client.execute(`print(${String((number += 1))})`),
        floor: () => without.execute(`print(${String((number += 1))})`),
      },
      ROUNDS / 4,
      REST_MS,
    );
    figures.compare('a miss (print of a new number)', '', 'no cache', misses);

    await page(client, 'author');
    const before = await sessionsStarted(relay.url);
    const durations = [];
    for (let reader = 0; reader < 20; reader += 1)
      durations.push(await page(client, `reader${String(reader)}`));
    figures.add('30 linked cells on a warm cache, all answers', median(durations), 'ms', '≤ 50');
    const used = (await sessionsStarted(relay.url)) - before;
    figures.add('Sage processes used by 20 readers of that page', used, '', '0');
    await fromLmdb(python, figures);
    await fromCassandra(python, figures);
  } finally {
    for (const each of clients) each.close();
    await plain.stop();
    await relay.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Runs the page's cells in a session of their own. @param {Client} client @param {string} session @returns {Promise<number>} milliseconds from the first cell's request to the last one's answer */
async function page(client, session) {
  await client.open(session);
  const start = performance.now();
  for (const code of CELLS) await client.execute(code, session);
  return performance.now() - start;
}

/** As the bridge counts them; a probe of the relay's would be one of them, and comes every day here. @param {URL} url @returns {Promise<number>} */
async function sessionsStarted(url) {
  const status = await (await fetch(new URL('/status', url))).json();
  return status.bridges[0].started;
}

/** @param {() => Promise<unknown>} act */
async function times(act) {
  const all = [];
  for (let round = 0; round < 5 * ROUNDS; round += 1) {
    const start = performance.now();
    await act();
    all.push(performance.now() - start);
  }
  return all;
}

/** Many results, each asked for once by a relay that has never seen it. @param {string} what @param {NodeJS.ProcessEnv} env @param {string[]} python @param {import('../figures.mjs').Figures} figures @param {string} goal */
async function fromStore(what, env, python, figures, goal) {
  const codes = Array.from({ length: WARMING + ROUNDS }, (_, index) => `factor(2^127-1)+${String(index)}`);
  const first = await startRelay(python, env);
  await first.prepared();
  const writer = await Client.connect(first.url);
  for (const code of codes) await writer.execute(code);
  writer.close();
  await first.stop();
  const second = await startRelay(python, env);
  await second.prepared();
  const reader = await Client.connect(second.url);
  await reader.execute('1');
  const all = [];
  for (const code of codes) {
    const start = performance.now();
    await reader.execute(code);
    all.push(performance.now() - start);
  }
  const { cache } = await (await fetch(new URL('/status', second.url))).json();
  if (cache.hits[env['STORE'] ?? ''] < codes.length)
    throw new Error(`not all came from the store: ${JSON.stringify(cache)}`);
  figures.add(what, median(all.slice(WARMING)), 'ms', goal);
  reader.close();
  await second.stop();
}

/** @param {string[]} python @param {import('../figures.mjs').Figures} figures */
async function fromLmdb(python, figures) {
  const dir = mkdtempSync(join(tmpdir(), 'bench-lmdb-'));
  const env = { CACHE: 'true', STORE: 'lmdb', STORE_DIR: dir };
  await fromStore(`${FACTOR} from LMDB, WebSocket`, env, python, figures, '≤ 3');
  rmSync(dir, { recursive: true, force: true });
}

/** On the cluster of `CASSANDRA_CONTACT_POINTS`, else on a node of its own. @param {string[]} python @param {import('../figures.mjs').Figures} figures */
async function fromCassandra(python, figures) {
  const given = process.env['CASSANDRA_CONTACT_POINTS'];
  const own = given === undefined ? await layOutNodes(await findOrInstallCassandra(), 1) : undefined;
  try {
    await own?.start();
    const env = {
      CACHE: 'true',
      STORE: 'cassandra',
      CASSANDRA_CONTACT_POINTS: given ?? own?.contactPoints.join(',') ?? '',
      CASSANDRA_KEYSPACE: `bench_${Date.now().toString(36)}`,
      CASSANDRA_REPLICATION: '1',
    };
    await fromStore(`${FACTOR} from Cassandra on loopback, WebSocket`, env, python, figures, '≤ 3');
  } finally {
    await own?.stop();
  }
}
