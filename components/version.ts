/** Version of what a page loaded: that of the package. */
export const VERSION = '0.1.0';
