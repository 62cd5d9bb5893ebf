import { findRelease, type Release, type ReleaseName } from '../../coredns/releases.ts';
import type { Position, Source } from '../../problem/problem.ts';
import { decapitalised } from '../../trace/words.ts';
import { type Finding, findingAt, findingsOf } from '../finding.ts';
import { corefileRules, upgradeRules } from '../rules/table.ts';
import { type Surroundings, viewCorefile } from './view.ts';

/** Everything that is found in a Corefile under one release. */
export function corefileFindings(source: Source, release: ReleaseName, surroundings: Surroundings): Finding[] {
  const view = viewCorefile(source, releaseOf(release), surroundings);
  return corefileRules.flatMap((rule) => findingsOf(rule, view));
}

/**
 * The same under the release that a cluster is to have, and what changes on the way there: findings that are new, those
 * that the old release alone has, and how lines are treated in another way.
 */
export function upgradeFindings(
  source: Source,
  from: ReleaseName,
  to: ReleaseName,
  surroundings: Surroundings,
): Finding[] {
  const before = corefileFindings(source, from, surroundings);
  const after = corefileFindings(source, to, surroundings);
  const isIn = (list: readonly Finding[], finding: Finding) => list.some((one) => keyOf(one) === keyOf(finding));
  return [
    ...after.map((finding): Finding => (isIn(before, finding) ? finding : { ...finding, change: 'new' })),
    ...before
      .filter((finding) => !isIn(after, finding))
      .map((finding): Finding => ({ ...finding, severity: 'info', change: 'gone' })),
    ...changedTreatments(source, from, to, surroundings),
  ];
}

function changedTreatments(source: Source, from: ReleaseName, to: ReleaseName, surroundings: Surroundings): Finding[] {
  const [old, next] = [from, to].map((release) => viewCorefile(source, releaseOf(release), surroundings));
  if (old === undefined || next === undefined) return [];
  return upgradeRules.flatMap((rule) => {
    const before = new Map(rule.treats(old).map(({ at, words }) => [placeOf(at), words]));
    return rule.treats(next).flatMap(({ at, words }): Finding[] => {
      const earlier = before.get(placeOf(at));
      if (earlier === undefined || earlier === words) return [];
      const message = `${lowerFirst(rule.title)}: in ${from} ${earlier}; in ${to} ${words}`;
      return [{ ...findingAt(rule, { at, message }), change: 'changed' }];
    });
  });
}

function releaseOf(name: ReleaseName): Release {
  const release = findRelease(name);
  if (release === undefined) throw new Error(`there is no release ${name}`);
  return release;
}

const placeOf = ({ file, line, column }: Position): string => `${file}:${line}:${column}`;
const keyOf = (finding: Finding): string => `${finding.code} ${placeOf(finding)}`;
const lowerFirst = (text: string): string => (/^[A-Z][A-Z]/.test(text) ? text : decapitalised(text));
