/** What one link was asked and has not answered: questions of readers, and counts of workers. */
import type { RequestId, WorkerCounts } from '../protocol/index.js';
import type { BridgeAnswer } from './bridge.js';

/** Questions that may wait for an answer at a time. */
const MAX_QUESTIONS = 1_024;

/** How long a count of workers may take: whoever reads it would rather have the one before. */
const COUNT_TIMEOUT_MS = 500;

/** For all sockets of a link, one after another. */
export class LinkQuestions {
  readonly #waiting = new Map<string, (answer: BridgeAnswer) => void>();
  /** Who waits for the answer to the ping of that number. */
  readonly #counting = new Map<number, (counts: WorkerCounts | undefined) => void>();
  #asked = 0;

  /**
   * Gives a question a name and says it.
   * @param say false if it could not be said
   * @returns false if it could not, or too many wait
   */
  ask(answer: (answer: BridgeAnswer) => void, say: (request: RequestId) => boolean): boolean {
    if (this.#waiting.size >= MAX_QUESTIONS) return false;
    const request = `q${(++this.#asked).toString(36)}` as RequestId;
    this.#waiting.set(request, answer);
    if (say(request)) return true;
    this.#waiting.delete(request);
    return false;
  }

  has(request: string): boolean {
    return this.#waiting.has(request);
  }

  /** Passes an answer on; one that nobody waits for goes nowhere. */
  answered(request: string, answer: BridgeAnswer): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    waiting?.(answer);
  }

  /** Asks for a count of workers; undefined if none comes in time. @param say as of `ask` */
  count(say: (nonce: number) => boolean): Promise<WorkerCounts | undefined> {
    const nonce = ++this.#asked;
    if (!say(nonce)) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const end = (counts: WorkerCounts | undefined): void => {
        clearTimeout(timer);
        this.#counting.delete(nonce);
        resolve(counts);
      };
      const timer = setTimeout(() => end(undefined), COUNT_TIMEOUT_MS);
      this.#counting.set(nonce, end);
    });
  }

  counted(nonce: number, counts: WorkerCounts | undefined): void {
    this.#counting.get(nonce)?.(counts);
  }

  /** No answer will come: all are told so. */
  failAll(): void {
    const answer: BridgeAnswer = {
      type: 'error',
      code: 'unavailable',
      message: 'The Sage server went away.',
    };
    for (const request of [...this.#waiting.keys()]) this.answered(request, answer);
  }
}
