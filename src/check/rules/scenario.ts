import type { Problem } from '../../problem/problem.ts';
import { otherRelease } from '../../scenario/scenario.ts';
import type { Found, Rule } from '../finding.ts';

/** What a scenario itself says wrongly, and what is remarked on in it; its Corefile, zones and resolv.conf files have rules of their own. */
export const scenarioRules: readonly Rule<readonly Problem[]>[] = [
  {
    code: 'scenario-mistake',
    severity: 'error',
    title: 'A scenario that cannot be run',
    consequence: '`dnspath run` refuses it; what else stands in it is not looked at until this is put right.',
    remedy: '',
    source: 'schema/scenario.schema.json',
    example: { wrong: 'title: A change\nworkloads: {}\n', right: '' },
    find: (problems) => problems.filter((problem) => !isOfCorefile(problem) && !isOtherRelease(problem)).map(asFound),
  },
  {
    code: otherRelease,
    severity: 'info',
    title: 'A release that another stands in for',
    consequence: 'the run is that of the other release: what changed between the two is not in it.',
    remedy: '',
    source: 'src/kernel/releases.ts, src/resolver/releases.ts',
    example: { wrong: 'pods:\n  app: { node: node-1, resolver: glibc 2.99 }\n', right: '' },
    find: (remarks) => remarks.filter(isOtherRelease).map(asFound),
  },
];

const isOtherRelease = ({ code }: Problem): boolean => code === otherRelease;

const isOfCorefile = ({ code }: Problem): boolean =>
  ['corefile-setup', 'corefile-syntax', 'unknown-directive'].includes(code);

function asFound({ file, line, column, message, hint }: Problem): Found {
  return { at: { file, line, column }, message, remedy: hint };
}

/** Why CoreDNS does not start with the Corefile of a scenario that was refused. */
export function refusedCorefile(problems: readonly Problem[]): Found[] {
  return problems.filter(isOfCorefile).map(asFound);
}
