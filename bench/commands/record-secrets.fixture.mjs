// Loaded into the harness before anything else (node --import): writes down every secret it draws, so that a test can
// look for them in all it puts out.
import crypto from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const note = (line) => appendFileSync(process.env.AUTHCOST_TEST_SECRETS, `${line}\n`)

const { randomBytes, generateKeyPair, generateKeyPairSync } = crypto
crypto.randomBytes = (size, callback) => {
  const bytes = randomBytes(size)
  note(`bytes ${bytes.toString('hex')}`)
  if (callback === undefined) return bytes
  callback(null, bytes)
}
const noteKey = (key) => {
  const pem = typeof key === 'string' ? key : key.export({ type: 'pkcs8', format: 'pem' })
  note(`text ${pem.split('\n').slice(1, -2).join('').slice(40, 100)}`)
}
crypto.generateKeyPairSync = (...options) => {
  const pair = generateKeyPairSync(...options)
  noteKey(pair.privateKey)
  return pair
}
crypto.generateKeyPair = Object.assign(
  (...options) => {
    const callback = options.pop()
    generateKeyPair(...options, (error, publicKey, privateKey) => {
      if (error === null) noteKey(privateKey)
      callback(error, publicKey, privateKey)
    })
  },
  {
    [Symbol.for('nodejs.util.promisify.custom')]: async (...options) => {
      const pair = generateKeyPairSync(...options)
      noteKey(pair.privateKey)
      return pair
    },
  },
)
syncBuiltinESMExports()
