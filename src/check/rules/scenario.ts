import type { Problem } from '../../problem/problem.ts';
import type { Found, Rule } from '../finding.ts';

/** What a scenario itself says wrongly; its Corefile, zones and resolv.conf files have rules of their own. */
export const scenarioRules: readonly Rule<readonly Problem[]>[] = [
  {
    code: 'scenario-mistake',
    severity: 'error',
    title: 'A scenario that cannot be run',
    consequence: '`dnspath run` refuses it; what else stands in it is not looked at until this is put right.',
    remedy: '',
    source: 'schema/scenario.schema.json',
    example: { wrong: 'title: A change\nworkloads: {}\n', right: '' },
    find: (problems) => problems.filter((problem) => !isOfCorefile(problem)).map(asFound),
  },
];

const isOfCorefile = ({ code }: Problem): boolean =>
  ['corefile-setup', 'corefile-syntax', 'unknown-directive'].includes(code);

function asFound({ file, line, column, message, hint }: Problem): Found {
  return { at: { file, line, column }, message, remedy: hint };
}

/** Why CoreDNS does not start with the Corefile of a scenario that was refused. */
export function refusedCorefile(problems: readonly Problem[]): Found[] {
  return problems.filter(isOfCorefile).map(asFound);
}
