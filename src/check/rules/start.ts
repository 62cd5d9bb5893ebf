import { checkCorefile } from '../../coredns/check.ts';
import type { Problem } from '../../problem/problem.ts';
import type { CorefileView } from '../corefile/view.ts';
import type { CorefileRule, Found } from '../finding.ts';

export const doesNotStart: CorefileRule = {
  code: 'does-not-start',
  severity: 'error',
  title: 'This release of CoreDNS does not start with the file',
  consequence:
    'CoreDNS prints this line and exits with code 1: the pod goes into CrashLoopBackOff. A running one with `reload` goes on with the configuration that it has, until it is restarted.',
  remedy: '',
  source: 'recordings corefile-start-unknown-directive and the other corefile-start ones, corefile-reload-bad-setup',
  example: { wrong: '. {\n  cahce 30\n}\n', right: '. {\n  cache 30\n  errors\n  forward . 192.0.2.53\n}\n' },
  find: (view) => refusals(view),
};

export const startRules: readonly CorefileRule[] = [
  doesNotStart,
  {
    code: 'empty-corefile',
    severity: 'error',
    title: 'A Corefile without a server block',
    consequence:
      "CoreDNS takes its built-in Corefile instead, `.:53 { whoami; log }`: every query is answered with the client's own address in the additional section, and no name resolves.",
    remedy: 'write a server block: `. { … }`',
    source: 'recording corefile-start-empty-file',
    example: { wrong: '# nothing yet\n', right: '. {\n  errors\n  cache 30\n  forward . 192.0.2.53\n}\n' },
    find: ({ blocks, source }) =>
      blocks.length > 0 || source.text.replace(/#[^\n]*/g, '').trim() !== ''
        ? []
        : [{ at: { file: source.file, line: 1, column: 1 }, message: 'there is no server block in this file' }],
  },
  {
    code: 'not-checked',
    severity: 'info',
    title: 'A part of the file that dnspath does not look into',
    consequence:
      'CoreDNS knows it, dnspath does not: that it starts with this line, and what the line does, is not checked.',
    remedy: '',
    source: 'docs/model.md',
    example: { wrong: '. {\n  etcd corp.example\n}\n', right: '. {\n  whoami\n}\n' },
    find: (view) =>
      ownProblems(view)
        .filter(({ code }) => code === 'not-modelled')
        .map((problem) => ({ at: problem, message: problem.message.replace('modelled', 'checked') })),
  },
];

const known = new WeakMap<CorefileView, readonly Problem[]>();

/** What is wrong with the file in the release that it is looked at for. */
function ownProblems(view: CorefileView): readonly Problem[] {
  const problems = known.get(view) ?? problemsOf(view);
  known.set(view, problems);
  return problems;
}

function problemsOf({ source, surroundings, release }: CorefileView): Problem[] {
  const { files, environment } = surroundings;
  const problems: Problem[] = [];
  checkCorefile(source, { release, files, environment }, [], problems);
  return problems;
}

/** What CoreDNS says when it refuses the file, one line after the other as they would be put right. */
function refusals(view: CorefileView): Found[] {
  const problems = ownProblems(view).filter(({ code }) => code !== 'not-modelled');
  return problems.map((problem, i): Found => {
    const { file, line, column, hint: remedy } = problem;
    const later = 'CoreDNS stops at its first mistake: this one comes up when that is put right.';
    return {
      at: { file, line, column },
      message: ownWords(problem),
      remedy,
      ...(i === 0 ? {} : { consequence: later }),
    };
  });
}

/** The line as CoreDNS prints it: the place that the parser's problems carry apart is put back. */
function ownWords({ code, file, line, message }: Problem): string {
  if (code === 'corefile-setup') return message;
  return message.startsWith('Syntax error')
    ? `${file}:${line} - ${message}`
    : `${file}:${line} - Error during parsing: ${message}`;
}
