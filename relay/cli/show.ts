/** Output of computations on a terminal, and its images and files in a folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { MimeBundle, Output } from '../../components/client/index.js';
import { EXIT, StartError } from '../errors.js';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/svg+xml': 'svg',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
};

/** Names tried for one file before it is given up. */
const MAX_NAMES = 1_000;

/** Writes text to standard output, what went wrong to standard error, and the rest to a folder. */
export class Show {
  readonly #folder: string | undefined;

  /** @param folder for images and files; undefined: they are only named */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** @throws StartError if the folder can't be written to */
  output(output: Output): void {
    switch (output.kind) {
      case 'stream':
        process[output.name].write(forTerminal(output.text, output.name));
        return;
      case 'display':
        this.#display(output.data);
        return;
      case 'error':
        process.stderr.write(
          `${forTerminal(output.traceback || `${output.name}: ${output.message}`, 'stderr').trimEnd()}\n`,
        );
        return;
      case 'file':
        this.#file(output.name, output.data, output.size);
        return;
      case 'prompt':
      case 'clear':
      case 'retract':
        return;
    }
  }

  #display(data: MimeBundle): void {
    for (const [type, extension] of Object.entries(EXTENSIONS)) {
      const content = data[type];
      if (content === undefined) continue;
      const bytes = Buffer.from(content, extension === 'svg' ? 'utf8' : 'base64');
      this.#keep(`image.${extension}`, bytes);
      return;
    }
    process.stdout.write(`${forTerminal(data['text/plain'] ?? '', 'stdout')}\n`);
  }

  #file(name: string, data: string | undefined, size: number): void {
    if (data === undefined) note(`${name} (${size} bytes) is too long to be sent along.`);
    else this.#keep(name, Buffer.from(data, 'base64'));
  }

  #keep(wanted: string, bytes: Buffer): void {
    if (this.#folder === undefined) {
      note(`${wanted} (${bytes.length} bytes) was put out; --out DIR saves such files.`);
      return;
    }
    // The name is the code's own choice, and the code may be anybody's.
    const name = wanted.replace(/[^\p{L}\p{N}._ -]/gu, '_').replace(/^\.+/, '_') || '_';
    const extension = extname(name);
    const stem = name.slice(0, name.length - extension.length);
    try {
      mkdirSync(this.#folder, { recursive: true });
      for (let number = 1; number <= MAX_NAMES; number += 1) {
        const path = join(this.#folder, number === 1 ? name : `${stem}-${number}${extension}`);
        if (!writeNew(path, bytes)) continue;
        note(`saved ${path}`);
        return;
      }
      throw new Error(`there are ${MAX_NAMES} files called ${stem}`);
    } catch (error) {
      throw new StartError(`--out ${this.#folder}: ${(error as Error).message}`, EXIT.USAGE);
    }
  }
}

/** @returns false if there is such a file already: nothing is ever overwritten */
function writeNew(path: string, bytes: Buffer): boolean {
  try {
    writeFileSync(path, bytes, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

const note = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

const STEERING =
  // eslint-disable-next-line no-control-regex -- the point of it
  /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b\[[0-9;?]*[ -/]*[@-ln-~]|\u001b(?!\[[0-9;]*m)|[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f]/g;

/**
 * Text of others for a terminal: what could steer it (title, clipboard, cursor) is taken out, colours are left. Text
 * for a pipe or a file is left as it is.
 */
export function forTerminal(text: string, stream: 'stdout' | 'stderr'): string {
  if (!process[stream].isTTY) return text;
  return text.replace(STEERING, '');
}
