/** A session as a page leaves it for its next load: what it takes to go on after the last message it has seen. */
import type { ExecutionLimits, Frame, Language, SessionToken } from '../../relay/protocol/index.js';

/** An execution without an end. */
export interface KeptExecution {
  readonly id: string;
  readonly code: string;
  readonly options: {
    readonly language?: Language;
    readonly frame?: Frame;
    readonly typeset?: boolean;
    readonly limits?: ExecutionLimits;
    readonly cache?: 'use' | 'bypass';
  };
  readonly state: 'connecting' | 'queued' | 'running' | 'done';
  /** True if the server has spoken of it. */
  readonly isKnown: boolean;
  readonly stop?: 'interrupt' | 'kill';
  readonly answered?: { readonly text?: string; readonly prompt?: number };
  /** How often it has asked, as far as that is known. */
  readonly prompts?: number;
}

/** Its token alone is worth anything: who has it has the session. */
export interface KeptSession {
  readonly token: SessionToken;
  /** Number of the last message received. */
  readonly received: number;
  /** What it has been prepared with. */
  readonly prepared: readonly string[];
  readonly executions: readonly KeptExecution[];
}
