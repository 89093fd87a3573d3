/**
 * `npm run bench`: the figures, each beside its floor measured in the same run, and the ratio; prints a table and
 * writes dist/bench.json with the machine's facts. Asserts nothing: machines differ.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, installPackages, requireNode } from '../../relay/launch/packages.mjs';
import { ROOT } from '../../relay/launch/paths.mjs';
import { findOrInstallSage } from '../../relay/launch/sage.mjs';
import { launch, say } from '../../relay/launch/step.mjs';
import { interleaved, machineFacts, median, quantile, rate } from './stats.mjs';

const ROUNDS = 60;
const RATE_MS = 6_000;
/** A used worker is replaced within this time on any machine this is meant for. */
const REST_MS = 40;

/** @typedef {{ what: string, ours: number, unit: string, floor?: number, floorIs?: string, ratio?: number, goal: string }} Figure */

launch(async () => {
  requireNode();
  await installPackages();
  await build();
  const sage = await findOrInstallSage();
  const { startEchoFloor, startSageFloor } = await import('./floor.mjs');
  const { Client, processesBelow, startRelay } = await import('./relay.mjs');
  say(`• Measuring on Sage ${sage.version}; floors and figures in turn, ${String(ROUNDS)} rounds each`);
  /** @type {Figure[]} */
  const figures = [];
  const floor = await startSageFloor(sage.python);
  const echo = await startEchoFloor();
  const relay = await startRelay(sage.python);
  const client = await Client.connect(relay.url);
  try {
    await client.open('s');
    /** @param {string} what @param {string} goal @param {string} floorIs @param {Record<string, number[]>} times */
    const compare = (what, goal, floorIs, times) => {
      say(`  measured: ${what}`);
      const [ours, base] = [median(times['ours'] ?? []), median(times['floor'] ?? [])];
      figures.push({ what, ours, unit: 'ms', floor: base, floorIs, ratio: ours / base, goal });
      figures.push({ what: `${what}, p95`, ours: quantile(times['ours'] ?? [], 0.95), unit: 'ms', goal: '' });
    };
    // The first of each touches what is only touched once. The floor has no preparser, hence the other spelling.
    const INTEGRAL = 'integrate(sin(x)^2,x)';
    const BARE_INTEGRAL = 'print(integrate(sin(x)**2,x))';
    for (const code of ['print(2+2)', INTEGRAL]) await client.execute(code);
    for (const code of ['print(2+2)', BARE_INTEGRAL]) await floor.fresh(code);
    compare(
      'fresh print(2+2)',
      '≤ 4',
      'bare child: exec and print',
      await interleaved(
        { ours: () => client.execute('print(2+2)'), floor: () => floor.fresh('print(2+2)') },
        ROUNDS,
        REST_MS,
      ),
    );
    compare(
      'fresh integrate(sin(x)^2,x)',
      '≤ 3',
      'bare child: exec and print',
      await interleaved(
        {
          ours: () => client.execute(INTEGRAL),
          floor: () => floor.fresh(BARE_INTEGRAL),
        },
        ROUNDS,
        REST_MS,
      ),
    );
    compare(
      'print in an open session',
      '≤ 4',
      'bare child that stays',
      await interleaved(
        { ours: () => client.execute('print(2+2)', 's'), floor: () => floor.again('print(2+2)') },
        ROUNDS * 4,
      ),
    );
    compare(
      'connect to first result',
      '',
      'bare child: exec and print',
      await interleaved(
        {
          ours: async () => {
            const other = await Client.connect(relay.url);
            await other.execute('print(2+2)');
            other.close();
          },
          floor: () => floor.fresh('print(2+2)'),
        },
        ROUNDS,
        REST_MS,
      ),
    );
    const clients = await Promise.all(Array.from({ length: 8 }, () => Client.connect(relay.url)));
    let turn = 0;
    const base = await rate(() => floor.fresh('print(2+2)'), 8, RATE_MS);
    const ours = await rate(
      () => /** @type {any} */ (clients[(turn += 1) % 8]).execute('print(2+2)'),
      8,
      RATE_MS,
    );
    clients.forEach((each) => each.close());
    figures.push({
      what: 'stateless runs a second, 8 clients',
      ours,
      unit: '/s',
      floor: base,
      floorIs: 'bare children, 8 in flight',
      ratio: ours / base,
      goal: '≥ 0.4',
    });
    const forks = await interleaved({ fork: () => floor.fork() }, ROUNDS);
    figures.push({
      what: 'fork + waitpid of a warm Sage (a floor)',
      ours: median(forks['fork'] ?? []),
      unit: 'ms',
      goal: '',
    });
    const echoes = await interleaved({ echo: () => echo.echo() }, ROUNDS * 20);
    figures.push({
      what: 'raw uWebSockets.js echo (a floor)',
      ours: median(echoes['echo'] ?? []),
      unit: 'ms',
      goal: '',
    });

    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const below = processesBelow(relay.pid);
    const parents = new Map(below.map((each) => [each.pid, each]));
    // Parked workers are copies of the zygote: same command line, private memory of their own.
    const zygote = below.find((each) =>
      below.some((other) => other.command === each.command && other.parent === each.pid),
    );
    const workers = below.filter(
      (each) =>
        zygote && each.pid !== zygote.pid && each.command === zygote.command && parents.has(each.parent),
    );
    figures.push({
      what: `memory of a parked worker (USS, median of ${String(workers.length)})`,
      ours: median(workers.map((each) => each.ussMB)),
      unit: 'MB',
      goal: '≤ 4',
    });
  } finally {
    client.close();
    await relay.stop();
    await floor.stop();
    echo.stop();
  }
  const sdk = join(ROOT, 'dist/sdk');
  const entry = readFileSync(join(sdk, 'sage-embed.js'), 'utf8');
  const statics = [...entry.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)].map(
    ([, file]) => file ?? '',
  );
  const bytes = ['sage-embed.js', ...statics].reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(sdk, file)), { level: 9 }).length,
    0,
  );
  figures.push({
    what: 'entry and what it imports at once, gzip',
    ours: bytes / 1_024,
    unit: 'kB',
    goal: '≤ 25',
  });
  for (const file of readdirSync(join(sdk, 'chunks')).filter((name) => name.endsWith('.js'))) {
    figures.push({
      what: `chunk ${file}, gzip`,
      ours: gzipSync(readFileSync(join(sdk, 'chunks', file)), { level: 9 }).length / 1_024,
      unit: 'kB',
      goal: '',
    });
  }

  const facts = { ...machineFacts(), sage: sage.version, when: new Date().toISOString() };
  console.log(JSON.stringify(facts));
  for (const { what, ours, unit, floor: base, ratio, goal } of figures) {
    const number = `${ours.toFixed(ours < 10 ? 2 : 1)} ${unit}`;
    const against = base === undefined ? '' : `floor ${base.toFixed(2)}`;
    console.log(
      [
        what.padEnd(52),
        number.padStart(12),
        against.padStart(14),
        ratio === undefined ? ''.padStart(8) : `× ${ratio.toFixed(2)}`.padStart(8),
        goal && `  goal ${goal}`,
      ].join(' '),
    );
  }
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  writeFileSync(join(ROOT, 'dist/bench.json'), JSON.stringify({ facts, figures }, null, 2));
});
