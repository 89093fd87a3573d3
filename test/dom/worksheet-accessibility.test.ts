import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { violations } from './axe.js';
import { useBrowser } from './browser.js';
import {
  ABC,
  button,
  code,
  echo,
  focusRow,
  note,
  open,
  row,
  saveAs,
  saveElsewhere,
  sheet,
} from './worksheet-page.js';

useBrowser();

const CELLS = [
  note('n', '# Part $x$'),
  ...ABC,
  code('d', 'x', { output: [{ kind: 'stream', name: 'stdout', text: 'o\n' }], flags: { auto: true } }),
];

const STATES: Readonly<Record<string, { attributes?: string; bring(page: Page): Promise<unknown> }>> = {
  'while it is read': { bring: (page) => focusRow(page, 'a') },
  'that can only be read': {
    attributes: 'readonly',
    bring: (page) => page.locator('mjx-container').waitFor(),
  },
  'with code in the editor': {
    bring: async (page) => {
      await row(page, 'a').locator('.paint').click();
      await page.locator('.cm-content').waitFor();
    },
  },
  'with a note that is written': {
    bring: async (page) => {
      await row(page, 'n').locator('.note-view').dblclick();
      await page.locator('.note-field').waitFor();
    },
  },
  'with several cells chosen': {
    bring: async (page) => {
      await focusRow(page, 'a');
      await page.keyboard.press('Shift+ArrowDown');
    },
  },
  'with the menu of a cell open': {
    bring: async (page) => {
      await row(page, 'a').hover();
      await row(page, 'a').locator('.more').first().click();
    },
  },
  'with its own menu open': { bring: (page) => page.locator('.head .more').click() },
  'with the table of keys open': {
    bring: async (page) => {
      await page.locator('.head .more').click();
      await page.getByRole('menuitem', { name: 'Keys' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  'while cells wait for each other': {
    bring: async (page) => {
      await button(page, 'Run all').click();
      await page.locator('.waiting').first().waitFor();
    },
  },
  'as JSON with a mistake': {
    bring: async (page) => {
      await page.locator('.views').selectOption('json');
      await page.locator('.json-field').fill('{"version": 1, "cells": 3}');
      await page.locator('.json-state li').first().waitFor();
    },
  },
  'that somebody else has saved meanwhile': {
    attributes: 'name="three"',
    bring: async (page) => {
      await saveAs(page, 'First');
      await page.getByText('Saved', { exact: true }).waitFor();
      await saveElsewhere(page);
      await page.bringToFront();
      await saveAs(page, 'Mine');
      await page.getByRole('alert').waitFor();
    },
  },
  'as slides': {
    bring: async (page) => {
      await page.locator('.views').selectOption('slides');
      await page.locator('.slide-bar').waitFor();
    },
  },
};

describe('accessibility of a worksheet', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    it.each(Object.entries(STATES))(`finds no fault in ${colorScheme}: %s`, async (_state, state) => {
      const { page } = await open(
        sheet(CELLS),
        state.attributes,
        (r) => {
          r.running();
          if (r.code !== 'print(1)') void echo(r);
        },
        { colorScheme },
      );
      await state.bring(page);
      await page.waitForTimeout(400);
      expect(await violations(page)).toEqual([]);
    });
  }

  it('speaks the language of the page', async () => {
    const { page } = await open(sheet(ABC), 'lang="de"');
    await button(page, 'Alle ausführen').waitFor();
    await button(page, 'Ausführen').first().waitFor();
  });
});
