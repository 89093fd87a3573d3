import type { InteractWords } from './english.js';

export const french: InteractWords = {
  controls: 'Commandes',
  update: 'Actualiser',
  from: (label) => `${label}, de`,
  to: (label) => `${label}, à`,
  valueOf: (label) => `${label}, valeur`,
  part: (label, index) => `${label}, ${String(index)}`,
  entry: (label, row, column) => `${label}, ligne ${String(row)}, colonne ${String(column)}`,
  colourCode: (label) => `${label}, en #rrggbb`,
  waiting: 'Modifié ; le résultat ne le montre pas encore.',
  waitingFor: (button) => `Modifié ; « ${button} » met le résultat à jour.`,
  changed: 'modifié',
  computing: 'Calcul en cours…',
  gone: 'Exécutez de nouveau la cellule pour utiliser ces commandes.',
  shown: 'Le résultat est à jour.',
};
