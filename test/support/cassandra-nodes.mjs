/** Real Cassandra nodes on loopback addresses, as processes of their own: for tests, and for whoever measures. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From the start of a node to its first CQL client; 14 s on an idle machine. */
const START_TIMEOUT_MS = 180_000;

const TLS = fileURLToPath(new URL('../fixtures/tls', import.meta.url));

/** What Cassandra's own conf/jvm17-server.options lists. */
const MODULE_FLAGS = [
  ...[
    'java.base/jdk.internal.misc',
    'java.base/jdk.internal.ref',
    'java.base/sun.nio.ch',
    'java.management.rmi/com.sun.jmx.remote.internal.rmi',
    'java.rmi/sun.rmi.registry',
    'java.rmi/sun.rmi.server',
    'java.rmi/sun.rmi.transport.tcp',
    'java.sql/java.sql',
    'jdk.unsupported/sun.misc',
  ].map((name) => `--add-exports=${name}=ALL-UNNAMED`),
  ...[
    'java.base/java.io',
    'java.base/java.lang',
    'java.base/java.lang.module',
    'java.base/java.nio',
    'java.base/java.util',
    'java.base/java.util.concurrent',
    'java.base/java.util.concurrent.atomic',
    'java.base/jdk.internal.loader',
    'java.base/jdk.internal.math',
    'java.base/jdk.internal.module',
    'java.base/jdk.internal.ref',
    'java.base/jdk.internal.reflect',
    'java.base/jdk.internal.util.jar',
    'java.base/sun.nio.ch',
    'jdk.management/com.sun.management.internal',
  ].map((name) => `--add-opens=${name}=ALL-UNNAMED`),
];

const LOGBACK = `<configuration>
  <appender name="STDOUT" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%-5level %logger{0} %msg%n</pattern></encoder></appender>
  <root level="INFO"><appender-ref ref="STDOUT"/></root>
</configuration>
`;

/**
 * What only clients with an account, and a certificate of the tests' authority, get into: the first account is
 * `cassandra` with that password.
 * @param {string} dir
 */
const guard = (dir) => `authenticator:
  class_name: org.apache.cassandra.auth.PasswordAuthenticator
authorizer:
  class_name: org.apache.cassandra.auth.CassandraAuthorizer
role_manager: CassandraRoleManager
client_encryption_options:
  enabled: true
  optional: false
  require_client_auth: true
  ssl_context_factory:
    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory
  keystore: ${dir}/conf/node.pem
  truststore: ${TLS}/ca.pem
`;

/**
 * @param {string} dir
 * @param {Ports} ports
 * @param {string} host
 */
const yaml = (dir, ports, host) => `cluster_name: sage-embed tests
num_tokens: 16
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
data_file_directories: [${dir}/data]
commitlog_directory: ${dir}/commitlog
saved_caches_directory: ${dir}/saved_caches
hints_directory: ${dir}/hints
cdc_raw_directory: ${dir}/cdc_raw
commitlog_sync: periodic
commitlog_sync_period: 10000ms
commitlog_segment_size: 8MiB
commitlog_total_space: 64MiB
memtable_heap_space: 32MiB
memtable_offheap_space: 32MiB
key_cache_size: 4MiB
file_cache_size: 32MiB
concurrent_reads: 4
concurrent_writes: 4
concurrent_counter_writes: 2
concurrent_compactors: 1
concurrent_materialized_view_writes: 1
endpoint_snitch: GossipingPropertyFileSnitch
listen_address: ${host}
rpc_address: ${host}
native_transport_port: ${ports.cql}
storage_port: ${ports.storage}
auto_bootstrap: false
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: "127.0.0.1:${ports.storage}"
`;

/**
 * @typedef {object} Ports
 * @property {number} cql
 * @property {number} storage
 */

/** A port that is free on every loopback address used; it may be taken before it is used, which is rare. @returns {Promise<number>} */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {{ port: number }} */ (server.address());
  await new Promise((resolve) => server.close(() => resolve(undefined)));
  return port;
}

/** One node. Its data survives `kill` and is there after `start`. */
export class CassandraNode {
  /** `127.0.0.N` @readonly @type {string} */
  host;
  /** @type {string} */
  #dir;
  /** @type {string} */
  #lib;
  /** @type {number} */
  #jmxPort;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  /** @type {Promise<void>} */
  #exited = Promise.resolve();

