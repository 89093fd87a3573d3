/** Looks of the editor: the metrics and colours of the painted code it replaces. */
import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** The classes of the painted code. */
export const colours = HighlightStyle.define([
  {
    tag: [
      tags.keyword,
      tags.operatorKeyword,
      tags.definitionKeyword,
      tags.controlKeyword,
      tags.moduleKeyword,
    ],
    class: 'keyword',
  },
  { tag: [tags.string, tags.special(tags.string)], class: 'string' },
  { tag: tags.comment, class: 'comment' },
  { tag: tags.number, class: 'number' },
  { tag: [tags.bool, tags.null], class: 'atom' },
  {
    tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)],
    class: 'definition',
  },
]);

// Everything that decides where a character stands must equal the rules of `.paint` in the cell's styles.
export const theme = EditorView.theme({
  '&': { fontSize: 'inherit', color: 'inherit', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'inherit', lineHeight: 'inherit', overflowX: 'auto' },
  '.cm-content': { padding: 'var(--_code-padding-block) 0', caretColor: 'var(--_text)', tabSize: '4' },
  '.cm-line': { padding: '0 var(--_code-padding-inline)' },
  '.cm-gutters': {
    minWidth: 'var(--_gutter)',
    border: 'none',
    backgroundColor: 'var(--_code-surface)',
    color: 'var(--_muted)',
  },
  '.cm-gutter.cm-lineNumbers': { width: 'var(--_gutter)' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 0', minWidth: '0' },
  '.cm-placeholder': { color: 'var(--_muted)' },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'transparent',
    outline: '1px solid var(--_line-strong)',
  },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'transparent', color: 'var(--_error)' },
  '.cm-tooltip': {
    border: '1px solid var(--_line-strong)',
    borderRadius: '6px',
    backgroundColor: 'var(--_surface)',
    color: 'var(--_text)',
    boxShadow: '0 4px 16px rgb(0 0 0 / 14%)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'inherit', maxHeight: '12em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '2px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--_accent)',
    color: 'var(--_on-accent)',
  },
  '.cm-tooltip.documentation': {
    maxWidth: 'min(44em, 90vw)',
    maxHeight: '18em',
    overflow: 'auto',
    padding: '8px 12px',
    fontSize: '0.9285em',
    whiteSpace: 'pre-wrap',
    zIndex: '5',
  },
  '.documentation .signature': { fontWeight: '650', margin: '0' },
  '.documentation .docstring': { margin: '8px 0 0' },
});
