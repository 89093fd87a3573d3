/**
 * Writes the wire contract as JSON Schema for the Python side.
 * `node dist/relay/write-schema.js` writes, `… --check` fails when the committed file is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { bridgeCommand, bridgeEvent, clientMessage, serverMessage } from './protocol/index.js';

const target = fileURLToPath(new URL('../../sage-bridge/sage_bridge/protocol.schema.json', import.meta.url));

const unions = { clientMessage, serverMessage, bridgeCommand, bridgeEvent };

const text = `${JSON.stringify(
  Object.fromEntries(
    Object.entries(unions).map(([name, schema]) => [
      name,
      toJsonSchema(schema, { target: 'draft-07', ignoreActions: ['brand'] }),
    ]),
  ),
  null,
  1,
)}\n`;

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
