/** A cell after its page was loaded again: what it ran last in its session is shown, and goes on if it had not ended. */
import type { RecordedOutput } from '../interact/recorded-output.js';
import type { LanguageName } from '../languages.js';
import { prepareRuns } from './backstage.js';
import { hasLeftBehind } from './left-behind.js';
import type { RunController } from './run-controller.js';
import type { RunPlace } from './run-request.js';

/** The cell, as seen here. */
export interface RecallHost {
  readonly isConnected: boolean;
  /** Where it runs its code, as it stands now. */
  readonly place: RunPlace;
  /** Shows the code that ran. */
  showCode(code: string, language: LanguageName): void;
  showRecorded(outputs: readonly RecordedOutput[]): Promise<void>;
  /** What ran goes on: what is put out follows. */
  runBegins(code: string): void;
}

/** Done once for a cell, when all of the page is there. @returns true if there was something */
export async function recallRun(host: RecallHost, run: RunController): Promise<boolean> {
  if (!hasLeftBehind()) return false;
  try {
    await prepareRuns();
  } catch {
    // The next run tells.
    return false;
  }
  if (!host.isConnected) return false;
  const record = run.recall(host.place);
  if (record === undefined) return false;
  host.showCode(record.code, record.language);
  if (record.execution === undefined) await host.showRecorded(record.outputs);
  else host.runBegins(record.code);
  run.resume(record);
  return true;
}
