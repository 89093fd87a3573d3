/** The `sockjs-client` that iframe pages load: the very version that is installed, so that both ends agree. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** One file, read when it is first asked for. */
export class ClientScript {
  #text: string | undefined;
  #name: string | undefined;

  get text(): string {
    this.#text ??= readFileSync(
      createRequire(import.meta.url).resolve('sockjs-client/dist/sockjs.min.js'),
      'utf8',
    );
    return this.#text;
  }

  /** File name that changes with the content. */
  get name(): string {
    this.#name ??= `client-${createHash('sha256').update(this.text).digest('hex').slice(0, 16)}.js`;
    return this.#name;
  }
}
