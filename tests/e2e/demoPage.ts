import type { Page } from 'playwright'

/** Waits until the demo shows the hits of a question it asked by itself or was asked. */
export async function answered(page: Page, question: string): Promise<void> {
  await page.locator(`#columns[data-question=${JSON.stringify(question)}]:visible`).waitFor()
}
