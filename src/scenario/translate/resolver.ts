import type { Source } from '../../problem/problem.ts';
import { nearestWord } from '../../problem/suggestion.ts';
import type { ResolverDescription } from '../../resolver/description.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

/** Each kind with a release of it. */
const examples: readonly (readonly [kind: ResolverDescription['kind'], release: string])[] = [
  ['glibc', '2.36'],
  ['musl', '1.2.5'],
  ['go', '1.22'],
  ['c-ares', '1.34.6'],
  ['netty', '4.1.115'],
  ['dig', '9.18'],
  ['nslookup', '9.18'],
  ['host', '9.18'],
  ['busybox-nslookup', '1.35'],
];
const kinds = examples.map(([kind]) => kind);

/** `glibc 2.36` as kind and release; undefined for anything else. */
export function readResolver(text: string): Pick<ResolverDescription, 'kind' | 'release'> | undefined {
  const match = /^(\S+) (\d+(?:\.\d+)+)$/.exec(text.trim());
  const kind = kinds.find((known) => known === match?.[1]);
  return kind === undefined || match?.[2] === undefined ? undefined : { kind, release: match[2] };
}

/** What to write in place of a text that is none. */
export function resolverHint(text: string): string {
  const [word = ''] = text.trim().split(' ');
  const near = nearestWord(word, kinds);
  const example = examples.find(([kind]) => kind === near)?.join(' ');
  if (example === undefined) return `write one of these and a release: ${kinds.join(', ')}`;
  return near === word ? `add a release, such as ${example}` : `did you mean ${example}?`;
}

/** The same for a text that was checked. */
export function parseResolver(text: string): Pick<ResolverDescription, 'kind' | 'release'> {
  const resolver = readResolver(text);
  if (resolver === undefined) throw new Error(`"${text}" was not checked`);
  return resolver;
}

/** The libc of a Go program; of none that Go could call, nothing. */
function cgoOf(text: string | undefined): Pick<ResolverDescription, 'cgo'> {
  const libc = readResolver(text ?? '');
  if (libc?.kind !== 'glibc' && libc?.kind !== 'musl') return {};
  return { cgo: { kind: libc.kind, release: libc.release } };
}

/** All that decides how a program in a pod resolves names. */
export function podResolver(
  pod: ScenarioFile['pods'][string],
  resolvConf: Source,
  files: { readonly hosts: string | undefined; readonly nsswitch: string | undefined },
): ResolverDescription {
  const { jvm, nodejs, program, netty, held, hostAliases } = pod;
  // As the kubelet writes them (managedHostsFileContent of kubelet_pods.go).
  const aliases = hostAliases.map(({ ip, hostnames }) => `${ip}\t${hostnames.join('\t')}\n`).join('');
  const hosts = `${files.hosts ?? ''}${aliases}`;
  return {
    ...parseResolver(pod.resolver),
    resolvConf,
    ...(hosts !== '' && { hosts }),
    ...(files.nsswitch !== undefined && { nsswitch: files.nsswitch }),
    ...(nodejs && { pool: { kind: 'libuv' as const, threads: nodejs.threads } }),
    ...(program && { program }),
    ...cgoOf(pod.cgo),
    ...(netty && { netty }),
    ...(jvm && { cache: { kind: 'jvm' as const, ...jvm } }),
    ...(held && { held }),
  };
}
