import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WorksheetDocument } from '../../../../components/document/index.js';
import { Saving, AUTOSAVE_MS } from '../../../../components/worksheet/saving.js';
import {
  BrowserPlace,
  KEY_PREFIX,
  type KeyValueStore,
} from '../../../../components/worksheet/browser-place.js';
import {
  ConflictError,
  SaveError,
  type DocumentPlace,
} from '../../../../components/worksheet/document-place.js';
import {
  PagePlace,
  type LoadRequest,
  type SaveRequest,
} from '../../../../components/worksheet/page-place.js';

const sheet = (title: string): WorksheetDocument => ({ version: 1, title, description: '', cells: [] });

const memory = (): KeyValueStore & { texts: Map<string, string> } => {
  const texts = new Map<string, string>();
  return {
    texts,
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, value) => void texts.set(key, value),
  };
};

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the reader’s browser', () => {
  it('gives back what it was given, with a revision that changes', async () => {
    const store = memory();
    const place = new BrowserPlace('/book#a', () => store);
    expect(await place.load()).toBeUndefined();
    const first = await place.save(sheet('one'), undefined);
    expect(await place.load()).toEqual({ document: sheet('one'), revision: first });
    expect(await place.save(sheet('two'), first)).not.toBe(first);
    expect([...store.texts.keys()]).toEqual([`${KEY_PREFIX}/book#a`]);
  });

  it('tells of a save in another tab and overwrites it only when told to', async () => {
    const store = memory();
    const [mine, other] = [new BrowserPlace('w', () => store), new BrowserPlace('w', () => store)];
    const revision = await mine.save(sheet('one'), undefined);
    await other.save(sheet('theirs'), revision);
    const conflict = await mine.save(sheet('mine'), revision).catch((error: unknown) => error);
    expect(conflict).toBeInstanceOf(ConflictError);
    expect((conflict as ConflictError).theirs?.document).toEqual(sheet('theirs'));
    expect((await mine.load())?.document.title).toBe('theirs');
    await mine.save(sheet('mine'), revision, true);
    expect((await mine.load())?.document.title).toBe('mine');
  });

  it('says plainly that there is no room, that it may not be used, and that something else lies there', async () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    await expect(new BrowserPlace('w', () => full).save(sheet('x'), undefined)).rejects.toThrow('no room');
    const forbidden = (): KeyValueStore => {
      throw new DOMException('denied', 'SecurityError');
    };
    await expect(new BrowserPlace('w', forbidden).load()).rejects.toThrow('keeps nothing');
    const store = memory();
    store.texts.set(`${KEY_PREFIX}w`, '1 1\n{"version":1}');
    await expect(new BrowserPlace('w', () => store).load()).rejects.toThrow('cells is missing');
  });
});

describe('the page around', () => {
  it('loads and saves by answering events, at once or later', async () => {
    let kept: { document: WorksheetDocument; revision: string } | undefined;
    const place = new PagePlace((type, detail) => {
      if (type === 'sage-load') (detail as LoadRequest).respondWith(Promise.resolve(kept));
      else {
        kept = { document: (detail as SaveRequest).document, revision: 'r1' };
        (detail as SaveRequest).respondWith({ revision: 'r1' });
      }
    });
    expect(await place.load()).toBeUndefined();
    expect(await place.save(sheet('one'), undefined)).toBe('r1');
    expect(await place.load()).toEqual({ document: sheet('one'), revision: 'r1' });
  });

  it('can tell of a conflict, and is not believed when it gives no worksheet', async () => {
    const answer = (given: unknown): PagePlace =>
      new PagePlace((_, detail) => {
        const { respondWith } = detail as unknown as { respondWith: (answer: unknown) => void };
        respondWith(given);
      });
    const conflict = { conflict: { document: sheet('theirs'), revision: 'r2' } };
    await expect(answer(conflict).save(sheet('x'), 'r1')).rejects.toMatchObject({
      theirs: { revision: 'r2' },
    });
    await expect(answer({ document: { version: 1 } }).load()).rejects.toThrow('cells is missing');
  });

  it('that does not answer keeps nothing, and says so', async () => {
    await expect(new PagePlace(() => undefined).save(sheet('x'), undefined)).rejects.toBeInstanceOf(
      SaveError,
    );
    const silent = new PagePlace((_, detail) => {
      detail.respondWith(new Promise<never>(() => undefined));
    });
    const saving = expect(silent.save(sheet('x'), undefined)).rejects.toThrow('did not answer');
    await vi.runAllTimersAsync();
    await saving;
  });
});

