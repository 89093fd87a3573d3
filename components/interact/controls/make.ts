/** Which class draws which control. */
import type { Control } from '../../../relay/protocol/index.js';
import type { RenderSite } from '../../renderers/rendering.js';
import { Buttons } from './buttons.js';
import { Checkbox } from './checkbox.js';
import { ChoiceButtons, ChoiceList, ChoiceRadios } from './choice.js';
import { ColorField } from './color.js';
import type { ControlOwner, ControlView } from './control-view.js';
import { Grid } from './grid.js';
import { Markup } from './markup.js';
import { RangeSlider, Slider } from './slider.js';
import { SliderBank } from './slider-bank.js';
import { TextBox } from './text-box.js';

const CHOICES = { list: ChoiceList, radio: ChoiceRadios, buttons: ChoiceButtons } as const;

/** Draws one control. @param site where markup is rendered */
export function makeControl(control: Control, owner: ControlOwner, site: RenderSite): ControlView {
  switch (control.control) {
    case 'checkbox':
      return new Checkbox(control, owner);
    case 'text':
      return new TextBox(control, owner);
    case 'grid':
      return new Grid(control, owner);
    case 'choice':
      return new CHOICES[control.look](control, owner);
    case 'slider':
      return Array.isArray(control.value) ? new RangeSlider(control, owner) : new Slider(control, owner);
    case 'sliders':
      return new SliderBank(control, owner);
    case 'color':
      return new ColorField(control, owner);
    case 'buttons':
      return new Buttons(control, owner);
    case 'html':
      return new Markup(control, owner, site);
  }
}
