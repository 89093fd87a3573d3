/** Registers what a test opened to be closed at its end: `onTestFinished` within a test, `afterAll` around several. */
export type Cleanup = (close: () => Promise<void> | void) => void;
