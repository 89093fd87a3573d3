/** The output of one cell in the page: ordered, in batches, bounded, and calm when it is made anew. */
import type { ErrorOutput, Output, PromptOutput, StreamOutput } from '../relay/protocol/index.js';
import { renderFile } from './renderers/file.js';
import { renderPrompt, type Prompt } from './renderers/prompt.js';
import { render } from './renderers/registry.js';
import type { Rendering } from './renderers/rendering.js';
import { MAX_SHOWN_CHARACTERS } from './renderers/text.js';
import { plainText, StreamText } from './stream-text.js';
import { strings } from './strings.js';

/** Longest time output waits to be shown in a page that draws no frames (a hidden tab), milliseconds. */
const HIDDEN_FLUSH_MS = 200;

/** Characters after which a stream goes on in a new block, so that the browser can skip what is out of sight. */
const BLOCK_CHARACTERS = 16_384;

/** Pieces other than stream text that are shown; the rest would only slow the page. */
const MAX_SHOWN_PIECES = 2_000;

/** Text of one stream that goes on until something else is put out. */
interface OpenStream {
  readonly name: StreamOutput['name'];
  readonly text: StreamText;
  readonly node: HTMLElement;
  block: HTMLElement;
  blockLength: number;
  complete: Text;
  line: Text;
}

/** What an output view needs of the cell around it. */
export interface OutputViewOwner {
  /** The reader wants to see that line of the code. */
  goToLine(line: number): void;
  /** The reader answered a question of the code. */
  answered(text: string): void;
  /** The code asks the reader something. @returns true if the reader's focus is in the cell */
  asked(question: string): boolean;
  /** There is output where there was none, or none where there was some. */
  changed(): void;
}

/** Shows output in `node`, which is its own. Call `dispose` when it is not needed any more. */
export class OutputView {
  readonly node = document.createElement('div');
  #queue: Output[] = [];
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stream: OpenStream | undefined;
  #renderings = new Set<Rendering>();
  #pending = new Set<Promise<void>>();
  #prompt: Prompt | undefined;
  #isStale = false;
  #isRunning = false;
  #isPinned = false;
  #shownCharacters = 0;
  #hiddenCharacters = 0;
  #pieces = 0;
  #wasEmpty = true;
  #note: HTMLElement | undefined;
  readonly #resize: ResizeObserver;

