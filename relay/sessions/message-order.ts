/** In which order a session's numbered messages are passed on, and when one is missing. */

/** Begins with what the client has. */
export class MessageOrder {
  #last: number;
  /** The bridge was asked to replay: what it sent before that is on its way still and will come again in order. */
  #isReplayDue: boolean;
  /** Number after which messages were asked for again because one was missing; asked twice, it never will come. */
  #askedAgainAt = -1;

  constructor(after: number, isReplayDue: boolean) {
    this.#last = after;
    this.#isReplayDue = isReplayDue;
  }

  /** Number of the last message passed on. */
  get last(): number {
    return this.#last;
  }

  /** The bridge is asked to say again what comes after `last`. */
  replays(): void {
    this.#isReplayDue = true;
  }

  /** The bridge has begun to. @param missed how many it could not keep */
  begins(missed: number): void {
    this.#isReplayDue = false;
    this.#last += missed;
  }

  /** Takes a message, if it is the next one. */
  take(seq: number): 'next' | 'known' | 'missing' {
    if (this.#isReplayDue || seq <= this.#last) return 'known';
    if (seq > this.#last + 1) return 'missing';
    this.#last = seq;
    return 'next';
  }

  /** @returns false if what is missing was asked for before, in vain */
  mayAskAgain(): boolean {
    if (this.#askedAgainAt === this.#last) return false;
    this.#askedAgainAt = this.#last;
    return true;
  }
}
