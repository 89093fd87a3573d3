/** Looks of an interact: controls that sit on a page of a textbook as quietly as its formulas. */
import { choiceRules } from './styles/choice.styles.js';
import { fieldRules } from './styles/field.styles.js';
import { frameRules } from './styles/frame.styles.js';
import { gridRules } from './styles/grid.styles.js';
import { panelRules } from './styles/panel.styles.js';
import { sliderRules } from './styles/slider.styles.js';
import { surroundingsRules } from './styles/surroundings.styles.js';
import { waitingRules } from './styles/waiting.styles.js';

/** In this order: later ones change earlier ones. */
const RULES = [
  panelRules,
  fieldRules,
  sliderRules,
  choiceRules,
  gridRules,
  waitingRules,
  frameRules,
  surroundingsRules,
];

let sheet: CSSStyleSheet | undefined;

/** Adds the rules to a shadow root, once. */
export function adoptInteractRules(root: ShadowRoot): void {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(RULES.join(''));
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}
