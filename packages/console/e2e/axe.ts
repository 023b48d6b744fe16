import axe from 'axe-core'
import type { AxeResults, RunOnly } from 'axe-core'
import type { Page } from 'playwright-core'

declare global {
  interface Window {
    axe: typeof axe
  }
}

const EVERYTHING = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * What axe finds on the page, as lines that name the rule and the element. `only`: names of rules instead of all; `but`:
 * names of rules that are left out.
 */
export async function axeFindings(page: Page, { only = [], but = [] }: { only?: string[]; but?: string[] } = {}): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy against injected scripts does not bind; once a page, it is large.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const runOnly: RunOnly = only.length ? { type: 'rule', values: only } : { type: 'tag', values: EVERYTHING }
  const results: AxeResults = await page.evaluate(
    ([asked, without]) =>
      window.axe.run(document, {
        runOnly: asked,
        rules: {
          // 24 px of room for everything one can press; off by default.
          ...(asked.type === 'tag' ? { 'target-size': { enabled: true } } : {}),
          ...Object.fromEntries(without.map((rule) => [rule, { enabled: false }])),
        },
        resultTypes: ['violations'],
      }),
    [runOnly, but] as const,
  )
  return results.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')} ${node.html.slice(0, 120)}`),
  )
}
