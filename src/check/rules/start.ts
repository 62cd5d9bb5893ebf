import { type CheckContext, checkCorefile } from '../../coredns/check.ts';
import { findRelease, type ReleaseName, releaseNames } from '../../coredns/releases.ts';
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
  const problems = known.get(view) ?? problemsOf(view, view.release.name);
  known.set(view, problems);
  return problems;
}

function problemsOf({ source, surroundings }: CorefileView, name: ReleaseName): Problem[] {
  const release = findRelease(name);
  const problems: Problem[] = [];
  if (release === undefined) return problems;
  const context: CheckContext = { release, files: surroundings.files, environment: surroundings.environment };
  checkCorefile(source, context, [], problems);
  return problems;
}

/** What CoreDNS says when it refuses the file, one line after the other as they would be put right. */
function refusals(view: CorefileView): Found[] {
  const problems = ownProblems(view).filter(({ code }) => code !== 'not-modelled');
  return problems.map((problem, i): Found => {
    const { file, line, column, hint } = problem;
    const remedy = [hint, takenBy(view, problem)].filter((text) => text !== '').join('; ');
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

/** The releases that take this line, if any does: `CoreDNS 1.9.4 and later take this line`. */
function takenBy(view: CorefileView, { line, file, message }: Problem): string {
  if (!/Unknown directive|unknown property|Wrong argument count|unknown option|only be used once/.test(message))
    return '';
  const takers = releaseNames.filter(
    (name) =>
      !problemsOf(view, name).some((one) => one.line === line && one.file === file && one.code !== 'not-modelled'),
  );
  const range = rangeOf(takers);
  return range === '' ? '' : `taken by CoreDNS ${range}`;
}

/** `1.9.4 and later`, `up to 1.6.9`, `1.14.2 to 1.14.6`; gaps are told apart by commas. */
export function rangeOf(names: readonly ReleaseName[]): string {
  const runs: [first: number, last: number][] = [];
  for (const [i, name] of releaseNames.entries()) {
    if (!names.includes(name)) continue;
    const run = runs.at(-1);
    if (run?.[1] === i - 1) run[1] = i;
    else runs.push([i, i]);
  }
  const end = releaseNames.length - 1;
  return runs
    .map(([first, last]) => {
      if (first === 0 && last === end) return 'all releases';
      if (first === last) return releaseNames[first];
      if (last === end) return `${releaseNames[first]} and later`;
      return first === 0 ? `up to ${releaseNames[last]}` : `${releaseNames[first]} to ${releaseNames[last]}`;
    })
    .join(', ');
}
