import { expect, test } from 'vitest'
import { headerWarnings } from './bytes.ts'

const warnings = (requestHeaderBytes: number, responseHeaderBytes = 200) =>
  headerWarnings('JWT', {
    variant: 'jwt',
    requests: 20,
    requestHeaderBytes,
    responseHeaderBytes,
    responseBodyBytes: 50,
  })

const severities = (requestHeaderBytes: number, responseHeaderBytes?: number) =>
  warnings(requestHeaderBytes, responseHeaderBytes).map(({ code, severity }) => `${code} ${severity}`)

test('headers are warned of where they outgrow proxies, and more so where they outgrow Node', () => {
  expect(severities(8192)).toEqual([])
  expect(severities(8193)).toEqual(['headers-too-large low'])
  expect(severities(16_384)).toEqual(['headers-too-large low'])
  expect(severities(16_385)).toEqual(['headers-too-large high'])
})

test('so are those of answers, by the same limits', () => {
  expect(severities(200, 8192)).toEqual([])
  expect(severities(200, 8193)).toEqual(['headers-too-large low'])
  expect(severities(8193, 16_385)).toEqual(['headers-too-large low', 'headers-too-large high'])
  const [of] = warnings(200, 9000)
  expect(of?.message).toMatch(/the headers of an answer have 9000 bytes.*502/)
})
