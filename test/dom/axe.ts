/** What an accessibility checker finds in a page. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Every fault that axe finds, as a sentence with the markup it is about. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: inPage } = window as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const { violations: found } = await inPage.run();
    return found.map(
      ({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.html} ${n.failureSummary}`).join(' | ')}`,
    );
  });
}
