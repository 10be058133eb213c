/** Names and values of the cookies that an answer sets, values as sent; an empty value deletes. */
export const cookiesOf = (headers: Headers): readonly { readonly name: string; readonly value: string }[] =>
  headers.getSetCookie().map((line) => {
    const [pair = ''] = line.split(';')
    const at = pair.indexOf('=')
    return { name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() }
  })
