import { expect, test } from 'vitest'
import { escapeHtml, html, trustedMarkup } from './html.ts'

test('escapes every inserted string, in text and in attributes', () => {
  const nasty = `<script>"'&`
  expect(html`<p title="${nasty}">${nasty}</p>`.markup).toBe(
    '<p title="&lt;script&gt;&quot;&#39;&amp;">&lt;script&gt;&quot;&#39;&amp;</p>',
  )
})

test('inserts markup and lists of markup as they are, and nothing for undefined', () => {
  const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`)
  expect(html`<ul>${items}</ul>${undefined}${3}`.markup).toBe(
    '<ul><li>a</li><li>&lt;b&gt;</li></ul>3',
  )
  expect(html`${trustedMarkup('<hr>')}`.markup).toBe('<hr>')
})

test('leaves harmless text alone', () => {
  expect(escapeHtml('80 % of naive’s loss')).toBe('80 % of naive’s loss')
})
