import type { InteractWords } from './english.js';

export const spanish: InteractWords = {
  controls: 'Controles',
  update: 'Actualizar',
  from: (label) => `${label}, desde`,
  to: (label) => `${label}, hasta`,
  valueOf: (label) => `${label}, valor`,
  part: (label, index) => `${label}, ${String(index)}`,
  entry: (label, row, column) => `${label}, fila ${String(row)}, columna ${String(column)}`,
  colourCode: (label) => `${label}, como #rrggbb`,
  waiting: 'Modificado; el resultado aún no lo muestra.',
  waitingFor: (button) => `Modificado; pulse «${button}» para verlo en el resultado.`,
  changed: 'modificado',
  computing: 'Calculando…',
  gone: 'Ejecute la celda de nuevo para usar estos controles.',
  shown: 'El resultado está al día.',
};