describe('autosave', () => {
  /** A place whose saves end when the test says so. */
  class SlowPlace implements DocumentPlace {
    readonly kind = 'page';
    readonly saves: { title: string; revision: string | undefined; force: boolean }[] = [];
    readonly #ends: { resolve: (revision: string) => void; reject: (error: Error) => void }[] = [];

    load(): Promise<undefined> {
      return Promise.resolve(undefined);
    }

    save({ title }: WorksheetDocument, revision: string | undefined, force = false): Promise<string> {
      this.saves.push({ title, revision, force });
      return new Promise((resolve, reject) => this.#ends.push({ resolve, reject }));
    }

    async end(outcome: string | Error): Promise<void> {
      const end = this.#ends.shift();
      if (outcome instanceof Error) end?.reject(outcome);
      else end?.resolve(outcome);
      await vi.advanceTimersByTimeAsync(0);
    }
  }

  const begin = (): { place: SlowPlace; saving: Saving; type: (title: string) => void } => {
    let title = '';
    const place = new SlowPlace();
    const saving = new Saving(place, { current: () => sheet(title), saveStateChanged: () => undefined });
    return {
      place,
      saving,
      type: (text) => {
        title = text;
        saving.touch();
      },
    };
  };

  it('saves half a minute after the first change, however much is typed since', async () => {
    const { place, saving, type } = begin();
    type('a');
    await vi.advanceTimersByTimeAsync(AUTOSAVE_MS - 10);
    type('ab');
    await vi.advanceTimersByTimeAsync(20);
    expect(place.saves).toEqual([{ title: 'ab', revision: undefined, force: false }]);
    await place.end('r1');
    expect(saving.state).toBe('clean');
    await vi.advanceTimersByTimeAsync(AUTOSAVE_MS * 3);
    expect(place.saves).toHaveLength(1);
  });

  it('stays dirty when the text changes during a save, and saves again', async () => {
    const { place, saving, type } = begin();
    type('a');
    void saving.save();
    type('ab');
    await place.end('r1');
    expect([saving.state, saving.isDirty]).toEqual(['dirty', true]);
    await vi.advanceTimersByTimeAsync(AUTOSAVE_MS);
    expect(place.saves.at(-1)).toEqual({ title: 'ab', revision: 'r1', force: false });
    await place.end('r2');
    expect([saving.state, saving.isDirty]).toEqual(['clean', false]);
  });

  it('tries again after a failure, with the reason told meanwhile', async () => {
    const { place, saving, type } = begin();
    type('a');
    void saving.save();
    await place.end(new SaveError('No room.'));
    expect([saving.state, saving.message, saving.isDirty]).toEqual(['failed', 'No room.', true]);
    await vi.advanceTimersByTimeAsync(AUTOSAVE_MS);
    expect(place.saves).toHaveLength(2);
    await place.end('r1');
    expect([saving.state, saving.message]).toEqual(['clean', '']);
  });

  it('never overwrites what somebody else saved, until the reader chooses', async () => {
    const { place, saving, type } = begin();
    type('mine');
    void saving.save();
    await place.end(new ConflictError('Changed elsewhere.', { document: sheet('theirs'), revision: 'r9' }));
    expect(saving.state).toBe('conflict');
    type('mine too');
    await saving.save();
    await vi.advanceTimersByTimeAsync(AUTOSAVE_MS * 2);
    expect(place.saves).toHaveLength(1);
    void saving.resolve('mine');
    expect(place.saves.at(-1)).toEqual({ title: 'mine too', revision: 'r9', force: true });
    await place.end('r10');
    expect(saving.state).toBe('clean');
  });

  it('shows the other document when the reader chooses that', async () => {
    const { place, saving, type } = begin();
    type('mine');
    void saving.save();
    await place.end(new ConflictError('Changed elsewhere.', { document: sheet('theirs'), revision: 'r9' }));
    expect(await saving.resolve('theirs')).toEqual(sheet('theirs'));
    expect([saving.state, saving.isDirty]).toEqual(['clean', false]);
    type('theirs and more');
    void saving.save();
    expect(place.saves.at(-1)).toMatchObject({ revision: 'r9', force: false });
    await place.end('r10');
  });

  it('leaves no timer behind', () => {
    const { saving, type } = begin();
    type('a');
    saving.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
