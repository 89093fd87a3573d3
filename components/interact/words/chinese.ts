import type { InteractWords } from './english.js';

export const chinese: InteractWords = {
  controls: '控件',
  update: '更新',
  from: (label) => `${label}，起点`,
  to: (label) => `${label}，终点`,
  valueOf: (label) => `${label}，数值`,
  part: (label, index) => `${label}，第 ${String(index)} 个`,
  entry: (label, row, column) => `${label}，第 ${String(row)} 行第 ${String(column)} 列`,
  colourCode: (label) => `${label}，#rrggbb 格式`,
  waiting: '已更改，输出尚未更新。',
  waitingFor: (button) => `已更改，按“${button}”后显示在输出中。`,
  changed: '已更改',
  computing: '正在计算…',
  gone: '请重新运行此单元格以使用这些控件。',
  shown: '输出已更新。',
};
