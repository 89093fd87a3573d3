/** The output of one cell in the page: ordered, in batches, bounded, and calm when it is made anew. */
import {
  INTERACT_CHANGE_TYPE,
  INTERACT_TYPE,
  isPiece,
  streamOf,
  type InteractId,
  type MimeBundle,
  type Output,
  type PromptOutput,
  type RetractOutput,
  type StreamOutput,
} from '../../relay/protocol/index.js';
import type { Interact } from '../interact/interact.js';
import { Interacts } from '../interact/interacts.js';
import type { RecordedOutput } from '../interact/recorded-output.js';
import type { FrameSource } from '../interact/site.js';
import { renderFile } from '../renderers/file.js';
import { renderPrompt, type Prompt } from '../renderers/prompt.js';
import { render } from '../renderers/registry.js';
import type { Rendering, RenderSite } from '../renderers/rendering.js';
import { MAX_SHOWN_CHARACTERS } from '../renderers/text.js';
import type { Strings } from '../strings/index.js';
import { outputRules } from '../styles/output.styles.js';
import { errorText, errorView } from './error-view.js';
import { HeldText, type HeldPiece } from './held-text.js';
import { HiddenNote } from './hidden-note.js';
import { OutputQueue } from './output-queue.js';
import { Overflow } from './overflow.js';
import { plainText } from './stream-text.js';
import { StreamView } from './stream-view.js';
import { Trail } from './trail.js';

/** Pieces other than stream text that are shown; the rest would only slow the page. */
const MAX_SHOWN_PIECES = 2_000;

/** Frames of one output: each costs the page 20 ms and a document. */
const MAX_FRAMES = 20;

/** What an output view needs of the cell around it. */
export interface OutputViewOwner {
  /** Root of the shadow tree it is shown in: style sheets of formulas go there. */
  readonly root: ShadowRoot;
  readonly strings: Strings;
  /** Whether markup and scripts of outputs are the page's own. */
  readonly trust: RenderSite['trust'];
  /** Address of the page for outputs with scripts. */
  readonly frameUrl: string;
  /** Whoever runs the code: for interacts. Without it their controls can't be used. */
  readonly runs?: FrameSource;
  /** The reader wants to see that line of the code. */
  goToLine(line: number): void;
  /** The reader answered a question of the code. */
  answered(text: string): void;
  /** The code asks the reader something. @returns true if the reader's focus is in the cell */
  asked(question: string): boolean;
  /** There is output where there was none, or none where there was some. */
  changed(): void;
}

let sheet: CSSStyleSheet | undefined;

