import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverWith, type UnderTest } from './app/strategy-under-test.fixture.ts'
import { CountedPool } from './database/pool.ts'
import { startTestPostgres, type TestPostgres } from './database/postgres.fixture.ts'
import { smallPreparation } from './database/prepare.fixture.ts'
import { prepareDatabase } from './database/prepare.ts'

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const required = (process.env.AUTHCOST_REQUIRE ?? '').split(',').includes('chromium')
const absent = !existsSync(executablePath) && !required
if (absent) console.info(`skipped: signing in with Chromium (${executablePath} is not there)`)

describe.skipIf(absent)('signing in with Chromium', () => {
  let postgres: TestPostgres
  let pool: CountedPool
  let browser: Browser
  const open: UnderTest[] = []

  beforeAll(async () => {
    postgres = await startTestPostgres()
    await prepareDatabase(smallPreparation(postgres.url, 'authcost_browser'), () => {})
    pool = new CountedPool({
      databaseUrl: postgres.url,
      databaseSchema: 'authcost_browser',
      applicationName: 'browser',
      poolSize: 2,
    })
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser?.close()
    for (const { app } of open) await app.close()
    await pool?.close()
    await postgres?.[Symbol.asyncDispose]()
  })

  async function serve(variant: string, insecureCookies: boolean): Promise<string> {
    const server = await serverWith(variant, { database: pool, insecureCookies })
    open.push(server)
    return server.app.listen({ host: '127.0.0.1', port: 0 })
  }

  /** A page without JavaScript, and what it complained about. */
  async function visit(javaScriptEnabled = false): Promise<{ page: Page; said: string[] }> {
    const page = await (await browser.newContext({ javaScriptEnabled })).newPage()
    const said: string[] = []
    page.on('console', (message) => said.push(message.text()))
    return { page, said }
  }

  async function submit(page: Page, action: string, username: string): Promise<void> {
    const form = page.locator(`form[action="${action}"]`)
    await form.locator('[name=username]').fill(username)
    await form.locator('[name=password]').fill('correct horse battery')
    await form.locator('button').click()
  }

  it.each([
    ['session', false],
    ['session', true],
    ['jwt:alg=ES256', false],
    ['jwt:alg=ES256', true],
  ])('%s, insecure cookies: %s: register, see the page, refresh, sign out, sign in', async (variant, insecure) => {
    const url = await serve(variant, insecure)
    const { page, said } = await visit()
    const name = `browser-${variant.slice(0, 3)}-${insecure}`
    await page.goto(url)
    await submit(page, '/register', name)
    await page.getByRole('heading', { name: 'Signed in' }).waitFor()
    expect(await page.locator('main').innerText()).toContain(name)

    const cookies = await page.context().cookies([url, `${url}/token`])
    expect(cookies).toHaveLength(variant === 'session' ? 1 : 2)
    for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, secure: !insecure })

    if (variant !== 'session') {
      await page.getByRole('button', { name: 'Refresh the token' }).click()
      await page.getByRole('heading', { name: 'Signed in' }).waitFor()
      const after = await page.context().cookies([`${url}/token`])
      expect(after.map(({ value }) => value)).not.toEqual(cookies.map(({ value }) => value))
    }
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Register' }).waitFor()
    expect(await page.context().cookies([url, `${url}/token`])).toEqual([])
    await submit(page, '/login', name)
    await page.getByRole('heading', { name: 'Signed in' }).waitFor()
    expect(said).toEqual([])
    await page.context().close()
  })

  it('a page on another port of this host cannot sign the user out, though the cookie is sent', async () => {
    const url = await serve('session', false)
    const { page } = await visit(true)
    await page.goto(url)
    await submit(page, '/register', 'victim')
    await page.getByRole('heading', { name: 'Signed in' }).waitFor()

    const elsewhere = await serve('none', false)
    const attacker = await page.context().newPage()
    // Served by the other port; its page is replaced by an attacker's, without the policy that forbids foreign forms.
    await attacker.route(`${elsewhere}/**`, (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${url}/logout"><button>Win</button></form>`,
      }),
    )
    await attacker.goto(elsewhere)
    const [answer] = await Promise.all([
      attacker.waitForResponse((response) => response.url() === `${url}/logout`),
      attacker.getByRole('button').click(),
    ])
    expect(answer.status()).toBe(403)
    expect((await answer.request().allHeaders()).cookie).toContain('__Host-authcost-session')
    await page.reload()
    await page.getByRole('heading', { name: 'Signed in' }).waitFor()
    await page.context().close()
  })
})
