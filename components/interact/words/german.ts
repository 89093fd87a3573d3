import type { InteractWords } from './english.js';

export const german: InteractWords = {
  controls: 'Regler und Felder',
  update: 'Aktualisieren',
  from: (label) => `${label}, von`,
  to: (label) => `${label}, bis`,
  valueOf: (label) => `${label}, Wert`,
  part: (label, index) => `${label}, ${String(index)}`,
  entry: (label, row, column) => `${label}, Zeile ${String(row)}, Spalte ${String(column)}`,
  colourCode: (label) => `${label}, als #rrggbb`,
  waiting: 'Geändert; die Ausgabe zeigt es noch nicht.',
  waitingFor: (button) => `Geändert; „${button}“ bringt es in die Ausgabe.`,
  changed: 'geändert',
  computing: 'Wird berechnet …',
  gone: 'Um dies zu bedienen, muss die Zelle noch einmal ausgeführt werden.',
  shown: 'Die Ausgabe ist aktuell.',
};
