import { madeOnce } from '../../engine/made-once.ts';
import type { GoRelease } from '../releases.ts';

/** Where Go itself looks for a name. */
export type GoSource = 'files' | 'dns';

/** A source of the `hosts` line, as Go reads it. */
interface NamedSource {
  readonly name: string;
  /** Are its actions those of a source that names none? The last one may also be a `return`. */
  readonly isStandard: boolean;
}

const filesThenDns: readonly GoSource[] = ['files', 'dns'];

/**
 * The sources in the order in which Go asks them for a name (`hostLookupOrder` of net/conf.go), without libc.
 * `hasUnknownWords`: those of resolv.conf.
 */
export function goOrder(
  name: string,
  nsswitch: string,
  hasUnknownWords: boolean,
  { unknownStandsForDns }: GoRelease,
): readonly GoSource[] {
  const sources = hostsSources(nsswitch);
  if (sources === 'unreadable') return filesThenDns;
  const order = unknownStandsForDns ? orderOfAll(sources) : orderOfUsual(name, sources, hasUnknownWords);
  return order === undefined || order.length === 0 ? filesThenDns : order;
}

/**
 * Does a program that was built with cgo leave this name to libc? What Go does not do itself, and names for which libc may have
 * ways of its own.
 */
export function leavesToLibc(name: string, nsswitch: string, hasUnknownWords: boolean, release: GoRelease): boolean {
  const sources = hostsSources(nsswitch);
  if (hasUnknownWords || sources === 'unreadable' || !sources.every(isUnderstood)) return true;
  const seeksLocal = release.leavesLocal || sources.some((source) => source.name.startsWith('mdns'));
  return /[\\%]/.test(name) || (seeksLocal && isLocal(name)) || (isOwn(name) && knowsOwn(sources));
}

/** What Go does not know stands for `dns` where the line has none, and for nothing elsewhere. Actions do not count. */
function orderOfAll(sources: readonly NamedSource[]): readonly GoSource[] {
  const names = sources.map(({ name }) => name);
  const meant = names.map((name) => (isGoSource(name) ? name : names.includes('dns') ? undefined : 'dns'));
  return [...new Set(meant.filter((source) => source !== undefined))];
}

/** undefined: the line, the name or resolv.conf are such that libc would do it otherwise. */
function orderOfUsual(
  name: string,
  sources: readonly NamedSource[],
  hasUnknownWords: boolean,
): readonly GoSource[] | undefined {
  if (hasUnknownWords || /[\\%]/.test(name) || isLocal(name)) return undefined;
  if ((isOwn(name) && knowsOwn(sources)) || !sources.every(isUnderstood)) return undefined;
  return [...new Set(sources.map((source) => source.name).filter(isGoSource))];
}

const isGoSource = (name: string): name is GoSource => name === 'files' || name === 'dns';
/** One of Go's own, or one that knows nothing of ordinary names. */
const isUnderstood = ({ name, isStandard }: NamedSource) =>
  isGoSource(name) ? isStandard : name === 'myhostname' || name.startsWith('mdns');
const isLocal = (name: string) => /\.local\.?$/i.test(name);
/** Names that the module myhostname answers for. */
const isOwn = (name: string) => /^((.*\.)?localhost(\.localdomain)?|_?gateway|_outbound)\.?$/i.test(name);
const knowsOwn = (sources: readonly NamedSource[]) => sources.some(({ name }) => name === 'myhostname');

/** net/nss.go: blanks part sources, tabs do not; several lines count together; one bad line spoils the file. */
const hostsSources = madeOnce((text: string): readonly NamedSource[] | 'unreadable' => {
  const hosts: NamedSource[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.replace(/#.*/, '').trim();
    const [, database, rest = ''] = /^([^:]*):(.*)$/.exec(line) ?? [];
    const sources = database === undefined ? undefined : sourcesIn(rest);
    if (line !== '' && sources === undefined) return 'unreadable';
    if (database?.trim() === 'hosts') hosts.push(...(sources ?? []));
  }
  return hosts;
});

function sourcesIn(text: string): readonly NamedSource[] | undefined {
  const sources: NamedSource[] = [];
  for (let rest = text.trim(); rest !== ''; ) {
    const [name = ''] = rest.split(' ', 1);
    rest = rest.slice(name.length).trim();
    const end = rest.indexOf(']');
    const actions = rest.startsWith('[') ? rest.slice(1, end).split(' ') : [];
    const words = actions.map((word) => word.trim().toLowerCase()).filter((word) => word !== '');
    if ((rest.startsWith('[') && end < 0) || !words.every(isAction)) return undefined;
    if (rest.startsWith('[')) rest = rest.slice(end + 1).trim();
    sources.push({ name, isStandard: words.every((word, i) => isUsual(word, i === words.length - 1)) });
  }
  return sources;
}

const isAction = (word: string) => /^!?(?=.{3}).*=/.test(word);

function isUsual(action: string, isLast: boolean): boolean {
  const [, status, what] = /^(success|notfound|unavail|tryagain)=(.*)$/.exec(action) ?? [];
  return (
    status !== undefined && ((isLast && what === 'return') || what === (status === 'success' ? 'return' : 'continue'))
  );
}
