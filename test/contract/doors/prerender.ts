/** Outputs stored in static pages by the command line, over the real Sage. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RelayUnderTest } from '../../support/relay.js';

const MAIN = fileURLToPath(new URL('../../../dist/relay/cli/main.js', import.meta.url));

const PAGE = `\uFEFF<!doctype html>\r
<title>Seven</title>\r
<sage-config session="none" typeset="off"></sage-config>
<p>Within text <sage-cell session="">2 + 3</sage-cell>, and on.</p>
<sage-cell session="s">
  <script type="text/x-sage">
    for k in range(3):
        if k < n: print(k, "<é>")
  </script>
</sage-cell>
<sage-cell session="s" setup>n = 7</sage-cell>
<sage-cell session="s">a = n^2</sage-cell>
<sage-cell session="s" typeset><pre>sqrt(a*x)</pre></sage-cell >
<sage-cell language="gap">Factorial(5);</sage-cell>
<sage-cell src="code/table.sage"></sage-cell>
<sage-cell>6*7<div slot="output">the author's own</div></sage-cell>
<template><sage-cell>no part of the page</sage-cell></template>
`;

const TABLE = String.raw`show(html(r'<table onclick="x()"><tr><td>1<script>x()</script><a href="javascript:x()">2</a></td><td>\(7\) <code>\(8\)</code> \(\href{x}{9}\) \(\fcolorbox{red;top:0}{red}{9}\)</td></tr></table>'))
plot(sin, (0, 1))`;

/** @param relay one that computes, once the tests run */
export function testPrerender(relay: () => RelayUnderTest): void {
  const folderOf = (pages: Readonly<Record<string, string>>): string => {
    const folder = mkdtempSync(join(tmpdir(), 'sage-embed-prerender-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    mkdirSync(join(folder, 'code'));
    for (const [name, content] of Object.entries(pages)) writeFileSync(join(folder, name), content);
    return folder;
  };
  const prerender = async (
    folder: string,
    args: string[],
    server = relay().url,
  ): Promise<{ code: number; stdout: string; stderr: string }> => {
    const env = { ...process.env, SAGE_EMBED_SERVER: server };
    const child = spawn(process.execPath, [MAIN, 'prerender', ...args], { cwd: folder, env, stdio: 'pipe' });
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stdin.end();
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number]>,
    ]);
    return { code, stdout, stderr };
  };

  describe('sage-embed prerender', () => {
    test('stores what cells put out, in the order of their sessions, and changes not a byte besides', async () => {
      const folder = folderOf({ 'page.html': PAGE, 'code/table.sage': TABLE });
      const file = join(folder, 'page.html');
      expect(await prerender(folder, ['page.html'])).toMatchObject({ code: 0, stdout: '' });
      const page = readFileSync(file, 'utf8');

      const stored =
        /<(div|template) slot="output" data-prerendered="[\w-]{22}">(?:\n([^]*?)\n)?<\/\1>(?=<\/sage-cell)/g;
      expect(page.replace(stored, '')).toBe(PAGE);
      const [inText, loop, silent, formula, gap, table, ...others] = [...page.matchAll(stored)];
      // A block would end the paragraph that it stands in.
      expect(inText?.slice(1)).toEqual(['template', '<pre class="text">5</pre>']);
      expect(loop?.slice(1)).toEqual([
        'div',
        '<pre class="stdout">0 &lt;é&gt;\n1 &lt;é&gt;\n2 &lt;é&gt;</pre>',
      ]);
      expect(silent?.slice(1)).toEqual(['template', undefined]);
      expect(formula?.[2]).toMatch(
        /^<div class="latex"><math [^]*<mn>7<\/mn>[^]*<msqrt>[^]*<\/math><\/div>$/,
      );
      expect(gap?.[2]).toBe('<pre class="stdout">120</pre>');
      const [markup = '', picture = ''] = (table?.[2] ?? '').split('\n');
      // A formula is one, but not in code, nor with links or styles of its own.
      expect(markup).toBe(
        String.raw`<div class="html"><table><tbody><tr><td>1<a>2</a></td><td><math xmlns="http://www.w3.org/1998/Math/MathML"><mn>7</mn></math> <code>\(8\)</code> \(\href{x}{9}\) \(\fcolorbox{red;top:0}{red}{9}\)</td></tr></tbody></table></div>`,
      );
      // Not as one expectation: a failure would print the picture.
      expect(picture.slice(0, picture.indexOf(',')).replace(/\d+/g, '0')).toBe(
        '<img alt="Graphics object consisting of 0 graphics primitive" width="0" height="0" src="data:image/svg+xml',
      );
      expect(/[<>]/.test(picture.slice(1, -1))).toBe(false);
      expect(others).toEqual([]);

      // Nobody is asked for what is there already.
      const nobody = 'http://127.0.0.1:9';
      expect(await prerender(folder, ['--check', 'page.html'], nobody)).toMatchObject({
        code: 0,
        stdout: '',
      });
      expect(await prerender(folder, ['page.html'], nobody)).toMatchObject({ code: 0 });
      expect(readFileSync(file, 'utf8')).toBe(page);

      // A change makes all that follows in its session stale, and nothing else.
      writeFileSync(file, page.replace('n = 7', 'n = 2'));
      const checked = await prerender(folder, ['--check', 'page.html'], nobody);
      expect(checked).toMatchObject({ code: 1 });
      expect(
        checked.stdout.match(/^page\.html:\d+: the stored output is not that of this code$/gm),
      ).toHaveLength(3);
      expect(await prerender(folder, ['page.html', '--out', 'site'])).toMatchObject({ code: 0 });
      const site = readFileSync(join(folder, 'site', 'page.html'), 'utf8');
      expect(site).toContain('<pre class="stdout">0 &lt;é&gt;\n1 &lt;é&gt;</pre>');
      expect(site).toContain(inText?.[0]);
      expect(readFileSync(file, 'utf8')).toBe(page.replace('n = 7', 'n = 2'));
    });

    test('names the line of what goes wrong, keeps what was there, and stores errors only if asked to', async () => {
      const bad = `<sage-cell>\n\nx = 1\n1/0\n</sage-cell>\n<sage-cell>input("?")</sage-cell>\n<sage-cell>6*7</sage-cell>\n<sage-cell time-limit="0.3">while True: pass</sage-cell>`;
      const folder = folderOf({ 'bad.html': bad });
      const { code, stdout } = await prerender(folder, ['bad.html']);
      expect(code).toBe(1);
      expect(stdout.split('\n')).toEqual([
        'bad.html:4: ZeroDivisionError: rational division by zero',
        'bad.html:6: the code asks its reader something, and there is none',
        expect.stringMatching(/^bad\.html:8: .*0\.3 s/) as string,
        '',
      ]);
      const page = readFileSync(join(folder, 'bad.html'), 'utf8');
      expect(page.match(/<pre class="text">42<\/pre>/g)).toHaveLength(1);
      expect(page).not.toContain('ZeroDivision');
      await prerender(folder, ['bad.html', '--allow-errors']);
      expect(readFileSync(join(folder, 'bad.html'), 'utf8')).toMatch(
        /<pre class="error">[^<]*ZeroDivisionError: rational division by zero<\/pre>/,
      );
    });

    test('says why it can not do what was typed', async () => {
      const folder = folderOf({
        'far.html': '\n<sage-cell src="https://example.org/x.sage"></sage-cell>',
        'gone.html': '<sage-cell src="gone.sage"></sage-cell>',
        'latin.html': '',
        'fine.html': '<sage-cell>1</sage-cell>',
      });
      writeFileSync(join(folder, 'latin.html'), Buffer.from([0x3c, 0xe9]));
      const mistakes: [string[], number, string][] = [
        [[], 64, 'Name the pages'],
        [['none.html'], 65, "none.html can't be read"],
        [['far.html'], 65, 'far.html:2: src="https://example.org/x.sage" is an address elsewhere'],
        [['gone.html'], 65, 'gone.html:1: src="gone.sage" can\'t be read'],
        [['latin.html'], 65, 'it is not UTF-8'],
        [['fine.html', './fine.html', '--out', 'site'], 64, 'two of the pages are called fine.html'],
        [['fine.html', '--server', 'http://127.0.0.1:9'], 69, 'The server cannot be reached'],
      ];
      await Promise.all(
        mistakes.map(async ([args, code, words]) => {
          const ended = await prerender(folder, args);
          expect(ended).toMatchObject({ code, stdout: '' });
          expect(ended.stderr).toContain(words);
        }),
      );
    });
  });
}
