import { type Credentials, headersTo } from './credentials.ts'

/** Who signs in: made for this, with a random password. */
export interface Account {
  readonly username: string
  readonly password: string
}

/** Requests to one server as they go over the wire. Without `Origin` and `Sec-Fetch-Site`: no browser sends them. */
export interface CallRequests {
  register(account: Account): string
  login(account: Account): string
  me(credentials: Credentials): string
  refresh(credentials: Credentials): string
  logout(credentials: Credentials): string
}

export function callRequests(url: string): CallRequests {
  const { host } = new URL(url)
  const request = (method: string, path: string, headers: Readonly<Record<string, string>>, body?: unknown): string => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const all = {
      host,
      connection: 'keep-alive',
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'POST' ? { 'content-length': String(Buffer.byteLength(text)) } : {}),
    }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`
  }
  return {
    register: (account) => request('POST', '/register', {}, account),
    login: (account) => request('POST', '/login', {}, account),
    me: (credentials) => request('GET', '/me', headersTo('/me', credentials)),
    refresh: (credentials) =>
      request(
        'POST',
        '/token',
        headersTo('/token', credentials),
        credentials.refreshToken === undefined ? undefined : { refresh_token: credentials.refreshToken },
      ),
    logout: (credentials) => request('POST', '/logout', headersTo('/logout', credentials)),
  }
}
