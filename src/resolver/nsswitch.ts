import { madeOnce } from '../engine/made-once.ts';

/** What a source of names said (nsswitch.conf(5)). */
export type NssStatus = 'SUCCESS' | 'NOTFOUND' | 'UNAVAIL' | 'TRYAGAIN';
const statuses: readonly NssStatus[] = ['SUCCESS', 'NOTFOUND', 'UNAVAIL', 'TRYAGAIN'];

/** One source of the `hosts` line. */
export interface NssSource {
  /** `files`, `dns`, or a module that a container does not have. */
  readonly name: string;
  /** What ends the search; anything else leads to the next source. */
  readonly returnsOn: ReadonlySet<NssStatus>;
}

/** What container images have. */
export const filesThenDns = 'hosts: files dns\n';

/** The sources of the last `hosts` line, in its order; undefined: there is none. */
export const parseNsswitch = madeOnce(sourcesOf);

function sourcesOf(text: string): readonly NssSource[] | undefined {
  const lines = text.split('\n').map((line) => /^\s*hosts:(.*)/.exec(line.replace(/#.*/, ''))?.[1]);
  const last = lines.findLast((line) => line !== undefined);
  if (last === undefined) return undefined;
  const sources: { name: string; returnsOn: Set<NssStatus> }[] = [];
  for (const [word] of last.matchAll(/\[[^\]]*\]|[^\s[]+/g)) {
    if (word.startsWith('['))
      for (const action of word.slice(1, -1).split(/\s+/)) apply(action, sources.at(-1)?.returnsOn);
    else sources.push({ name: word, returnsOn: new Set<NssStatus>(['SUCCESS']) });
  }
  return sources;
}

/** `NOTFOUND=return`, `!UNAVAIL=return`, `TRYAGAIN=continue`; what is none is passed over. */
function apply(action: string, returnsOn: Set<NssStatus> | undefined): void {
  const [, not, word, what] = /^(!?)(\w+)=(\w+)$/.exec(action.toUpperCase()) ?? [];
  const meant = statuses.filter((status) => (status === word) !== (not === '!'));
  if (word === undefined || returnsOn === undefined || !statuses.some((status) => status === word)) return;
  for (const status of meant) {
    if (what === 'RETURN') returnsOn.add(status);
    else if (what === 'CONTINUE') returnsOn.delete(status);
  }
}
