import type { Problem } from '../../problem/problem.ts';
import type { Rule } from '../finding.ts';

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
    find: (problems) =>
      problems.map(({ file, line, column, message, hint }) => ({ at: { file, line, column }, message, remedy: hint })),
  },
];
