/**
 * Part of `npm run check`: builds what pages load, in memory, and fails if it is larger than its budgets. Chunks that are
 * nearly all libraries are built only when their own modules, the libraries or the way of building changed.
 */
import { rollup } from 'rollup';
import config, { minify } from '../../rollup.config.mjs';
import { HEAVY, measure, recall, remember, report } from './sizes.mjs';

const [sdk] = config;
if (sdk === undefined) throw new Error('rollup.config.mjs exports no build of the SDK');

/** Plugins that change code; the others write files. */
const NEEDED = new Set(['quiet-sockjs', 'node-resolve', 'commonjs', 'compact-templates']);

const known = await recall();
const heavy = Object.values(HEAVY);
const bundle = await rollup({
  ...sdk,
  external: (id) => known !== undefined && heavy.some((file) => id.endsWith(file.replace(/^.*\//, '/'))),
  plugins: [...sdk.plugins.filter(({ name }) => NEEDED.has(name)), minify()],
  onwarn: () => undefined,
});
const { output } = await bundle.generate({ ...sdk.output, sourcemap: false });
await bundle.close();
const measured = measure(Object.fromEntries(output.map((file) => [file.fileName, file])));
if (known === undefined) await remember(measured);
process.exitCode = report({ ...measured, ...known }, console.log) ? 0 : 1;