function adoptRules(root: ShadowRoot): void {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(outputRules);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

/** Shows output in `node`, which it fills and others only place. Call `suspend` when it leaves the page. */
export class OutputView {
  #stream: StreamView | undefined;
  #renderings = new Set<Rendering>();
  #pending = new Set<Promise<void>>();
  #prompt: Prompt | undefined;
  #texts: (string | (() => string))[] = [];
  #isStale = false;
  #isRunning = false;
  #shownCharacters = 0;
  /** Characters that can't be shown any more. */
  #lostCharacters = 0;
  #held = new HeldText();
  #trail = new Trail();
  #pieces = 0;
  #frames = 0;
  #wasEmpty = true;
  #note: HiddenNote | undefined;
  readonly #queue = new OutputQueue((batch) => {
    this.#show(batch);
  });
  readonly #overflow: Overflow;
  readonly #site: RenderSite;
  readonly #interacts: Interacts;
  readonly #isNested: boolean;

  /** @param interacts those of the cell, where this is the output of one of them */
  constructor(
    readonly node: HTMLElement,
    readonly owner: OutputViewOwner,
    interacts?: Interacts,
  ) {
    this.#isNested = interacts !== undefined;
    this.#interacts =
      interacts ??
      new Interacts(owner, (place, answered) => {
        const ofFrames = Object.create(owner, { answered: { value: answered } }) as OutputViewOwner;
        return new OutputView(place, ofFrames, this.#interacts);
      });
    const claimFrame = (): boolean => {
      this.#frames += 1;
      return this.#frames <= MAX_FRAMES;
    };
    this.#site = {
      root: owner.root,
      get strings() {
        return owner.strings;
      },
      get trust() {
        return owner.trust;
      },
      get frameUrl() {
        return owner.frameUrl;
      },
      claimFrame,
    };
    adoptRules(owner.root);
    this.#wasEmpty = node.childElementCount === 0;
    this.#overflow = new Overflow(node, () => owner.strings.output);
  }

  /** Lines of text and other pieces now shown; for the announcement. */
  get lineCount(): number {
    const text = this.node.querySelectorAll('.stream, .text');
    let lines = this.node.querySelectorAll('.image, .html, .latex, .frame').length;
    for (const piece of text) lines += piece.textContent.replace(/\n$/, '').split('\n').length;
    return lines;
  }

  /** All of it as plain text, with what is held back. */
  get text(): string {
    const texts = this.#texts.map((text) => (typeof text === 'string' ? text : text()));
    return texts.join('') + plainText(this.#held.text);
  }

  /** Those shown, in the order in which they were made. */
  get interacts(): readonly Interact[] {
    return this.#interacts.panels;
  }

  /** A run begins: what is shown stays until there is something new, and the place keeps its height. */
  begin(): void {
    this.#queue.flush();
    this.#interacts.begin();
    this.#isRunning = true;
    this.#isStale = true;
    this.node.style.minBlockSize = `${String(this.node.getBoundingClientRect().height)}px`;
    this.node.classList.add('stale');
  }

  /** Takes one increment, which is shown with the next animation frame. @param frame the interact into whose output it belongs */
  add(output: Output, frame?: InteractId): void {
    this.#queue.add(output, frame);
  }

  /** The run starts over: what it has put out so far does not count. */
  restart(): void {
    this.add({ kind: 'clear' });
  }

  /** The run ended. Settled when everything has its final form and size. */
  async finish(): Promise<void> {
    this.#queue.flush();
    if (this.#isStale) this.#empty();
    if (!this.#isNested) this.#interacts.finish();
    this.#prompt?.end();
    this.#stream = undefined;
    this.#isRunning = false;
    this.#tellEmptiness();
    this.#overflow.mark();
    await Promise.allSettled([...this.#pending]);
    if (!this.#isMidRun()) this.node.style.minBlockSize = '';
  }

  /** Nothing ran: what was shown before stays, and is current again as far as it ever was. */
  keep(): void {
    this.#interacts.keep();
    this.#isStale = false;
    this.#isRunning = false;
    this.node.classList.remove('stale');
    this.node.style.minBlockSize = '';
  }

  /** Removes everything shown. */
  clear(): void {
    this.#queue.drop();
    this.#empty();
    this.#tellEmptiness();
    this.#overflow.mark();
  }

  /** The cell left the page: gives up blob URLs and observers until `resume`. */
  suspend(): void {
    this.#queue.flush();
    this.#overflow.unwatch();
    for (const rendering of this.#renderings) rendering.suspend?.();
  }

  /** The cell is in a page. */
  resume(): void {
    this.#overflow.watch();
    for (const rendering of this.#renderings) rendering.resume?.();
  }

  #isMidRun(): boolean {
    return this.#isRunning;
  }

  #show(batch: readonly RecordedOutput[]): void {
    if (this.#isStale) this.#empty();
    for (const { output, frame } of batch) {
      if (frame !== undefined) this.#interacts.put(frame, output);
      else if (output.kind === 'stream') this.#addStream(output);
      else if (output.kind === 'retract') this.#retract();
      else this.#addPiece(output);
    }
    this.#showHidden();
    this.#tellEmptiness();
    this.#overflow.grown();
  }

  #empty(): void {
    for (const { remove, suspend } of this.#renderings) (remove ?? suspend)?.();
    this.#renderings.clear();
    this.#stream = undefined;
    this.#note = undefined;
    this.#isStale = false;
    this.#shownCharacters = 0;
    this.#lostCharacters = 0;
    this.#held = new HeldText();
    this.#trail = new Trail();
    this.#pieces = 0;
    this.#frames = 0;
    this.#texts = [];
    this.node.classList.remove('stale', 'has-interacts');
    this.node.replaceChildren();
  }

  #addPiece(output: Exclude<Output, StreamOutput | RetractOutput>): void {
    if (output.kind === 'clear') {
      this.#empty();
      return;
    }
    this.#stream = undefined;
    this.#pieces += 1;
    const piece = isPiece(output) ? this.#trail.begin(streamOf(output), this.#texts.length) : undefined;
    if (this.#pieces > MAX_SHOWN_PIECES) {
      const lost = output.kind === 'display' ? (output.data['text/plain']?.length ?? 0) : 0;
      if (piece) piece.lostCharacters += lost;
      this.#lostCharacters += lost;
      return;
    }
    switch (output.kind) {
      case 'error':
        this.#texts.push(errorText(output));
        this.#append(
          errorView(output, this.owner.strings, (line) => {
            this.owner.goToLine(line);
          }),
        );
        return;
      case 'prompt':
        this.#ask(output);
        return;
      case 'file':
        this.#texts.push(`${output.name}\n`);
        this.#place(renderFile(output, this.owner.strings));
        return;
      case 'display': {
        if (this.#isOfInteract(output.data)) return;
        this.#texts.push(plainText(output.data['text/plain'] ?? '').replace(/\n?$/, '\n'));
        const rendering = render(output.data, this.#site);
        if (output.result) rendering.node.classList.add('result');
        this.#place(rendering);
      }
    }
  }

  /** @returns true if it is an interact, drawn here, or a change of one */
  #isOfInteract(data: MimeBundle): boolean {
    const change = data[INTERACT_CHANGE_TYPE];
    const view = data[INTERACT_TYPE];
    if (change !== undefined) this.#interacts.change(change);
    if (view === undefined) return change !== undefined;
    try {
      const rendering = this.#interacts.draw(view, data['text/plain'] ?? '', this.#site);
      this.#texts.push(rendering.text);
      this.node.classList.add('has-interacts');
      this.#place(rendering);
      return true;
    } catch {
      // It has no name: the next form does.
      return false;
    }
  }

  #place(rendering: Rendering): void {
    this.#renderings.add(rendering);
    this.#append(rendering.node);
    const { ready } = rendering;
    if (ready === undefined) return;
    this.#pending.add(ready);
    void ready.finally(() => {
      this.#pending.delete(ready);
      this.#overflow.mark();
    });
  }

  #ask(prompt: PromptOutput): void {
    this.#prompt?.end();
    this.#prompt = renderPrompt(prompt, this.owner.strings, (text) => {
      this.#prompt = undefined;
      this.owner.answered(text);
    });
    this.#append(this.#prompt.node);
    const { last } = this.#trail;
    if (last) last.view = undefined;
    if (this.owner.asked(prompt.text)) this.#prompt.focus();
  }

  #addStream(output: StreamOutput): void {
    const piece = this.#trail.begin(output.name, this.#texts.length);
    const { length } = output.text;
    const before = this.#stream;
    const lost = this.#addText(output);
    if (this.#stream && this.#stream !== before) piece.nodes.push(this.#stream.node);
    piece.characters += length - lost;
    piece.lostCharacters += lost;
    piece.view = this.#stream;
  }

  /** @returns how many characters can't be shown any more */
  #addText({ name, text }: HeldPiece): number {
    let fresh = text;
    let lost = 0;
    // What comes after text that is held back waits behind it.
    const room = this.#held.length > 0 ? 0 : MAX_SHOWN_CHARACTERS - this.#shownCharacters;
    if (fresh.length > room) {
      lost = this.#held.add({ name, text: fresh.slice(room) });
      this.#lostCharacters += lost;
      fresh = fresh.slice(0, room);
    }
    if (fresh === '') return lost;
    this.#shownCharacters += fresh.length;
    this.#texts.push(plainText(fresh));
    if (this.#stream?.name !== name) {
      this.#stream = new StreamView(name);
      if (this.#note?.node.isConnected) this.#note.node.before(this.#stream.node);
      else this.node.append(this.#stream.node);
    }
    this.#stream.add(fresh);
    return lost;
  }

  #append(node: HTMLElement): void {
    this.node.append(node);
    this.#trail.last?.nodes.push(node);
  }

  /** Takes the last piece back. */
  #retract(): void {
    const piece = this.#trail.take();
    if (piece === undefined) return;
    for (const rendering of this.#renderings) {
      if (!piece.nodes.includes(rendering.node)) continue;
      (rendering.remove ?? rendering.suspend)?.();
      this.#renderings.delete(rendering);
    }
    for (const node of piece.nodes) node.remove();
    this.#texts.length = piece.textsBefore;
    this.#lostCharacters -= piece.lostCharacters;
    this.#shownCharacters -= this.#held.drop(piece.characters);
    if (piece.stream === undefined) this.#pieces -= 1;
    this.#stream = this.#trail.last?.view;
  }

  /** Says how much is not shown, if anything. */
  #showHidden(): void {
    const hidden = this.#held.length + this.#lostCharacters;
    if (hidden === 0) {
      this.#note?.node.remove();
      this.#note = undefined;
      return;
    }
    if (this.#note === undefined) {
      this.#note = new HiddenNote(() => {
        this.#showMore();
      });
      this.node.append(this.#note.node);
    }
    this.#note.tell(hidden, this.#held.length > 0, this.owner.strings);
  }

  #showMore(): void {
    const pieces = this.#held.take(MAX_SHOWN_CHARACTERS);
    const rest = this.#held;
    this.#held = new HeldText();
    this.#shownCharacters = 0;
    this.#stream = undefined;
    for (const piece of pieces) this.#addText(piece);
    this.#held = rest;
    this.#stream = undefined;
    this.#showHidden();
    // The button may be gone with the last of it; the focus must not be.
    if (!this.#note?.node.contains(this.owner.root.activeElement)) this.node.focus();
  }

  #tellEmptiness(): void {
    const isEmpty = this.node.childElementCount === 0;
    if (isEmpty === this.#wasEmpty) return;
    this.#wasEmpty = isEmpty;
    this.owner.changed();
  }
}