  constructor(
    readonly root: ShadowRoot,
    readonly owner: OutputViewOwner,
  ) {
    this.node.className = 'output';
    this.node.setAttribute('part', 'output');
    this.node.addEventListener('scroll', () => {
      const { scrollTop, scrollHeight, clientHeight } = this.node;
      this.#isPinned = scrollTop > 0 && scrollTop + clientHeight >= scrollHeight - 4;
    });
    this.#resize = new ResizeObserver(() => {
      this.#markOverflow();
    });
  }

  /** Lines of text and other pieces now shown; for the announcement. */
  get lineCount(): number {
    const text = this.node.querySelectorAll('.stream, .text');
    let lines = this.node.querySelectorAll('.image, .html, .latex').length;
    for (const piece of text) lines += piece.textContent.replace(/\n$/, '').split('\n').length;
    return lines;
  }

  /** A run begins: what is shown stays until there is something new, and the place keeps its height. */
  begin(): void {
    this.#flush();
    this.#isRunning = true;
    this.#isStale = true;
    this.node.style.minBlockSize = `${String(this.node.getBoundingClientRect().height)}px`;
    this.node.classList.add('stale');
  }

  /** Takes one increment. It is shown with the next frame. */
  add(output: Output): void {
    if (output.kind === 'clear') {
      this.#queue = [output];
    } else {
      this.#queue.push(output);
    }
    this.#schedule();
  }

  /** The run starts over: what it has put out so far does not count. */
  restart(): void {
    this.#queue = [];
    this.add({ kind: 'clear' });
  }

  /** The run ended. Settled when everything has its final form and size. */
  async finish(): Promise<void> {
    this.#flush();
    if (this.#isStale) this.#empty();
    this.#prompt?.end();
    this.#stream = undefined;
    this.#isRunning = false;
    this.#markOverflow();
    await Promise.allSettled([...this.#pending]);
    if (!this.#isMidRun()) this.node.style.minBlockSize = '';
  }

  /** Removes everything shown. */
  clear(): void {
    this.#queue = [];
    this.#empty();
  }

  /** The cell left the page: gives up blob URLs and observers until `resume`. */
  suspend(): void {
    this.#flush();
    this.#resize.disconnect();
    for (const rendering of this.#renderings) rendering.suspend?.();
  }

  /** The cell is in a page. */
  resume(): void {
    this.#resize.observe(this.node);
    for (const rendering of this.#renderings) rendering.resume?.();
  }

  #isMidRun(): boolean {
    return this.#isRunning;
  }

  #schedule(): void {
    if (this.#frame !== undefined) return;
    this.#frame = requestAnimationFrame(() => {
      this.#flush();
    });
    this.#timer = setTimeout(() => {
      this.#flush();
    }, HIDDEN_FLUSH_MS);
  }

  #flush(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = undefined;
    const queue = this.#queue;
    if (queue.length === 0) return;
    this.#queue = [];
    if (this.#isStale) this.#empty();
    let streamed = '';
    queue.forEach((output, index) => {
      if (output.kind === 'stream') {
        // Texts of one stream that follow each other are put in together.
        streamed += output.text;
        const next = queue[index + 1];
        if (next?.kind === 'stream' && next.name === output.name) return;
        this.#addStream(output.name, streamed);
        streamed = '';
      } else {
        this.#addPiece(output);
      }
    });
    this.#showHidden();
    this.#markOverflow();
    if (this.#isPinned) this.node.scrollTop = this.node.scrollHeight;
  }

  #empty(): void {
    for (const rendering of this.#renderings) rendering.suspend?.();
    this.#renderings.clear();
    this.#stream = undefined;
    this.#note = undefined;
    this.#isStale = false;
    this.#shownCharacters = 0;
    this.#hiddenCharacters = 0;
    this.#pieces = 0;
    this.node.classList.remove('stale');
    this.node.replaceChildren();
  }

  #addPiece(output: Exclude<Output, StreamOutput>): void {
    if (output.kind === 'clear') {
      this.#empty();
      return;
    }
    this.#stream = undefined;
    this.#pieces += 1;
    if (this.#pieces > MAX_SHOWN_PIECES) {
      this.#hiddenCharacters += output.kind === 'display' ? (output.data['text/plain']?.length ?? 0) : 0;
      return;
    }
    if (output.kind === 'error') {
      this.node.append(this.#errorNode(output));
      return;
    }
    if (output.kind === 'prompt') {
      this.#ask(output);
      return;
    }
    const rendering = output.kind === 'file' ? renderFile(output) : render(output.data, this.root);
    if (output.kind === 'display' && output.result) rendering.node.classList.add('result');
    this.#renderings.add(rendering);
    this.node.append(rendering.node);
    const { ready } = rendering;
    if (ready === undefined) return;
    this.#pending.add(ready);
    void ready.finally(() => {
      this.#pending.delete(ready);
      this.#markOverflow();
    });
  }

  #ask(prompt: PromptOutput): void {
    this.#prompt?.end();
    this.#prompt = renderPrompt(prompt, (text) => {
      this.#prompt = undefined;
      this.owner.answered(text);
    });
    this.node.append(this.#prompt.node);
    if (this.owner.asked(prompt.text)) this.#prompt.focus();
  }

  #addStream(name: StreamOutput['name'], text: string): void {
    let fresh = text;
    const room = MAX_SHOWN_CHARACTERS - this.#shownCharacters;
    if (fresh.length > room) {
      this.#hiddenCharacters += fresh.length - room;
      fresh = fresh.slice(0, room);
    }
    if (fresh === '') return;
    this.#shownCharacters += fresh.length;
    if (this.#stream?.name !== name) this.#stream = this.#openStream(name);
    const stream = this.#stream;
    const { complete, line } = stream.text.feed(fresh);
    for (let start = 0; start < complete.length;) {
      if (stream.blockLength >= BLOCK_CHARACTERS) this.#openBlock(stream);
      // A block ends with a line, so that no line is broken where a block ends.
      const end = complete.indexOf('\n', start + BLOCK_CHARACTERS) + 1 || complete.length;
      stream.complete.appendData(complete.slice(start, end));
      stream.blockLength += end - start;
      start = end;
    }
    stream.line.data = line;
  }

  #openStream(name: StreamOutput['name']): OpenStream {
    const node = document.createElement('pre');
    node.className = `stream ${name}`;
    node.setAttribute('part', name);
    const stream: OpenStream = {
      name,
      text: new StreamText(),
      node,
      block: node,
      blockLength: 0,
      complete: new Text(),
      line: new Text(),
    };
    this.#openBlock(stream);
    this.node.append(node);
    return stream;
  }

  #openBlock(stream: OpenStream): void {
    stream.block = document.createElement('span');
    stream.block.className = 'block';
    stream.blockLength = 0;
    stream.complete = new Text();
    stream.block.append(stream.complete, stream.line);
    stream.node.append(stream.block);
  }

  #errorNode(error: ErrorOutput): HTMLElement {
    const node = document.createElement('div');
    node.className = 'error';
    node.setAttribute('part', 'error');
    const head = document.createElement('p');
    const name = document.createElement('strong');
    name.textContent = plainText(error.name);
    const message = plainText(error.message);
    head.append(name, message === '' ? '' : `: ${message}`);
    const { line } = error;
    if (line !== undefined) {
      const link = document.createElement('button');
      link.type = 'button';
      link.className = 'line-link';
      link.textContent = strings.errorAtLine(line);
      link.addEventListener('click', () => {
        this.owner.goToLine(line);
      });
      head.append(' ', link);
    }
    node.append(head);
    if (error.traceback !== '') {
      const details = document.createElement('details');
      const summary = document.createElement('summary');
      summary.textContent = strings.traceback;
      const text = document.createElement('pre');
      text.textContent = plainText(error.traceback);
      details.append(summary, text);
      node.append(details);
    }
    return node;
  }

  #showHidden(): void {
    if (this.#hiddenCharacters === 0) return;
    if (this.#note === undefined) {
      this.#note = document.createElement('p');
      this.#note.className = 'note';
    }
    this.#note.textContent = strings.notShown(this.#hiddenCharacters);
    this.node.append(this.#note);
  }

  /** A region that scrolls must be reachable by keyboard; one that does not must not be a stop on the way. */
  #markOverflow(): void {
    const { node } = this;
    if (this.#wasEmpty !== (node.childElementCount === 0)) {
      this.#wasEmpty = !this.#wasEmpty;
      this.owner.changed();
    }
    const overflows = node.scrollHeight > node.clientHeight + 1 || node.scrollWidth > node.clientWidth + 1;
    if (overflows === node.hasAttribute('tabindex')) return;
    if (overflows) {
      node.tabIndex = 0;
      node.setAttribute('role', 'region');
      node.setAttribute('aria-label', strings.output);
    } else {
      for (const name of ['tabindex', 'role', 'aria-label']) node.removeAttribute(name);
    }
  }
}
