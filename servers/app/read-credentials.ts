import { z } from 'zod'
import { maximumPasswordBytes } from './passwords.ts'

const passwordSchema = z
  .string('A password is missing.')
  .refine(
    (text) => Buffer.byteLength(text) <= maximumPasswordBytes,
    `A password has at most ${maximumPasswordBytes} bytes.`,
  )

/**
 * Names travel in a header of the control's and in tokens: plain characters only. `Smith` and `smith` are one user (OWASP
 * Authentication Cheat Sheet, user IDs), so that nobody can register as another's look-alike.
 */
const usernameSchema = z
  .string('A username is missing.')
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'A username has 1 to 64 letters, digits, - or _.')
  .toLowerCase()

const loginSchema = z.object({ username: usernameSchema, password: passwordSchema })

/** OWASP Authentication Cheat Sheet: at least eight characters, no rules of composition. */
const registrationSchema = z.object({
  username: usernameSchema,
  password: passwordSchema.refine((text) => text.length >= 8, 'A password has at least 8 characters.'),
})

export interface LoginInput {
  readonly username: string
  readonly password: string
}

type Read = { readonly input: LoginInput } | { readonly problem: string }

/** Username and password of a body, or a sentence on what is wrong with it (which never repeats what was sent). */
export function readCredentials(body: unknown, kind: 'login' | 'registration'): Read {
  const result = (kind === 'login' ? loginSchema : registrationSchema).safeParse(body)
  if (result.success) return { input: result.data }
  const issue = result.error.issues[0]
  return { problem: issue === undefined || issue.path.length === 0 ? 'Send username and password.' : issue.message }
}
