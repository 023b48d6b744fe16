import axe from 'axe-core'
import type { AxeResults, RunOnly } from 'axe-core'
import type { Page } from 'playwright-core'

declare global {
  interface Window {
    axe: typeof axe
  }
}

const EVERYTHING = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds on the page, as lines that name the rule and the element. `only`: names of rules instead of all. */
export async function axeFindings(page: Page, only: string[] = []): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy against injected scripts does not bind; once a page, it is large.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const runOnly: RunOnly = only.length ? { type: 'rule', values: only } : { type: 'tag', values: EVERYTHING }
  const results: AxeResults = await page.evaluate(
    (asked) =>
      window.axe.run(document, {
        runOnly: asked,
        // 24 px of room for everything one can press; off by default.
        ...(asked.type === 'tag' ? { rules: { 'target-size': { enabled: true } } } : {}),
        resultTypes: ['violations'],
      }),
    runOnly,
  )
  return results.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')} ${node.html.slice(0, 120)}`),
  )
}
