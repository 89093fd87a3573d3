/** For pages that cannot use `type="module"`: a classic script that fetches the module beside it. */

const script = document.currentScript;
const base = script instanceof HTMLScriptElement ? script.src : document.baseURI;
import(new URL('sage-embed.js', base).href).catch((failure: unknown) => {
  console.error(
    'sage-embed: the elements could not be loaded; the code on the page can still be read.',
    failure,
  );
});

export {};
