import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../contract/identity.ts'
import {
  type AuthResult,
  type CredentialTraits,
  isRefusal,
  type ResolvedVariant,
  type Strategy,
} from '../contract/strategy.ts'
import { sentCookieName } from './credential-cookies.ts'
import { type Html, html } from './html.ts'
import { sendPage } from './page-frame.ts'
import { duplicateCookie, readCookie } from './read-cookie.ts'

export interface Pages {
  /** `GET /`: the protected page when signed in, else the forms. */
  home(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>
  /** The forms, with a sentence on what went wrong. */
  sendSignIn(reply: FastifyReply, status: number, complaint: string): FastifyReply
}

/** The pages of a server that is tried in a browser: plain forms, no script. */
export function createPages(variant: ResolvedVariant, strategy: Strategy, insecureCookies: boolean): Pages {
  const title = `authcost: ${variant.label}`
  const refreshForm = (): Html =>
    strategy.refresh === undefined
      ? html``
      : html`<form method="post" action="/token"><button>Refresh the token</button></form>`

  const sendSignIn = (reply: FastifyReply, status: number, complaint: string, expired = false): FastifyReply =>
    sendPage(
      reply,
      status,
      title,
      html`<h1>${variant.label}</h1>
${complaint === '' ? html`` : html`<p class="error" role="alert">${complaint}</p>`}
${expired ? refreshForm() : html``}
<p>${howItTravels(variant)}</p>
<div class="row">
${credentialsForm('/login', 'Sign in', 'current-password')}
${credentialsForm('/register', 'Register', 'new-password')}
</div>`,
    )

  const sendProtected = (request: FastifyRequest, reply: FastifyReply, user: Identity): FastifyReply =>
    sendPage(
      reply,
      200,
      title,
      html`<h1>Signed in</h1>
<table>
<tr><th scope="row">User</th><td>${user.username}</td></tr>
<tr><th scope="row">Id</th><td>${user.userId}</td></tr>
<tr><th scope="row">Role</th><td>${user.role}</td></tr>
<tr><th scope="row">Strategy</th><td>${variant.label} (${variant.id})</td></tr>
</table>
<h2>Which cookie carries what</h2>
${cookieTable(request, { cookies: strategy.cookies, form: variant.traits.form, insecure: insecureCookies })}
<div class="row">
${refreshForm()}
<form method="post" action="/logout"><button>Sign out</button></form>
</div>`,
    )

  return {
    async home(request, reply) {
      let result: AuthResult
      try {
        result = await strategy.authenticate(request)
      } catch (error) {
        request.log.error(error)
        result = { refused: 'unavailable' }
      }
      if (!isRefusal(result)) return sendProtected(request, reply, result)
      switch (result.refused) {
        case 'unavailable':
          return sendSignIn(reply, 503, 'Whether you are signed in cannot be decided right now. Try again.')
        case 'expired':
          return sendSignIn(reply, 200, 'Your sign-in has expired.', true)
        default:
          return sendSignIn(reply, 200, '')
      }
    },
    sendSignIn,
  }
}

function credentialsForm(action: string, label: string, autocomplete: string): Html {
  return html`<form method="post" action="${action}">
<h2>${label}</h2>
<label>Username <input name="username" autocomplete="username" required maxlength="64" pattern="[A-Za-z0-9_\\-]+"></label>
<label>Password <input name="password" type="password" autocomplete="${autocomplete}" required minlength="8"></label>
<button>${label}</button>
</form>`
}

function howItTravels({ traits }: ResolvedVariant): string {
  const { carrier } = traits
  if (carrier.kind === 'cookie') return `Signing in sets the cookie ${carrier.name}.`
  return traits.form === 'none'
    ? `This server takes identity on trust from the header ${carrier.name}: a browser sends none, so signing in changes nothing here.`
    : `The token travels in the header ${carrier.name}, which a browser does not send by itself: sign in with JSON instead.`
}

/** Names, flags and, for JWTs, what they say. Called for authenticated requests only, so the tokens are our own. */
function cookieTable(
  request: FastifyRequest,
  {
    cookies,
    form,
    insecure,
  }: Pick<Strategy, 'cookies'> & Pick<CredentialTraits, 'form'> & { readonly insecure: boolean },
): Html {
  if (cookies.length === 0) return html`<p>None: the credential travels in a header.</p>`
  const rows = cookies.map(({ name, path, sameSite }) => {
    const value = readCookie(request.headers.cookie, name)
    const flags = `Path=${path}; HttpOnly; SameSite=${sameSite === 'lax' ? 'Lax' : 'Strict'}${insecure ? '' : '; Secure'}`
    return html`<tr><th scope="row">${sentCookieName(name, insecure)}</th><td>${flags}</td><td>${describeValue(value, path, form)}</td></tr>`
  })
  return html`<table>
<thead><tr><th scope="col">Cookie</th><th scope="col">Flags</th><th scope="col">Carries</th></tr></thead>
<tbody>${rows}</tbody>
</table>`
}

function describeValue(value: ReturnType<typeof readCookie>, path: string, form: CredentialTraits['form']): Html {
  if (value === undefined || value === duplicateCookie) {
    return path === '/' ? html`not sent` : html`not sent here: the browser sends it to ${path} only`
  }
  const payload = decodePayload(value)
  // Never the value itself: a page must not undo HttpOnly.
  if (payload !== undefined) return html`a token of ${value.length} characters that says<pre>${payload}</pre>`
  return form === 'sealed'
    ? html`a sealed value of ${value.length} characters; what it says only the server can read`
    : html`an opaque value of ${value.length} characters; what it stands for is in the database`
}

/** The payload of a JWT as indented JSON; undefined where the value is none. */
function decodePayload(token: string): string | undefined {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  try {
    return JSON.stringify(JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString()), null, 2)
  } catch {
    return undefined
  }
}
