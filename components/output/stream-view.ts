/** Text of one stream in the page, as it grows. */
import type { StreamOutput } from '../../relay/protocol/index.js';
import { styledNodes } from './ansi.js';
import { StreamText } from './stream-text.js';

/** Characters after which a stream goes on in a new block, so that the browser can skip what is out of sight. */
const BLOCK_CHARACTERS = 16_384;

/** Shows one stream until something else is put out. */
export class StreamView {
  readonly node = document.createElement('pre');
  readonly #text = new StreamText();
  #block = document.createElement('span');
  #blockLength = 0;
  /** The last node of what stands, if it is plain text that can be added to. */
  #tail: Text | undefined;
  /** The last line, which may still change. */
  #line = document.createElement('span');

  constructor(readonly name: StreamOutput['name']) {
    this.node.className = `stream ${name}`;
    this.node.setAttribute('part', name);
    this.#openBlock();
  }

  add(text: string): void {
    const { complete, line } = this.#text.feed(text);
    for (let start = 0; start < complete.length;) {
      if (this.#blockLength >= BLOCK_CHARACTERS) this.#openBlock();
      // A block ends with a line, so that no line is broken where a block ends.
      const end = complete.indexOf('\n', start + BLOCK_CHARACTERS) + 1 || complete.length;
      this.#settle(complete.slice(start, end));
      this.#blockLength += end - start;
      start = end;
    }
    this.#line.replaceChildren(...(line === '' ? [] : styledNodes(line)));
  }

  #settle(text: string): void {
    if (!text.includes('\x1b') && this.#tail) {
      this.#tail.appendData(text);
      return;
    }
    const nodes = styledNodes(text);
    this.#line.before(...nodes);
    const last = nodes.at(-1);
    this.#tail = last instanceof Text ? last : undefined;
  }

  #openBlock(): void {
    this.#block = document.createElement('span');
    this.#block.className = 'block';
    this.#blockLength = 0;
    this.#tail = undefined;
    this.#block.append(this.#line);
    this.node.append(this.#block);
  }
}
