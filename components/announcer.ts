/** The one place of a page from which results are spoken to a screen reader. */

// A host of its own with a shadow root: no style of the page can make it visible or silent.
const SHEET = `:host {
  all: initial !important; position: absolute !important; inline-size: 1px !important; block-size: 1px !important;
  overflow: hidden !important; clip-path: inset(50%) !important; white-space: nowrap !important;
}`;

let region: { host: HTMLElement; text: HTMLElement } | undefined;
let users = 0;

/** Puts the live region into the page if it is not there: it must exist before it speaks. */
export function openAnnouncer(): () => void {
  users += 1;
  if (region === undefined) {
    const host = document.createElement('div');
    const root = host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(SHEET);
    root.adoptedStyleSheets = [sheet];
    const text = document.createElement('div');
    text.setAttribute('role', 'status');
    text.setAttribute('aria-live', 'polite');
    root.append(text);
    document.body.append(host);
    region = { host, text };
  }
  let isOpen = true;
  return () => {
    if (!isOpen) return;
    isOpen = false;
    users -= 1;
    if (users > 0) return;
    region?.host.remove();
    region = undefined;
  };
}

/** Says one sentence, politely, if the region is open. */
export function announce(sentence: string): void {
  if (region) region.text.textContent = sentence;
}
