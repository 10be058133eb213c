import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { Html, html } from './html.ts'

const style = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
form{display:grid;gap:.5rem;margin:1rem 0}
.row{display:flex;flex-wrap:wrap;gap:1rem}.row form{flex:1 1 14rem}
label{display:grid;gap:.2rem}
input,button{font:inherit;padding:.4rem .6rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #8885}
td{overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}
.error{border-left:.3rem solid #c33;padding-left:.6rem}`

const styleHash = createHash('sha256').update(style).digest('base64')

const rawStyle = new Html(style)

/** Nothing may be loaded, run or framed; forms go home only. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** Sends a page with its security headers. It works without JavaScript; there is none. */
export function sendPage(reply: FastifyReply, status: number, title: string, body: Html): FastifyReply {
  return (
    reply
      .code(status)
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', contentSecurityPolicy)
      .header('x-content-type-options', 'nosniff')
      .header('x-frame-options', 'DENY')
      // `no-referrer` would turn the Origin of our own forms into `null`, which the cross-site rule refuses.
      .header('referrer-policy', 'same-origin')
      .header('cache-control', 'no-store')
      .send(
        html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${rawStyle}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.text,
      )
  )
}
