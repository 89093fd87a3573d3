/** `sage-embed config`: the settings as a relay started here would take them. */
import { describeConfig, loadConfig } from '../config/index.js';
import { textOf, type Command } from './command.js';

export const config: Command = {
  summary: 'show the settings that hold, where each comes from, secrets hidden',
  usage: '[OPTIONS]',
  options: {
    config: { type: 'string', help: 'FILE  configuration file' },
    json: { type: 'boolean', help: 'print them as JSON' },
  },
  maxPositionals: 0,
  run: (line) => {
    const settings = describeConfig(loadConfig({ file: textOf(line, 'config'), findsSage: true }));
    if (line.values['json'] === true) {
      process.stdout.write(`${JSON.stringify(settings, null, 2)}\n`);
      return Promise.resolve(0);
    }
    const width = Math.max(...settings.map(({ variable }) => variable.length));
    for (const { variable, value, source } of settings) {
      const shown =
        value === undefined ? '(not set)' : typeof value === 'string' ? value : JSON.stringify(value);
      process.stdout.write(
        `${variable.padEnd(width)}  ${shown}${source === 'default' ? '' : `  (${source})`}\n`,
      );
    }
    return Promise.resolve(0);
  },
};
