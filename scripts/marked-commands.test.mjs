import { expect, it } from 'vitest'
import { markedCommands } from './marked-commands.mjs'

it('takes the commands of marked sh blocks only, joined over line ends and without comments', () => {
  const markdown = [
    '```sh\nnpm run bench\n```',
    '<!-- run by CI -->\n```sh\n# first\nnpm run bench -- doctor   # looks\n\nnpm run bench -- \\\n  --help\n```',
    '<!-- run by CI -->\n```json\n{}\n```',
    '<!-- run by CI -->\n\n```sh\nnode --version\n```',
  ].join('\n\n')
  const commands = markedCommands(markdown).map((command) => command.replace(/ +/g, ' '))
  expect(commands).toEqual(['npm run bench -- doctor', 'npm run bench -- --help', 'node --version'])
})
