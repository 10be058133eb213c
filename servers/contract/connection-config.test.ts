import pg from 'pg'
import { expect, it } from 'vitest'
import { connectionConfig } from './connection-config.ts'

const own = { applicationName: 'authcost-session', searchPath: 'authcost_run' }
const ours = '-c search_path=authcost_run'

/** What node-postgres will send. */
function sentBy(address: string) {
  const { connectionParameters } = Object(new pg.Client(connectionConfig(address, own)))
  const { application_name, options, user, password, host, database, statement_timeout } = connectionParameters
  return { application_name, options, user, password, host, database, statement_timeout }
}

it.each([
  ['postgres://u:p@h/db', ours],
  ['postgres://u:p@h/db?options=-c%20statement_timeout%3D60s', `-c statement_timeout=60s ${ours}`],
  ['postgres://u:p@h/db?options=-c%20search_path%3Dpublic&options=-c+x%3Dy', `-c search_path=public -c x=y ${ours}`],
  ['postgres://u:p@h/db?application_name=mine&fallback_application_name=mine', ours],
])('the schema and the name that are sent for %s are our own', (address, options) => {
  const connection = { user: 'u', password: 'p', host: 'h', database: 'db' }
  expect(sentBy(address)).toMatchObject({ application_name: 'authcost-session', options, ...connection })
})

it('whatever else an address says stays', () => {
  const sent = sentBy(
    'postgres:///db?host=%2Frun%2Fpg&user=a%20b&statement_timeout=60000&password=a%20b%2F%26&options=-c+x%3Dy',
  )
  expect(sent).toMatchObject({ host: '/run/pg', user: 'a b', password: 'a b/&', statement_timeout: '60000' })
})

it('an address that replaces nothing is passed on as it is', () => {
  const address = 'postgres://u:p%zz@h/db?sslmode=disable'
  expect(connectionConfig(address, own).connectionString).toBe(address)
  expect(connectionConfig(address, { applicationName: 'a' })).toEqual({
    connectionString: address,
    application_name: 'a',
  })
})
