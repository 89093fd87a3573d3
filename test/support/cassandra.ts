/** Real Cassandra nodes for the tests that need them. */
import { layOutNodes, type Cassandra } from './cassandra-nodes.mjs';
import type { Cleanup } from './cleanup.js';

export type { Cassandra };

/**
 * Starts `count` nodes; stopped and their folders removed at the end.
 * @param isGuarded lets in only who has an account and a certificate
 * @throws Error when `CASSANDRA_LIB` is not set: `npm test` sets it to the folder of the jars
 */
export async function startCassandra(cleanup: Cleanup, count: 1 | 3, isGuarded = false): Promise<Cassandra> {
  const lib = process.env['CASSANDRA_LIB'];
  if (lib === undefined || lib === '') throw new Error('CASSANDRA_LIB is not set: run `npm test -- stores`.');
  const cassandra = await layOutNodes(lib, count, isGuarded);
  cleanup(() => cassandra.stop());
  await cassandra.start();
  return cassandra;
}
