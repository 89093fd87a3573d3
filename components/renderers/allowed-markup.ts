/** What of markup of unknown origin is let through, as lists: no script, no request, no form, no name. */

export const TAGS: readonly string[] =
  'a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var wbr'.split(
    ' ',
  );

export const ATTRIBUTES: readonly string[] =
  'align alt border cellpadding cellspacing class colspan dir headers height href lang reversed rowspan scope src start style title valign width'.split(
    ' ',
  );

/** Classes that Sage and pandas give to tables; all others could dress a part up as one of ours. */
export const CLASSES: ReadonlySet<string> = new Set([
  'table_form',
  'header-row',
  'row-a',
  'row-b',
  'notruncate',
  'dataframe',
]);

/** Where a link may lead. */
export const LINK = /^(?:https?:|mailto:)/i;

/** Pictures that are in the text itself; an address elsewhere would tell its server who reads the page. */
export const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*$/i;
