/** What a cell ran last in its session, written down as it happens: to be shown again when the page is loaded again. */
import { put, type InteractId, type Output } from '../../relay/protocol/index.js';
import { withFrame, type RecordedOutput } from '../interact/recorded-output.js';
import { onTheWire, type LanguageName } from '../languages.js';
import type { Execution, ExecutionObserver, ExecutionResult } from '../session/execution.js';
import { shiftedObserver } from './shifted.js';

/** Most output written down of one run, UTF-16 units; what comes after is not. */
export const MAX_RECORDED_LENGTH = 131_072;

/** A record as it is kept. */
export interface KeptRun {
  /** What tells the cell from the others of its page. */
  readonly cell: string;
  /** The reader's code. */
  readonly code: string;
  readonly language: LanguageName;
  /** Name of the execution, if it has not ended. */
  readonly execution?: string;
  readonly result?: ExecutionResult;
  readonly outputs: readonly RecordedOutput[];
  /** True if there was more output than was written down. */
  readonly isCut: boolean;
}

/** What is written down of an execution, or was before the page was loaded again. */
export class RunRecord {
  readonly cell: string;
  readonly code: string;
  readonly language: LanguageName;
  /** Lines put before the reader's code. */
  readonly #addedLines: number;
  /** Undefined once it has ended. */
  execution: Execution | undefined;
  result: ExecutionResult | undefined;
  #outputs: RecordedOutput[];
  #length = 0;
  #isCut: boolean;

  /** @param kept its beginning; what `execution` says from now on is added */
  constructor(kept: KeptRun, execution: Execution | undefined) {
    this.cell = kept.cell;
    this.code = kept.code;
    this.language = kept.language;
    this.#addedLines = onTheWire(kept.code, kept.language).addedLines;
    this.result = kept.result;
    this.#isCut = kept.isCut;
    this.#outputs = [...kept.outputs];
    this.#length = totalOf(kept.outputs);
    this.execution = execution;
    this.follow({
      output: (output, frame) => {
        this.#add({ output, frame });
      },
      restarted: () => {
        this.#clear();
      },
      done: (result) => {
        this.result = result;
        this.execution = undefined;
      },
    });
  }

  /** With the reader's own line numbers. */
  get outputs(): readonly RecordedOutput[] {
    return this.#outputs;
  }

  /** Tells the observer what the execution puts out from now on, with the reader's own line numbers. */
  follow(observer: ExecutionObserver): void {
    this.execution?.observe(shiftedObserver(observer, this.#addedLines));
  }

  /** True if there was more output than is written down. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** The reader answered what was asked last: that is text from now on. */
  answered(text: string): void {
    const index = this.#outputs.findLastIndex(({ output }) => output.kind === 'prompt');
    const prompt = this.#outputs[index]?.output;
    if (prompt?.kind !== 'prompt') return;
    const shown = prompt.isSecret ? '' : text;
    this.#outputs[index] = {
      output: { kind: 'stream', name: 'stdout', text: `${prompt.text}${shown}\n` },
      frame: this.#outputs[index]?.frame,
    };
  }

  /** An interact has come to show another frame, if there is room for that. */
  framed(interact: InteractId, view: string, outputs: readonly RecordedOutput[]): void {
    const fresh = withFrame(this.#outputs, interact, view, outputs);
    const length = totalOf(fresh);
    if (length > MAX_RECORDED_LENGTH) return;
    this.#outputs = fresh;
    this.#length = length;
  }

  keep(): KeptRun {
    const { cell, code, language, execution, result } = this;
    return {
      cell,
      code,
      language,
      ...(execution !== undefined && { execution: execution.id }),
      ...(result !== undefined && { result }),
      outputs: this.#outputs,
      isCut: this.#isCut,
    };
  }

  #add({ output, frame }: RecordedOutput): void {
    if (output.kind === 'clear' && frame === undefined) {
      this.#clear();
      return;
    }
    if (output.kind === 'clear' || output.kind === 'retract') {
      // What was put out last when there was more is not known here.
      if (this.#isCut && output.kind === 'retract') return;
      put(this.#outputs, { output, frame });
      this.#length = totalOf(this.#outputs);
      return;
    }
    const length = lengthOf(output);
    // A question is never left out: it may have to be answered.
    if (this.#length + length > MAX_RECORDED_LENGTH && output.kind !== 'prompt') this.#isCut = true;
    if (this.#isCut && output.kind !== 'prompt') return;
    this.#length += length;
    this.#outputs.push({ output, frame });
  }

  #clear(): void {
    this.#outputs = [];
    this.#length = 0;
    this.#isCut = false;
  }
}

const totalOf = (outputs: readonly RecordedOutput[]): number =>
  outputs.reduce((sum, { output }) => sum + lengthOf(output), 0);

/** About as long as its JSON. */
function lengthOf(output: Output): number {
  switch (output.kind) {
    case 'stream':
    case 'prompt':
      return output.text.length + 50;
    case 'display':
      return Object.values(output.data).reduce((sum, text) => sum + text.length, 100);
    case 'error':
      return output.message.length + output.traceback.length + 100;
    case 'file':
      return (output.data?.length ?? 0) + 100;
    case 'clear':
    case 'retract':
      return 0;
  }
}
