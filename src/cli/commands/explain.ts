import type { Command } from './command.ts';

/** `dnspath explain`: why lookups came out as they did. */
export const explainCommand: Command = {
  name: 'explain',
  summary: 'Tell hop by hop why a lookup failed, was stale or was slow',
  usage: `SCENARIO|RUN

SCENARIO is a directory with a scenario.yaml, or such a file; RUN is the
directory of a report: its scenario is run again with the same seed.
Unless you choose, it tells the lookups that failed or got an old answer,
those of one cause once, and those that are not as \`expect\` says; where all went
well, the slowest.`,
  options: {
    lookup: { type: 'list', describe: 'This one: WORKLOAD/NUMBER, numbered as in timeline.csv' },
    workload: { type: 'text', describe: 'Only those of this workload' },
    at: { type: 'text', describe: 'Those under way at this time: 65.5s, 1m5s' },
    failures: { type: 'flag', describe: 'Those that failed, by cause' },
    stale: { type: 'flag', describe: 'Those that got an old answer, by cause' },
    slowest: { type: 'text', describe: 'As many of the slowest' },
    seed: { type: 'text', describe: "Seed of all random draws instead of the scenario's own" },
    json: { type: 'flag', describe: 'Print it as JSON' },
  },
  examples: [
    ['reports/mine', 'what went wrong in that run, and why'],
    ['mine.yaml --lookup app/17', 'that lookup, step by step'],
    ['mine.yaml --workload app --at 65s', 'what happened to app then'],
  ],
  epilogue: 'Exit codes: 0 fine, 2 bad input, 70 a defect.',
  mistakes: ({ words, text }) => [
    ...(words.length === 1
      ? []
      : [`explain takes one scenario or report; ${words.length} are given${lookupMeant(words)}`]),
    ...(/^[1-9]\d{0,5}$/.test(text('slowest') ?? '1') ? [] : ['--slowest needs a number, such as 3']),
  ],
  execute: async ({ words: [path = ''], text, list, flag }, terminal) => {
    const { explainRun } = await import('../explain-run.ts');
    return explainRun(
      {
        path,
        seed: text('seed'),
        json: flag('json'),
        selection: {
          lookups: list('lookup'),
          workload: text('workload'),
          at: text('at'),
          failures: flag('failures'),
          stale: flag('stale'),
          slowest: Number(text('slowest') ?? 0),
        },
      },
      terminal,
    );
  },
};

/** A lookup named without its option. */
function lookupMeant([, ...others]: readonly string[]): string {
  const lookup = others.find((word) => /^[^/]+\/\d+$/.test(word));
  return lookup === undefined ? '' : `; a lookup is chosen with --lookup ${lookup}`;
}
