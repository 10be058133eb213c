import { expect, test } from 'vitest'
import { headerWarnings } from './bytes.ts'

const severities = (requestHeaderBytes: number) =>
  headerWarnings('JWT', {
    variant: 'jwt',
    requests: 20,
    requestHeaderBytes,
    responseHeaderBytes: 200,
    responseBodyBytes: 50,
  }).map(({ code, severity }) => `${code} ${severity}`)

test('headers are warned of where they outgrow proxies, and more so where they outgrow Node', () => {
  expect(severities(8192)).toEqual([])
  expect(severities(8193)).toEqual(['headers-too-large low'])
  expect(severities(16_384)).toEqual(['headers-too-large low'])
  expect(severities(16_385)).toEqual(['headers-too-large high'])
})
