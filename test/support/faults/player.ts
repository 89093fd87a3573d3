/** A client that runs one execution after another and writes down everything it is told. */
import type { Client } from '../../../components/session/client.js';
import type { Execution, ExecutionResult } from '../../../components/session/execution.js';
import type { Session } from '../../../components/session/session.js';

/** One execution as its client saw it. */
export interface Record {
  readonly player: string;
  /** Number of the session it ran in, among those this player had; undefined without a session. */
  readonly life: number | undefined;
  readonly execution: string;
  /** Text of standard output that counts: what came after the last restart or clear. */
  text: string;
  /** When each output came. */
  readonly outputAt: number[];
  readonly ends: ExecutionResult[];
}

/** How the executions look. */
export interface Score {
  readonly lines: number;
  readonly pauseMs: number;
}

/** Executions of a session under way at a time. */
const BATCH = 3;

/** A program that counts how often it ran in its session, and takes its time to tell. */
export function program(name: string, { lines, pauseMs }: Score): string {
  return [
    'k = globals().get("k", 0) + 1',
    'from time import sleep',
    `for i in range(${String(lines)}):`,
    `    print("${name}", k, i, flush=True); sleep(float(${String(pauseMs / 1_000)}))`,
  ].join('\n');
}

/** All that the program prints when it runs as the `k`th of its session. */
export function printed(name: string, k: number, { lines }: Score): string {
  return Array.from({ length: lines }, (_, i) => `${name} ${String(k)} ${String(i)}\n`).join('');
}

/** Plays until it is told to stop. */
export class Player {
  readonly records: Record[] = [];
  /** When sessions were told to be lost. */
  readonly lostAt: number[] = [];
  readonly #client: Client;
  readonly #session: Session;
  readonly #score: Score;
  #life = 0;
  #isStopping = false;

  constructor(
    readonly name: string,
    client: Client,
    score: Score,
  ) {
    this.#client = client;
    this.#score = score;
    this.#session = client.session(name);
    this.#session.observe({
      ended: ({ reason }) => {
        this.#life += 1;
        // One that was refused never was.
        if (reason === 'lost') this.lostAt.push(performance.now());
      },
    });
  }

  /** Executions that have no end. */
  get open(): number {
    return this.records.filter(({ ends }) => ends.length === 0).length;
  }

  /** Ends when what runs has ended after `stop`. */
  async play(): Promise<void> {
    while (!this.#isStopping) {
      const inSession = Array.from({ length: BATCH }, () => this.#execute(true));
      await Promise.all([...inSession, this.#execute(false)].map(({ result }) => result));
      // A client that was turned away does not come back in the same millisecond.
      if (this.records.at(-1)?.ends[0]?.status === 'lost') await new Promise((wake) => setTimeout(wake, 100));
    }
  }

  stop(): void {
    this.#isStopping = true;
  }

  #execute(isInSession: boolean): Execution {
    const record: Record = {
      player: this.name,
      life: isInSession ? this.#life : undefined,
      execution: '',
      text: '',
      outputAt: [],
      ends: [],
    };
    this.records.push(record);
    return this.#client.execute(program(this.name, this.#score), {
      ...(isInSession && { session: this.#session }),
      observer: {
        output: (output) => {
          record.outputAt.push(performance.now());
          if (output.kind === 'stream') record.text += output.text;
          else if (output.kind === 'clear') record.text = '';
          else record.text += `unexpected ${JSON.stringify(output)}\n`;
        },
        restarted: () => {
          record.text = '';
        },
        done: (result) => {
          record.ends.push(result);
        },
      },
    });
  }
}
