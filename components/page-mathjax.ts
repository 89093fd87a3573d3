/** The MathJax a page brought along, where it can be trusted with text of others. */

/** What is used of MathJax 3 and 4 as a page has it. */
interface PageMathJax {
  readonly tex2chtmlPromise?: (formula: string, options: { display: boolean }) => Promise<HTMLElement>;
  readonly chtmlStylesheet?: () => HTMLStyleElement;
  readonly startup?: { readonly document?: { readonly safe?: unknown } };
}

declare global {
  interface Window {
    readonly MathJax?: PageMathJax;
  }
}

const sheets = new WeakMap<ShadowRoot, CSSStyleSheet>();

/** Takes over the rules MathJax has so far: it adds some with each new kind of formula. */
function adopt(root: ShadowRoot, style: HTMLStyleElement): void {
  const rules = style.sheet
    ? [...style.sheet.cssRules].map((rule) => rule.cssText).join('\n')
    : style.textContent;
  let sheet = sheets.get(root);
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheets.set(root, sheet);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }
  sheet.replaceSync(rules);
}

/**
 * The formula as the page's own MathJax sets it, with the page's macros; `undefined` if the page has none that
 * will do. Only one with the extension `ui/safe` will: without it a formula can hold links that run scripts.
 */
export async function typesetByPage(
  formula: string,
  display: boolean,
  root: ShadowRoot,
): Promise<HTMLElement | undefined> {
  const page = window.MathJax;
  if (!page?.tex2chtmlPromise || !page.chtmlStylesheet || !page.startup?.document?.safe) return undefined;
  const node = await page.tex2chtmlPromise(formula, { display });
  adopt(root, page.chtmlStylesheet());
  return node;
}
