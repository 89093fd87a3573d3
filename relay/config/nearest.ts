/** The known word that a mistyped one was meant to be. */

/** Edits that turn `a` into `b`, a swap of neighbours counting as one. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** Longest word that is compared: nobody mistypes a longer one. */
const MAX_LENGTH = 64;

const bare = (word: string): string => word.replace(/[^A-Za-z0-9]/g, '').toLowerCase();

/** @returns the nearest of `known`, if it is near enough: at most a third of its letters differ */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = bare(word.slice(0, MAX_LENGTH));
  const [best] = known
    .map((name) => ({ name, edits: distance(wanted, bare(name)) }))
    .filter(({ name, edits }) => edits <= Math.max(1, Math.floor(bare(name).length / 3)))
    .sort((a, b) => a.edits - b.edits);
  return best?.name;
}
