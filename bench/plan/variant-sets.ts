/** Variants worth comparing with one another, by name: what `--set` stands for. */
export interface VariantSet {
  readonly name: 'frontier' | 'libraries'
  readonly summary: string
  readonly variants: readonly string[]
}

export const variantSets: readonly VariantSet[] = [
  {
    name: 'frontier',
    summary: 'what each way of signing out sooner costs',
    variants: [
      'session',
      'session:cacheTtl=10s',
      'session:touch=always',
      // A third of the default lifetime: one more point between "next request" and a quarter of an hour.
      'jwt:accessLifetimeS=300,alg=HS256',
      'jwt:accessLifetimeS=300,alg=ES256',
      'jwt:alg=HS256,denylist=memory',
      'jwt:alg=HS256,denylist=postgres',
      'sealed',
      'introspection',
    ],
  },
  {
    name: 'libraries',
    summary: 'libraries as they come, with the switch that matters most',
    variants: [
      'fastify-session',
      'fastify-session:rolling=off',
      'fastify-jwt',
      'secure-session',
      'better-auth',
      'better-auth:cookieCache=on',
    ],
  },
]
