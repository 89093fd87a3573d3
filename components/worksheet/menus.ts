/** What the menus of a worksheet and of its cells offer, at this moment. */
import type { Cell } from '../document/index.js';
import type { MenuItem } from '../menu.js';
import { EXPORT_FORMATS, type ExportFormat } from './files.js';
import type { Command } from './keys.js';
import type { Commands } from './commands.js';
import type { Runner } from './runner.js';
import type { Sheet } from './sheet.js';
import type { WorksheetStrings } from './strings/index.js';

/** What menus act upon. */
export interface MenuSite {
  readonly sheet: Sheet;
  readonly runner: Runner;
  readonly commands: Commands;
  readonly words: WorksheetStrings;
  readonly isReadonly: boolean;
  openFile(): Promise<void>;
  saveAs(format: ExportFormat): Promise<void>;
  showKeys(): void;
}

/** Actions on one cell. */
export function cellMenu(view: MenuSite, cell: Cell, place: number): MenuItem[] {
  const { sheet, runner, commands, words } = view;
  const { id, kind, flags = {}, note } = cell;
  const { order } = sheet;
  const item = (name: string, text: string, act: () => void): MenuItem => ({ name, text, act });
  const command = (name: Command, text: string): MenuItem =>
    item(name, text, () => {
      sheet.choose(id);
      commands.perform(name);
    });
  const isCode = kind === 'code';
  const flag = (
    name: 'auto' | 'hideSource' | 'hideOutput',
    isOn: boolean,
    on: string,
    off: string,
  ): MenuItem =>
    item(name, isOn ? off : on, () => {
      sheet.setFlags([id], { [name]: !isOn });
    });
  return [
    ...(isCode
      ? [
          item('run-above', words.runAbove, () => {
            runner.run(order.slice(0, place - 1));
          }),
          item('run-below', words.runBelow, () => {
            runner.run(order.slice(place - 1));
          }),
        ]
      : []),
    command('split', words.split),
    ...(place > 1 ? [command('join', words.join)] : []),
    command('duplicate', words.duplicate),
    command(isCode ? 'to-note' : 'to-code', isCode ? words.toText : words.toCode),
    ...(isCode
      ? [
          ...(note === undefined
            ? [
                item('add-note', words.addNote, () => {
                  sheet.setNote(id, '');
                }),
              ]
            : []),
          flag('hideSource', flags.hideSource === true, words.hideSource, words.showSource),
          flag('hideOutput', flags.hideOutput === true, words.hideOutput, words.showOutput),
          item('clear', words.clearOutput, () => {
            sheet.clearOutputs([id]);
          }),
          flag('auto', flags.auto === true, words.auto, words.notAuto),
        ]
      : []),
    command('delete', words.delete),
  ];
}

/** Actions on the whole. */
export function worksheetMenu(view: MenuSite, reset: (() => void) | undefined): MenuItem[] {
  const { sheet, runner, words, isReadonly } = view;
  const item = (name: string, text: string, act: () => void): MenuItem => ({ name, text, act });
  const code = sheet.cells.filter(({ kind }) => kind === 'code');
  const all = (name: 'hideSource' | 'hideOutput', hide: string, show: string): MenuItem => {
    const isHidden = code.length > 0 && code.every(({ flags }) => flags?.[name] === true);
    return item(name, isHidden ? show : hide, () => {
      sheet.setFlags(
        code.map(({ id }) => id),
        { [name]: !isHidden },
      );
    });
  };
  return [
    item('restart', words.restart, () => {
      runner.restart();
    }),
    ...(isReadonly
      ? []
      : [
          all('hideSource', words.hideAllSources, words.showAllSources),
          all('hideOutput', words.hideAllOutputs, words.showAllOutputs),
          item('clear', words.clearAllOutputs, () => {
            sheet.clearOutputs();
          }),
          item('open', words.open, () => {
            void view.openFile();
          }),
          ...(reset === undefined ? [] : [item('reset', words.reset, reset)]),
        ]),
    ...EXPORT_FORMATS.map((format) =>
      item(`save-${format}`, words.saveAs(`.${format}`), () => {
        void view.saveAs(format);
      }),
    ),
    item('print', words.print, () => {
      print();
    }),
    item('keys', words.keys, () => {
      view.showKeys();
    }),
  ];
}
