/** The commands in the sh blocks of a Markdown text that follow a `<!-- run by CI -->` line, without comments. */
export function markedCommands(markdown) {
  return [...markdown.matchAll(/^<!-- run by CI -->\s*\n```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
      .filter((line) => line !== ''),
  )
}