  /**
   * @param {string} host
   * @param {string} dir
   * @param {string} lib folder of the jars
   * @param {Ports} ports
   * @param {number} jmxPort
   * @param {boolean} isGuarded asks for an account and a certificate
   */
  constructor(host, dir, lib, ports, jmxPort, isGuarded) {
    this.host = host;
    this.#dir = dir;
    this.#lib = lib;
    this.#jmxPort = jmxPort;
    mkdirSync(join(dir, 'conf'), { recursive: true });
    writeFileSync(
      join(dir, 'conf', 'cassandra.yaml'),
      yaml(dir, ports, host) + (isGuarded ? guard(dir) : ''),
    );
    const pem = ['bridge.key', 'bridge.pem'].map((name) => readFileSync(join(TLS, name), 'utf8'));
    writeFileSync(join(dir, 'conf', 'node.pem'), pem.join(''));
    writeFileSync(join(dir, 'conf', 'cassandra-rackdc.properties'), 'dc=dc1\nrack=rack1\n');
    writeFileSync(join(dir, 'conf', 'logback.xml'), LOGBACK);
  }

  /** Starts the process. @returns {Promise<void>} of its taking CQL clients @throws Error with its last words */
  start() {
    const dir = this.#dir;
    const child = spawn(
      'java',
      [
        ...MODULE_FLAGS,
        ...['-Xms384m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'],
        ...['-Djava.net.preferIPv4Stack=true', `-Dcassandra.config=file://${dir}/conf/cassandra.yaml`],
        ...[`-Dcassandra.storagedir=${dir}`, `-Dlogback.configurationFile=${dir}/conf/logback.xml`],
        ...[`-Dcassandra.jmx.local.port=${String(this.#jmxPort)}`, '-Dcassandra-foreground=yes'],
        ...['-Dcassandra.ring_delay_ms=1000', '-Dcassandra.skip_wait_for_gossip_to_settle=0'],
        '-Dcassandra.superuser_setup_delay_ms=0',
        ...['-cp', `${dir}/conf:${this.#lib}/*`, 'org.apache.cassandra.service.CassandraDaemon'],
      ],
      // Temporary files of its native libraries go where they are removed with it.
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, JAVA_TOOL_OPTIONS: `-Djava.io.tmpdir=${dir}` },
      },
    );
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
    let words = '';
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`No CQL in time:\n${words}`)), START_TIMEOUT_MS);
      /** @param {Buffer} chunk */
      const hear = (chunk) => {
        words = `${words}${chunk.toString()}`.slice(-6_000);
        if (words.includes('Starting listening for CQL clients')) {
          clearTimeout(timer);
          resolve();
        }
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('error', reject);
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`Cassandra at ${this.host} ended with ${String(code)}:\n${words}`));
      });
    });
  }

  /**
   * `SIGKILL` ends it at once; `SIGSTOP` and `SIGCONT` hang it and let it go on.
   * @param {'SIGKILL' | 'SIGSTOP' | 'SIGCONT'} name
   */
  async signal(name) {
    this.#child?.kill(name);
    if (name === 'SIGKILL') await this.#exited;
  }
}

/**
 * Nodes of one cluster; node N listens on 127.0.0.N.
 * @typedef {object} Cassandra
 * @property {readonly CassandraNode[]} nodes
 * @property {readonly string[]} contactPoints `host:port` of each node
 * @property {number} port
 * @property {() => Promise<void>} start starts them, one after the other
 * @property {() => Promise<void>} stop ends all of them and removes their folders
 */

/**
 * Lays out `count` nodes; `start` and `stop` are the caller's.
 * @param {string} lib folder of the jars
 * @param {1 | 3} count
 * @param {boolean} [isGuarded] asks clients for an account and a certificate
 * @returns {Promise<Cassandra>}
 */
export async function layOutNodes(lib, count, isGuarded = false) {
  const dir = mkdtempSync(join(tmpdir(), 'cassandra-test-'));
  const ports = { cql: await freePort(), storage: await freePort() };
  /** @type {CassandraNode[]} */
  const nodes = [];
  for (let number = 1; number <= count; number += 1) {
    const host = `127.0.0.${String(number)}`;
    nodes.push(new CassandraNode(host, join(dir, String(number)), lib, ports, await freePort(), isGuarded));
  }
  return {
    nodes,
    contactPoints: nodes.map(({ host }) => `${host}:${String(ports.cql)}`),
    port: ports.cql,
    async start() {
      for (const node of nodes) await node.start();
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.signal('SIGKILL')));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
