import type { Command, Given } from './command.ts';

/** `dnspath compare`: what a change does. */
export const compareCommand: Command = {
  name: 'compare',
  summary: 'Tell what a change of Corefile, release or record does',
  usage: `A [B]

A and B are scenarios, or Corefiles, bare or in a ConfigMap. Without B it is A
once more, with what --corefile, --release and --set change in it. A Corefile
beside a scenario takes the place of that one's; Corefiles alone are run in an
everyday cluster, that of dnspath init. Both run with the seed of A, so that
nothing but the change differs; what that makes better or worse is held against
further seeds, and is chance unless it holds with all of them.`,
  options: {
    corefile: { type: 'text', describe: 'Corefile or ConfigMap of B' },
    release: { type: 'text', describe: 'CoreDNS release of B, such as 1.12.1' },
    set: {
      type: 'list',
      describe: 'In B: PATH=VALUE of the scenario, such as workloads.app.every=2s or events[1].at=90s',
    },
    both: { type: 'list', describe: 'The same in A and B' },
    seed: { type: 'text', describe: "Seed of all random draws instead of A's own" },
    seeds: { type: 'text', describe: 'How many seeds a judgement must hold with [default: 3]' },
    out: { type: 'text', describe: 'Directory for the report [default: reports/compare-A-B]' },
    'fail-on': { type: 'text', describe: 'worse: end with 1 where B is worse for somebody' },
    json: { type: 'flag', describe: 'Print the comparison as JSON' },
    'no-charts': { type: 'flag', describe: 'Leave chart and report.html out (faster)' },
  },
  examples: [
    ['old.Corefile new.Corefile', 'what the change does in an everyday cluster'],
    ['mine.yaml --corefile new.Corefile', 'what it does in your own'],
    ['mine.yaml --release 1.12.1 --fail-on worse', 'may it be upgraded? For a pipeline'],
    ['mine.yaml --set links.default.loss=0.01', 'with one packet in a hundred lost'],
  ],
  epilogue:
    'Exit codes: 0 fine, 1 worse (with --fail-on worse), 2 bad input, such as a\nCorefile that CoreDNS refuses, 70 a defect.',
  mistakes: (given) => [...sides(given), ...failOn(given), ...seeds(given)],
  execute: async ({ words: [a = '', b], text, list, flag }, terminal) => {
    const { compareRuns } = await import('../compare-runs.ts');
    return compareRuns(
      {
        a,
        b,
        corefile: text('corefile'),
        release: text('release'),
        set: list('set'),
        both: list('both'),
        seed: text('seed'),
        seeds: text('seeds') === undefined ? undefined : Number(text('seeds')),
        out: text('out'),
        failOnWorse: text('fail-on') === 'worse',
        json: flag('json'),
        charts: !flag('no-charts'),
      },
      terminal,
    );
  },
};

function sides({ words, text, list }: Given): string[] {
  if (words.length === 0) return ['compare needs a scenario or a Corefile, and what to hold against it'];
  if (words.length > 2) return [`compare takes two, not ${words.length}: ${words.join(' ')}`];
  const changed = text('corefile') !== undefined || text('release') !== undefined || list('set').length > 0;
  if (words.length === 1 && !changed)
    return [`what to compare ${words[0]} with? Name a second one, or give --corefile, --release or --set`];
  return [];
}

function failOn({ text }: Given): string[] {
  const word = text('fail-on');
  return word === undefined || word === '' || word === 'worse' ? [] : [`--fail-on takes worse, not ${word}`];
}

function seeds({ text }: Given): string[] {
  const count = text('seeds');
  return count === undefined || count === '' || /^[1-9]\d?$/.test(count)
    ? []
    : [`--seeds takes a number from 1 to 99, not ${count}`];
}
