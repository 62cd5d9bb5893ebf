import { parseCorefile } from '../../coredns/corefile/parser.ts';
import { findRelease } from '../../coredns/releases.ts';
import { absolute } from '../../dns/name.ts';
import { parseZoneFile } from '../../dns/zone-file.ts';
import type { Problems, Source } from '../../problem/problem.ts';
import { glibcRules } from '../../resolver/glibc/process.ts';
import { glibcRelease } from '../../resolver/releases.ts';
import { parseResolvConf } from '../../resolver/resolv-conf.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

type CoreDns = Pick<ScenarioFile['cluster']['coredns'], 'release' | 'environment'>;

/** The Corefile must parse, and name only directives that the release knows. */
export function checkCorefile(
  source: Source,
  coredns: CoreDns,
  files: Readonly<Record<string, string>>,
  problems: Problems,
): void {
  const release = findRelease(coredns.release);
  const context = {
    directives: release?.plugins,
    files: { read: (path: string) => files[path.replace(/^\.\//, '')], names: () => Object.keys(files) },
    environment: coredns.environment,
  };
  parseCorefile(source, context, problems);
}

/** The zone file must parse; or, of an event, the records that replace others. */
export function checkZone(source: Source, origin: string, problems: Problems): void {
  parseZoneFile(source, absolute(origin), problems);
}

/** Lines of a resolv.conf that glibc ignores or cuts are remarked on. */
export function checkResolvConf(source: Source, remarks: Problems): void {
  parseResolvConf(source, glibcRules(glibcRelease('2.36')), remarks);
}
