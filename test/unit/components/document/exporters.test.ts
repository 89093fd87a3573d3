import { describe, expect, it } from 'vitest';
import {
  exportHtml,
  exportNotebook,
  exportPython,
  exportSage,
  importDocument,
  type WorksheetDocument,
} from '../../../../components/document/index.js';

const document: WorksheetDocument = {
  version: 1,
  title: 'Primes <i>',
  description: 'About $p$',
  cells: [
    { id: 'n1', kind: 'note', source: '## Part\n\ntext' },
    {
      id: 'c1',
      kind: 'code',
      source: 'print("effectuées")\n2^100',
      note: 'above',
      flags: { auto: true },
      output: [
        { kind: 'stream', name: 'stdout', text: 'effectuées\n' },
        { kind: 'display', result: true, data: { 'text/plain': '<4>', 'image/png': 'iVBORw0KGgo=' } },
        {
          kind: 'display',
          result: false,
          data: { 'text/plain': 'p', 'text/html': '<img src=x onerror=alert(1)>' },
        },
        { kind: 'error', name: 'E', message: 'm', traceback: 'T\nE: m' },
        { kind: 'file', name: 'a.csv', type: 'text/csv', size: 3 },
      ],
    },
    { id: 'c2', kind: 'code', source: "s = '''\\n'''", language: 'python' },
    { id: 'c3', kind: 'code', source: 'Order(SymmetricGroup(5));', language: 'gap' },
  ],
};

describe('the notebook of a document', () => {
  it('holds all of it and can be imported again', () => {
    const again = importDocument(exportNotebook(document)).document;
    expect(again.title).toBe(document.title);
    expect(again.cells.map(({ source }) => source)).toEqual([
      '# Primes <i>\n\nAbout $p$',
      '## Part\n\ntext',
      'above',
      'print("effectuées")\n2^100',
      "%%python\ns = '''\\n'''",
      '%%gap\nOrder(SymmetricGroup(5));',
    ]);
    const [stdout, png, html, error] = again.cells[3]?.output ?? [];
    expect([stdout, png, html, error]).toEqual(document.cells[1]?.output?.slice(0, 4));
    expect(again.cells[3]?.flags).toEqual({ auto: true });
  });

  it('gives every cell an id that nbformat allows, and no two the same', () => {
    const long = 'x'.repeat(64);
    const cells = [
      { id: long, kind: 'code', source: '', note: 'a' },
      { id: 'title', kind: 'code', source: '' },
    ] as const;
    const { cells: exported } = JSON.parse(
      exportNotebook({ version: 1, title: 't', description: '', cells: [...cells] }),
    ) as {
      cells: { id: string }[];
    };
    const ids = exported.map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });
});

describe('the program of a document', () => {
  it('as .sage has its code and notes and can be imported again', () => {
    const text = exportSage(document);
    expect(text).toContain('# %% auto\nprint("effectuées")\n2^100\n');
    expect(text).toContain(`exec("s = '''\\\\n'''")`);
    expect(text).toContain('print(gap.eval("""\nOrder(SymmetricGroup(5));\n"""))');
    const again = importDocument(text).document.cells;
    expect(again.slice(0, 4).map(({ kind, source }) => [kind, source])).toEqual([
      ['note', '# Primes <i>\n\nAbout $p$'],
      ['note', '## Part\n\ntext'],
      ['note', 'above'],
      ['code', 'print("effectuées")\n2^100'],
    ]);
  });

  it('as .py preparses what is Sage and leaves what is Python', () => {
    const text = exportPython(document);
    expect(text).toContain('from sage.all_cmdline import *');
    expect(text).toContain('exec(preparse("""\nprint("effectuées")\n2^100\n"""))');
    expect(text).toContain("# %%\ns = '''\\n'''\n");
  });
});

describe('the static page of a document', () => {
  it('shows sources and outputs, and escapes whatever comes from the document', () => {
    const page = exportHtml(document);
    expect(page).toContain('<h1>Primes &lt;i&gt;</h1>');
    expect(page).toContain('<pre class="source"><code>print(&quot;effectuées&quot;)\n2^100</code></pre>');
    expect(page).toContain('src="data:image/png;base64,iVBORw0KGgo="');
    expect(page).toContain('alt="&lt;4&gt;"');
    expect(page).not.toContain('onerror');
    expect(page).toContain("default-src 'none'");
  });

  it('uses the sanitizer and the Markdown it is given', () => {
    const page = exportHtml(document, {
      sanitize: () => '<b>clean</b>',
      markdown: (text) => `<p>${text.length}</p>`,
    });
    expect(page).toContain('<div class="html"><b>clean</b></div>');
    expect(page).toContain('<div class="note"><p>5</p></div>');
  });

  it('refuses pictures that are none', () => {
    const bad = '"><script>alert(1)</script>';
    const page = exportHtml({
      ...document,
      cells: [
        {
          id: 'c',
          kind: 'code',
          source: '',
          output: [{ kind: 'display', result: false, data: { 'text/plain': '', 'image/png': bad } }],
        },
        {
          id: 'd',
          kind: 'code',
          source: '',
          output: [{ kind: 'display', result: false, data: { 'text/plain': '', 'image/svg+xml': bad } }],
        },
      ],
    });
    expect(page).not.toContain('<script');
  });

  it('leaves out what is hidden', () => {
    const hidden = exportHtml({
      ...document,
      cells: [
        {
          id: 'c',
          kind: 'code',
          source: 'secret',
          flags: { hideSource: true, hideOutput: true },
          output: [{ kind: 'stream', name: 'stdout', text: 'shown' }],
        },
      ],
    });
    expect(hidden).not.toMatch(/secret|shown/);
  });
});
