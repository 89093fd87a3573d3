import { describe, expect, it } from 'vitest';
import { markdownToHtml, MAX_MARKDOWN_LENGTH } from '../../../components/lazy/markdown.js';

describe('Markdown of notes', () => {
  it.each([
    ['*a* **b** `c`', '<p><em>a</em> <strong>b</strong> <code>c</code></p>'],
    ['# T\n\n- x\n- y', '<h1>T</h1>\n<ul>\n<li>x</li>\n<li>y</li>\n</ul>'],
    ['| a | b |\n|---|---|\n| 1 | 2 |', '<table>'],
  ])('renders %j', (source, html) => {
    expect(markdownToHtml(source)).toContain(html);
  });

  it.each([
    ['$a_1 + b_2$ and $c_3$', '\\(a_1 + b_2\\) and \\(c_3\\)'],
    ['$$\\sum_{i<n} *x* $$', '\\[\\sum_{i&lt;n} *x*\\]'],
    ['so \\(x^2\\) and \\[y_1_\\] too', '\\(x^2\\) and \\[y_1_\\]'],
    ['text\n\n$$\n- a\n# b\n$$\n\nmore', '\\[- a\n# b\\]'],
    ['$\\text{costs \\$5}$', '\\(\\text{costs \\$5}\\)'],
    ['$x$, $y$-axis', '\\(x\\), \\(y\\)-axis'],
  ])('keeps the formula of %j as it is', (source, html) => {
    expect(markdownToHtml(source)).toContain(html);
  });

  it.each(['it costs $5 or $6', 'a $ b $ c', 'price: \\$5$', '`$x$`', '```\n$x$\n```', 'a $\n\nb$'])(
    'takes %j for no formula',
    (source) => {
      expect(markdownToHtml(source)).not.toMatch(/\\\(|\\\[/);
    },
  );

  it('reads hostile text in time', () => {
    const size = MAX_MARKDOWN_LENGTH;
    for (const unit of ['$', '$a', '\\(', '$$', '\\[a', '[', '*', '`', '<', '> ', '$\\', '- $']) {
      const start = performance.now();
      markdownToHtml(unit.repeat(Math.floor(size / unit.length)));
      expect(performance.now() - start, `${JSON.stringify(unit)} repeated`).toBeLessThan(20_000);
    }
  });

  it('shows text that is too long as it is', () => {
    expect(markdownToHtml(`${'x'.repeat(MAX_MARKDOWN_LENGTH)}<b>`)).toContain('&lt;b&gt;</pre>');
  });
});
