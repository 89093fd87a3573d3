/** Which cells of a page share a session, in the order of the page: for setup code and for running several. */
import type { ExecutionResult } from '../session/execution.js';

/** A cell, as the others of its session see it. */
export interface CellOfSession extends Element {
  readonly code: string;
  /** True if it is only there to prepare the session. */
  readonly setup: boolean;
  run(): Promise<ExecutionResult>;
}

const sessions = new Map<string, Set<CellOfSession>>();

/** Name of a session on all servers. */
export function sessionKey(server: string, session: string): string {
  return `${server} ${session}`;
}

/** Counts `cell` among those of a session. The returned function ends it. */
export function joinSession(key: string, cell: CellOfSession): () => void {
  let members = sessions.get(key);
  if (members === undefined) {
    members = new Set();
    sessions.set(key, members);
  }
  members.add(cell);
  return () => {
    members.delete(cell);
    if (members.size === 0 && sessions.get(key) === members) sessions.delete(key);
  };
}

const inPageOrder = (a: Element, b: Element): number =>
  a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;

/** The cells that prepare a session. */
export function setupCells(key: string): CellOfSession[] {
  return [...(sessions.get(key) ?? [])].filter((cell) => cell.setup).sort(inPageOrder);
}

/** The other cells of a session; with `above`, only those that come before it. */
export function cellsOf(key: string, above?: CellOfSession): CellOfSession[] {
  const cells = [...(sessions.get(key) ?? [])].filter((cell) => !cell.setup && cell !== above);
  const wanted = above === undefined ? cells : cells.filter((cell) => inPageOrder(cell, above) < 0);
  return wanted.sort(inPageOrder);
}

/** Runs them one after another, up to the first that does not end well. @returns true if all did */
export async function runInOrder(cells: readonly CellOfSession[]): Promise<boolean> {
  for (const cell of cells) {
    const { status } = await cell.run();
    if (status !== 'ok') return false;
  }
  return true;
}
