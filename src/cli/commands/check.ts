import type { Command, Given } from './command.ts';

const formats: readonly string[] = ['text', 'json', 'sarif'];

/** `dnspath check`: mistakes and traps in a user's own files, before anything runs. */
export const checkCommand: Command = {
  name: 'check',
  summary: 'Find mistakes and traps in Corefiles, zone files and resolv.conf',
  usage: `FILE…

FILE is a Corefile, a ConfigMap that holds one, a resolv.conf, a zone file, or a
scenario (a directory or its file). Files that are given together belong
together: a resolv.conf is that of CoreDNS's node, a zone that of its upstreams.`,
  options: {
    release: { type: 'text', describe: 'Release of CoreDNS [default: the newest known; a scenario has its own]' },
    from: { type: 'text', describe: 'Release that runs now: tells what the upgrade changes for this file' },
    to: { type: 'text', describe: 'Release that is to run, with --from [default: the newest known]' },
    kind: {
      type: 'text',
      describe:
        'What the files are, where it cannot be told: corefile, configmap, resolv-conf, zone, iptables, scenario',
    },
    format: { type: 'text', describe: 'text, json or sarif [default: text]' },
  },
  examples: [
    ['Corefile --release 1.11.1', 'does it start, and what will hurt?'],
    ['coredns-configmap.yaml --from 1.9.3 --to 1.12.1', 'what does the upgrade change?'],
    ['Corefile /etc/resolv.conf', 'does it forward to itself?'],
    ['Corefile --format sarif', 'for code hosts and editors'],
  ],
  epilogue:
    'Exit codes: 0 fine, 1 errors were found, 2 bad input, 70 a defect.\nEvery finding is described in docs/findings.md.',
  mistakes: (given) => [...missing(given), ...contradictions(given)],
  execute: async ({ words, text }, terminal) => {
    const { checkAndPrint } = await import('../check-files.ts');
    return checkAndPrint(
      {
        paths: words,
        release: text('to') ?? text('release'),
        from: text('from'),
        kind: text('kind'),
        format: text('format') ?? 'text',
      },
      terminal,
    );
  },
};

function missing({ words }: Given): string[] {
  return words.length === 0
    ? ['check needs a file: a Corefile, a ConfigMap, a resolv.conf, a zone file or a scenario']
    : [];
}

function contradictions({ text }: Given): string[] {
  const mistakes: string[] = [];
  const format = text('format') || 'text';
  if (!formats.includes(format)) mistakes.push(`--format ${format} is none of ${formats.join(', ')}`);
  if (text('to') !== undefined && text('from') === undefined)
    mistakes.push('--to needs --from: the release that runs now');
  if (text('to') !== undefined && text('release') !== undefined)
    mistakes.push('--to and --release both say which release is to run');
  return mistakes;
}
