import { knownKernels, lastKernels } from '../../kernel/releases.ts';
import { comparedWith, resolverReleases } from '../../resolver/releases.ts';
import type { Path } from '../document.ts';
import { otherRelease } from '../scenario.ts';
import { readResolver } from '../translate/resolver.ts';
import { type CheckContext, objectTo } from './check.ts';

/** A release that stands in the scenario, and those that the software is known from and to. */
interface Named {
  readonly path: Path;
  /** Such as `glibc`. */
  readonly what: string;
  readonly release: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Software of which each release counts from the row before it: one that came after the last known, or before the
 * first, is taken as that and remarked on; one that cannot be is refused.
 */
export function checkOtherReleases(context: CheckContext): void {
  const told = new Set<string>();
  for (const named of releasesIn(context)) {
    const { path, what, release, from, to } = named;
    const never = whyNever(named);
    if (never !== undefined) objectTo(context, path, 'unknown-release', `there is no ${what} ${release}`, never);
    const takenAs = comparedWith(to, release) > 0 ? to : comparedWith(from, release) < 0 ? from : release;
    if (never !== undefined || takenAs === release || told.has(`${what} ${release}`)) continue;
    told.add(`${what} ${release}`);
    const age = from === to ? 'not the one' : takenAs === to ? 'newer than any' : 'older than any';
    const message = `${what} ${release} is ${age} that is modelled: taken as ${takenAs}`;
    context.remarks.push({ code: otherRelease, ...context.document.valueAt(path), message, hint: '' });
  }
}

function releasesIn({ file }: CheckContext): Named[] {
  const nodes = Object.entries(file.cluster.nodes).map(([name, { kernel: release }]) => {
    return { path: ['cluster', 'nodes', name, 'kernel'], what: 'Linux', release, ...knownKernels };
  });
  const pods = Object.entries(file.pods).flatMap(([name, { resolver, cgo, jvm }]) => {
    const libraries = Object.entries({ resolver, cgo }).flatMap(([key, text]): Named[] => {
      const { kind, release } = readResolver(text ?? '') ?? {};
      if (kind === undefined || release === undefined) return [];
      return [{ path: ['pods', name, key], what: kind, release, ...resolverReleases[kind] }];
    });
    if (jvm === undefined) return libraries;
    return [
      ...libraries,
      { path: ['pods', name, 'jvm', 'release'], what: 'Java', release: jvm.release, ...resolverReleases.java },
    ];
  });
  return [...nodes, ...pods];
}

/** Why there is no such release; undefined where there may be one. */
function whyNever({ what, release, from, to }: Named): string | undefined {
  const [major, lastMajor] = [firstNumber(release), firstNumber(to)];
  const last = what === 'Linux' ? lastKernels.find((series) => firstNumber(series) === major) : undefined;
  if (last !== undefined && comparedWith(last, release) > 0) return `the last of ${major} is ${last}`;
  return what === 'Java' || major <= lastMajor ? undefined : `those from ${from} to ${to} are known`;
}

function firstNumber(release: string): number {
  return Number(release.split('.')[0]);
}
