/** Every command there is. */
import { bench } from './bench.js';
import type { Command } from './command.js';
import { config } from './config.js';
import { exec } from './exec.js';
import { prerender } from './prerender/prerender.js';
import { repl } from './repl.js';
import { serve } from './serve.js';
import { status } from './status.js';
import { store } from './store.js';

/** In the order of the help. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  serve,
  exec,
  repl,
  prerender,
  status,
  store,
  bench,
  config,
};
