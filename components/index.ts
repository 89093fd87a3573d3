/** Classes and types, without any effect on the page; `define` registers the elements. */
export { SageCell } from './sage-cell.js';
export {
  SageChangeEvent,
  SageDoneEvent,
  SageEditEvent,
  SageErrorEvent,
  SageOutputEvent,
  SagePlaceEvent,
  SageRunEvent,
  SageSavedEvent,
  SageStatusEvent,
  type CellFailure,
  type CellStatus,
} from './events.js';
export { SageConfig } from './sage-config.js';
export { SageWorksheet } from './sage-worksheet.js';
export { setDefaultServer } from './page-defaults.js';
export type { Interact, SageInteractEvent } from './interact/interact.js';
export type { ExecutionResult } from './session/execution.js';
