/** Markup between the controls. */
import { renderHtml } from '../../renderers/html.js';
import type { RenderSite } from '../../renderers/rendering.js';
import { BaseControl, type ControlOf, type ControlOwner } from './control-view.js';

/** Made harmless; it holds nothing. */
export class Markup extends BaseControl<ControlOf<'html'>> {
  readonly #site: RenderSite;

  constructor(declared: ControlOf<'html'>, owner: ControlOwner, site: RenderSite) {
    super(declared, owner, 'nothing');
    this.#site = site;
    this.show();
  }

  get value(): undefined {
    return undefined;
  }

  set(): boolean {
    return false;
  }

  protected get text(): string {
    return '';
  }

  protected show(): void {
    // Among controls a dollar sign means a formula, as in labels.
    const html = this.declared.html.replace(
      /(?<![\\$])\$(?![\s$])([^$<>\n]{1,1000}?)\$(?![\d$])/g,
      '\\($1\\)',
    );
    this.place.replaceChildren(renderHtml(html, '', this.#site).node);
  }
}
