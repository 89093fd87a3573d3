/**
 * Writes what is made from declarations: the wire contract as JSON Schema for the Python side, README's tables of settings,
 * the JSON API as OpenAPI.
 * `node dist/relay/write-schema.js` writes, `… --check` fails when a committed file is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { format, resolveConfig } from 'prettier';
import { settingsTables } from './config/index.js';
import { openApiDocument } from './http/api/openapi.js';
import * as protocol from './protocol/index.js';

const { bridgeCommand, bridgeEvent, clientMessage, interactChange, interactView, serverMessage } = protocol;
const declared = { clientMessage, serverMessage, bridgeCommand, bridgeEvent, interactView, interactChange };

/** The named figures of limits.ts: what is a number is one of them. */
const limits = Object.fromEntries(Object.entries(protocol).filter(([, value]) => typeof value === 'number'));

const schemas = Object.entries(declared).map(([name, schema]) => [
  name,
  toJsonSchema(schema, { target: 'draft-07', ignoreActions: ['brand'] }),
]);

const root = fileURLToPath(new URL('../../', import.meta.url));

const read = (path: string): string => {
  try {
    return readFileSync(root + path, 'utf8');
  } catch {
    // A missing file is as stale as a wrong one.
    return '';
  }
};

/** The JSON API as its own folder describes it, in this project's format. */
async function openApi(path: string): Promise<string> {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const description = openApiDocument(
    (schema) => ({
      ...toJsonSchema(schema, { target: 'draft-2020-12', ignoreActions: ['brand'] }),
      // One for all is said by the description itself.
      $schema: undefined,
    }),
    version,
  );
  return format(JSON.stringify(description), { ...(await resolveConfig(root + path)), filepath: path });
}

/** Each file with what it should hold. */
const made: Readonly<Record<string, string>> = {
  'sage-bridge/sage_bridge/protocol.schema.json': `${JSON.stringify({ limits, ...Object.fromEntries(schemas) }, null, 1)}\n`,
  'relay/http/api/openapi.json': await openApi('relay/http/api/openapi.json'),
  'README.md': read('README.md').replace(
    /(<!-- settings: [^>]*-->\n)[^]*(?=<!-- \/settings -->)/,
    (_, mark: string) => `${mark}\n${settingsTables()}\n\n`,
  ),
};

for (const [path, text] of Object.entries(made)) {
  if (read(path) === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`${path} is stale: run \`npm run schema\` and commit the result.`);
    process.exitCode = 1;
  } else writeFileSync(root + path, text);
}
