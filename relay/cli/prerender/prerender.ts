/** `sage-embed prerender`: runs the cells of static pages and stores their outputs in them. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../config/root.js';
import { EXIT, StartError } from '../../errors.js';
import { readClientSettings } from '../../config/client.js';
import { textOf, type Command, type Line } from '../command.js';
import { connectTo, SERVER_OPTIONS } from '../server.js';
import type { Finding, Page } from './page.js';

/** Part of the launcher, which runs before anything is compiled and so is no TypeScript. */
interface Launcher {
  /** Starts a relay with a Sage of its own. @returns its address, and what ends it */
  readonly startRelay: (options: {
    env: NodeJS.ProcessEnv;
  }) => Promise<{ url: string; stop: () => Promise<void> }>;
}

export const prerender: Command = {
  summary: 'run the cells of static pages and store their outputs in them',
  usage: 'PAGE.html… [OPTIONS]      (without --server, a relay is started for it)',
  options: {
    ...SERVER_OPTIONS,
    server: {
      type: 'string',
      short: 's',
      help: 'URL  the relay that runs the cells ($SAGE_EMBED_SERVER, else one of its own)',
    },
    out: { type: 'string', short: 'o', help: 'DIR  write the pages there instead of changing them' },
    check: { type: 'boolean', help: 'run and write nothing; end with 1 if an output is not of its code' },
    force: { type: 'boolean', short: 'f', help: 'run cells whose output is of their code, too' },
    'allow-errors': { type: 'boolean', help: 'store exceptions as output' },
    root: { type: 'string', help: 'DIR  where a src that begins with / begins (the folder of the page)' },
  },
  maxPositionals: Number.POSITIVE_INFINITY,
  run: async (line) => {
    if (line.positionals.length === 0) {
      throw new StartError('Name the pages: sage-embed prerender chapter.html', EXIT.USAGE);
    }
    const options = {
      root: textOf(line, 'root'),
      isForced: line.values['force'] === true,
      allowsErrors: line.values['allow-errors'] === true,
    };
    // What typesets formulas is long in loading, and only this command needs it.
    const { Page } = await import('./page.js');
    const pages = line.positionals.map((name) => new Page(name, options));
    if (line.values['check'] === true) return report(pages.flatMap(({ stale }) => stale));
    const place = placeOf(line);
    if (options.isForced || pages.some(({ stale }) => stale.length > 0)) {
      await withRelay(line, async (onRelay) => {
        for (const page of pages) await store(page, onRelay, place);
      });
    } else {
      for (const page of pages) {
        say(`${page.name}: ${tally(page.size, 'cell')}, nothing to run`);
        if (place !== undefined) writeFileSync(join(place, basename(page.name)), page.source);
      }
    }
    return report(pages.flatMap(({ findings }) => findings));
  },
};

async function store(page: Page, line: Line, place: string | undefined): Promise<void> {
  const stale = page.stale.length;
  const sage = connectTo(line);
  try {
    const text = await page.prerender(sage);
    const file = place === undefined ? page.name : join(place, basename(page.name));
    if (place !== undefined || text !== page.source) writeFileSync(file, text);
    say(
      `${page.name}: ${tally(page.size, 'cell')}, ${String(stale)} without an output of their code → ${file}`,
    );
  } finally {
    sage.close();
  }
}

/** @throws StartError if it can't be made, or two pages would have one name in it */
function placeOf(line: Line): string | undefined {
  const place = textOf(line, 'out');
  if (place === undefined) return undefined;
  const names = line.positionals.map((name) => basename(name));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new StartError(`--out ${place}: two of the pages are called ${twice}.`, EXIT.USAGE);
  }
  if (!existsSync(place)) mkdirSync(place, { recursive: true });
  return place;
}

/** Calls `act` with a command line that names a relay: the one that was named, or one that lives as long as this. */
async function withRelay(line: Line, act: (line: Line) => Promise<void>): Promise<void> {
  if (textOf(line, 'server') !== undefined || readClientSettings().server !== undefined) return act(line);
  const path = pathToFileURL(join(ROOT, 'relay', 'launch', 'relay.mjs')).href;
  const { startRelay } = (await import(path)) as Launcher;
  const relay = await startRelay({
    env: { PORT: '0', HOST: '127.0.0.1', STORE: 'memory', LOG_LEVEL: 'error' },
  });
  try {
    await act({ ...line, values: { ...line.values, server: relay.url } });
  } finally {
    await relay.stop();
  }
}

/** @returns the exit code: 1 if there is something to look at */
function report(findings: readonly Finding[]): number {
  for (const { file, line, message } of findings)
    process.stdout.write(`${file}:${String(line)}: ${message}\n`);
  return findings.length === 0 ? 0 : 1;
}

const tally = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? '' : 's'}`;

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
