/** What an output was made of, piece by piece, so that the last can be taken back. */
import type { StreamOutput } from '../../relay/protocol/index.js';
import type { StreamView } from './stream-view.js';

/** Text of one stream until something else was put out, or that. */
export interface Piece {
  readonly stream: StreamOutput['name'] | undefined;
  /** Texts for copying that were there before it. */
  readonly textsBefore: number;
  readonly nodes: Element[];
  /** Where text of the stream goes on. */
  view: StreamView | undefined;
  /** Of its text, what is shown or held. */
  characters: number;
  /** What of it can't be shown any more. */
  lostCharacters: number;
}

/** The pieces of one output. */
export class Trail {
  readonly #pieces: Piece[] = [];

  get last(): Piece | undefined {
    return this.#pieces.at(-1);
  }

  /** The piece that text of `stream` belongs to, or a new one for anything else. */
  begin(stream: StreamOutput['name'] | undefined, textsBefore: number): Piece {
    const { last } = this;
    if (stream !== undefined && last?.stream === stream) return last;
    const piece = { stream, textsBefore, nodes: [], view: undefined, characters: 0, lostCharacters: 0 };
    this.#pieces.push(piece);
    return piece;
  }

  /** The last one, which is none of them any more. */
  take(): Piece | undefined {
    return this.#pieces.pop();
  }
}
