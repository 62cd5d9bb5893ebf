import type { Command } from './command.ts';

/** `dnspath run`: scenarios to verdicts and reports. */
export const runCommand: Command = {
  name: 'run',
  summary: 'Run scenarios: print the verdicts, write the reports',
  usage: 'SCENARIO…\n\nSCENARIO is a directory with a scenario.yaml, or such a file.',
  options: {
    seed: { type: 'text', describe: "Seed of all random draws instead of the scenario's own" },
    out: { type: 'text', describe: 'Directory for the report [default: reports/NAME]' },
    capture: {
      type: 'list',
      describe:
        'Also write what tools on the nodes print: conntrack, iptables, tcpdump, coredns-log, coredns-metrics; several with commas',
    },
    jobs: { type: 'text', describe: 'Scenarios to run at once [default: as many as there are cores]' },
    'check-determinism': { type: 'flag', describe: 'Run everything twice and compare every byte' },
    quiet: { type: 'flag', describe: 'Print only what is not as expected' },
    json: { type: 'flag', describe: 'Print the summary as JSON' },
    'all-events': { type: 'flag', describe: 'Write all records to events.jsonl, not some of what is alike' },
    'no-charts': { type: 'flag', describe: 'Leave charts and report.html out (faster)' },
  },
  examples: [
    ['scenarios/a-record-failover', 'verdict here, report in reports/a-record-failover/'],
    ['mine.yaml --seed 7 --out /tmp/report', 'other draws, other place'],
    ['mine.yaml --capture tcpdump,coredns-log', 'with tcpdump.txt and coredns.log'],
    ['mine.yaml --check-determinism', 'two runs, the same bytes?'],
  ],
  epilogue: 'Exit codes: 0 fine, 1 an expectation is not met, 2 bad input, 70 a defect.',
  mistakes: ({ words, text }) => [
    ...(words.length === 0 ? ['run needs a scenario: a directory with a scenario.yaml, or such a file'] : []),
    ...(/^[1-9]\d{0,3}$/.test(text('jobs') || '1') ? [] : ['--jobs needs a number, such as 2']),
  ],
  execute: async ({ words, text, flag, list }, terminal, program) => {
    const { runScenarios } = await import('../run-scenarios.ts');
    return runScenarios(
      {
        scenarios: words,
        seed: text('seed'),
        out: text('out'),
        jobs: text('jobs') === undefined ? undefined : Number(text('jobs')),
        captures: list('capture').flatMap((names) => names.split(/[\s,]+/).filter((name) => name !== '')),
        checkDeterminism: flag('check-determinism'),
        quiet: flag('quiet'),
        json: flag('json'),
        charts: !flag('no-charts'),
        allEvents: flag('all-events'),
      },
      terminal,
      program,
    );
  },
};
