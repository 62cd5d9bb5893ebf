import type { Command } from './command.ts';

/** `dnspath init`: a scenario to start from. */
export const initCommand: Command = {
  name: 'init',
  summary: 'Write a scenario to start from, with its Corefile and zone',
  usage: `[DIRECTORY]

Writes a commented scenario.yaml of an everyday cluster with what belongs to it,
and its schema, into DIRECTORY, or here. It runs as it is; nothing is
overwritten. With --corefile the cluster has what that Corefile names: a
resolver at each upstream, a name in each stub zone, its domain. With
--node-local there is NodeLocal DNSCache on the nodes, with that Corefile.`,
  options: {
    corefile: { type: 'text', describe: 'Corefile or ConfigMap that CoreDNS runs' },
    'node-local': { type: 'text', describe: 'Corefile or ConfigMap of NodeLocal DNSCache' },
  },
  examples: [
    ['mine', 'then: dnspath run mine'],
    ['mine --corefile coredns.yaml', 'the same around your own Corefile'],
  ],
  epilogue: 'Exit codes: 0 fine, 2 a file is there already, or cannot be\nread or written.',
  mistakes: ({ words }) => (words.length > 1 ? ['init takes one directory'] : []),
  execute: async ({ words: [directory = '.'], text }, terminal) => {
    const { writeStarter } = await import('../write-starter.ts');
    return writeStarter(directory, { corefile: text('corefile'), nodeLocal: text('node-local') }, terminal);
  },
};
