/**
 * Writes the wire contract as JSON Schema for the Python side.
 * `node dist/relay/write-schema.js` writes, `… --check` fails when the committed file is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import * as protocol from './protocol/index.js';

const target = fileURLToPath(new URL('../../sage-bridge/sage_bridge/protocol.schema.json', import.meta.url));

const { bridgeCommand, bridgeEvent, clientMessage, serverMessage } = protocol;
const unions = { clientMessage, serverMessage, bridgeCommand, bridgeEvent };

/** The named figures of limits.ts: what is a number is one of them. */
const limits = Object.fromEntries(Object.entries(protocol).filter(([, value]) => typeof value === 'number'));

const schemas = Object.entries(unions).map(([name, schema]) => [
  name,
  toJsonSchema(schema, { target: 'draft-07', ignoreActions: ['brand'] }),
]);

const text = `${JSON.stringify({ limits, ...Object.fromEntries(schemas) }, null, 1)}\n`;

if (process.argv.includes('--check')) {
  let committed = '';
  try {
    committed = readFileSync(target, 'utf8');
  } catch {
    // A missing file is as stale as a wrong one.
  }
  if (committed !== text) {
    console.error(
      'sage-bridge/sage_bridge/protocol.schema.json is stale: run `npm run schema` and commit the result.',
    );
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
