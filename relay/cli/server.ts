/** Which relay a command talks to. */
import { readFileSync } from 'node:fs';
import { connect, type Sage } from '../../components/client/node/index.js';
import { readClientSettings } from '../config/client.js';
import { EXIT, StartError } from '../errors.js';
import { textOf, type Line, type Options } from './command.js';
import { packageVersion } from './package.js';

const DEFAULT_SERVER = 'http://localhost:8080';

/** How long a relay that does not answer is tried, milliseconds: whoever types waits. */
const UNREACHABLE_MS = 5_000;

const PROTOCOLS = ['http:', 'https:', 'ws:', 'wss:', 'tcp:', 'tls:'];

/** Options of every command that talks to a relay. */
export const SERVER_OPTIONS = {
  server: {
    type: 'string',
    short: 's',
    help: `URL  the relay: http, https, ws, wss, tcp or tls ($SAGE_EMBED_SERVER, else ${DEFAULT_SERVER})`,
  },
  ca: { type: 'string', help: 'FILE  certificates to trust besides the system’s, PEM' },
} as const satisfies Options;

/** @throws StartError if it is no address of a relay */
export function serverOf(line: Line): URL {
  const text = textOf(line, 'server') ?? readClientSettings().server ?? DEFAULT_SERVER;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !PROTOCOLS.includes(url.protocol)) {
    throw new StartError(
      `The server is ${JSON.stringify(text)}; it must be a URL such as ${DEFAULT_SERVER} or tcp://localhost:9090.`,
      EXIT.USAGE,
    );
  }
  return url;
}

/** Its address without a path, for messages. */
export function addressOf(line: Line): string {
  const { protocol, host } = serverOf(line);
  return `${protocol}//${host}`;
}

/** Whoever calls this closes it. */
export function connectTo(line: Line): Sage {
  const { token } = readClientSettings();
  const caFile = textOf(line, 'ca');
  return connect(serverOf(line), {
    unreachableMs: UNREACHABLE_MS,
    clientName: `sage-embed CLI ${packageVersion()}`,
    ...(token !== undefined && { token }),
    ...(caFile !== undefined && { ca: readCertificates(caFile) }),
  });
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(`--ca ${file} can't be read: ${(error as Error).message}`, EXIT.USAGE);
  }
}
