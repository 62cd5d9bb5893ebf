import { type Micros, second } from '../engine/time.ts';
import { explainResolvConf, parseResolvConf } from '../resolver/resolv-conf.ts';
import { resolvConfRules } from '../resolver/rules.ts';
import type { MadeLookup } from '../study/lookup/look-up.ts';
import {
  type AskedQuery,
  type Conversation,
  type ResolverEvent,
  serviceOr,
  type TriedName,
} from '../trace/conversation.ts';
import { counted, inMilliseconds, inSeconds, listed, listedInShort, withoutDot } from '../trace/words.ts';
import { coloured, hanging, inBlocks, plain, type Styler } from './terminal.ts';

/** One lookup as the sequence of its queries, for a terminal of 80 columns. */
export function lookupText(made: MadeLookup, { colour }: { readonly colour: boolean }): string {
  const style = colour ? coloured : plain;
  const { conversation } = made;
  const blocks = [
    heading(made, style),
    hanging('', orderSentence(made)),
    conversation.names.flatMap((name, i) => nameLines(name, i, made, style)),
    outcomeLines(made, style),
    assumedLines(made).map((line) => style('dim', line)),
  ];
  return inBlocks(blocks);
}

/** How the resolver of the lookup was described. */
export function resolverOf({ run }: MadeLookup) {
  const [workload] = run.world.workloads;
  if (workload?.kind !== 'lookups') throw new Error('the lookup has no resolver');
  return workload.resolver;
}

function heading(made: MadeLookup, style: Styler): string[] {
  const { request } = made;
  const { resolvConf, kind, release } = resolverOf(made);
  const types = [...new Set(made.conversation.names.flatMap(({ queries }) => queries.map(({ type }) => type)))].sort();
  const what =
    request.resolvConf === undefined
      ? 'resolv.conf, as the kubelet writes it for dnsPolicy ClusterFirst:'
      : `${resolvConf.file}:`;
  const lines = linesOf(resolvConf.text);
  const read = explainResolvConf(parseResolvConf(resolvConf, resolvConfRules({ kind, release })));
  const asked = types.length === 0 ? '' : `, ${types.join(' and ')}`;
  return [
    style('bold', `${request.name}${asked}, by ${kind} ${release}`),
    '',
    what,
    ...lines.flatMap((line) => hanging('  ', line)),
    // The kubelet's own file holds no surprises.
    ...(request.resolvConf === undefined
      ? []
      : ['', `${kind} ${release} reads this as:`, ...linesOf(read).flatMap((line) => hanging('  ', line))]),
  ];
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

/** Why the names come in this order. */
function orderSentence(made: MadeLookup): string {
  const { name } = made.request;
  const resolver = resolverOf(made);
  const { ndots, search } = parseResolvConf(resolver.resolvConf, resolvConfRules(resolver));
  const count = name.split('.').length - 1;
  const dots = `${name} has ${count === 0 ? 'no dot' : counted(count, 'dot')}`;
  const [first] = made.conversation.names;
  switch (first?.reason) {
    case undefined:
      return 'It is known without a query: an address already, or a name of /etc/hosts.';
    case 'final-dot':
      return 'The final dot says: this name as it is, and no search list.';
    case 'search-list':
      return `${dots}, fewer than the ${ndots} of ndots:${ndots}: the search list comes before the name itself.`;
    case 'enough-dots': {
      const then = search.length === 0 || resolver.kind === 'musl' ? '' : ', and the search list only if that fails';
      return `${dots}, enough for ndots:${ndots}: it is tried as it is${then}.`;
    }
    case 'last-resort':
      return 'There is no search list: the name is tried as it is.';
    default:
      return `${resolver.kind} has no search list: the name is tried as it is.`;
  }
}

const timeWidth = 10;

function nameLines({ name, queries, events }: TriedName, index: number, made: MadeLookup, style: Styler): string[] {
  const { start } = made.conversation;
  // A wait that ends and the query that follows it have one time.
  const told = [
    ...events.map((event) => ({ t: event.t, lines: () => eventLines(event, made, style) })),
    ...groupsOf(queries, made).map((group) => ({ t: group.query.t, lines: () => groupLines(group, made, style) })),
  ].sort((a, b) => a.t - b.t);
  let time: string | undefined;
  return [
    ...hanging(`${index + 1}  `, style('bold', withoutDot(name))),
    ...told.flatMap(({ t, lines }) => {
      const now = sinceStart(t - start);
      const moment = (now === time ? '' : now).padStart(timeWidth);
      time = now;
      return lines().map((line, i) => (i === 0 ? moment : ' '.repeat(timeWidth)) + line);
    }),
  ];
}

/** Queries that went the same way to the same end: A and AAAA. */
interface Group {
  readonly query: AskedQuery;
  readonly types: readonly string[];
}

function groupsOf(queries: readonly AskedQuery[], made: MadeLookup): Group[] {
  const groups = new Map<string, { query: AskedQuery; types: string[] }>();
  for (const query of queries) {
    const { t, server, protocol, localPort, again, handled } = query;
    const texts = handled.map(({ at, text }) => `${at} ${text}`);
    const key = [t, server, protocol, localPort, again, endOf(query, made), ...texts].join('|');
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { query, types: [query.type] });
    else known.types.push(query.type);
  }
  return [...groups.values()];
}

function groupLines({ query, types }: Group, made: MadeLookup, style: Styler): string[] {
  const { server, protocol, localPort, handled } = query;
  const again = query.again ? ' again' : '';
  const who = `${nameOf(server, made)} ${protocol.toUpperCase()}, port ${localPort}${again}`;
  const lead = `  ${types.join(' ').padEnd(6)}  `;
  const end = endOf(query, made);
  const isGood = query.reply !== undefined && query.reply.answers > 0 && query.reply.rcode === 'NOERROR';
  const [first = '', ...rest] = hangingAt(lead, `${who}: ${end}`);
  const tone = isGood ? 'green' : query.reply === undefined ? 'yellow' : undefined;
  return [
    tone === undefined ? first : style(tone, first),
    ...rest,
    ...handled.flatMap(({ at, text: did, isBad }) =>
      hangingAt(`${' '.repeat(lead.length)}${placeOf(at, made)}  `, did).map((line) =>
        style(isBad ? 'red' : 'dim', line),
      ),
    ),
  ];
}

/** A paragraph right of the times. */
function hangingAt(lead: string, text: string): string[] {
  return hanging(' '.repeat(timeWidth) + lead, text).map((line) => line.slice(timeWidth));
}

function endOf({ reply, t, type }: AskedQuery, { conversation }: MadeLookup): string {
  if (reply === undefined) return 'no reply';
  const after = ` after ${inMilliseconds(reply.t - t)}`;
  const { rcode, answers, use } = reply;
  if (use === 'truncated') return `TC${after}: more than fits into a datagram`;
  const late = use === 'not-ours' ? ', which nobody waits for any more' : '';
  if (rcode !== 'NOERROR') return `${rcode}${after}${late}`;
  if (answers === 0) return `NOERROR without a record${after}${late}`;
  const own = (conversation.end?.addresses ?? []).filter((address) => address.includes(':') === (type === 'AAAA'));
  const isAll = own.length === answers && use === 'used';
  return `${isAll ? listedInShort(own) : counted(answers, 'record')}${after}${late}`;
}

const modes: Readonly<Record<string, string>> = {
  'single-request': 'from now on A and AAAA one after the other',
  'single-request-reopen': 'from now on A and AAAA one after the other, a socket for each',
};

function eventLines({ kind, server, what }: ResolverEvent, made: MadeLookup, style: Styler): string[] {
  const who = nameOf(server, made);
  switch (kind) {
    case 'waited':
      return hangingAt('  ', `waited ${inSeconds(Number(what))} for ${who}`).map((line) => style('yellow', line));
    case 'mode':
      return hangingAt('  ', modes[String(what)] ?? String(what));
    case 'error':
      return hangingAt('  ', `${who}: ${what}`).map((line) => style('red', line));
  }
}

function nameOf(address: string, { run }: MadeLookup): string {
  return serviceOr(run.world)(address);
}

/** A server outside by its address, as resolv.conf and Corefile have it. */
function placeOf(at: string, { run }: MadeLookup): string {
  return run.world.servers.find(({ name }) => name === at)?.address ?? at;
}

function sinceStart(span: Micros): string {
  return span >= second ? `${(span / second).toFixed(3)} s` : `${(span / 1000).toFixed(2)} ms`;
}

/** Its queries, and how many of them were answered NXDOMAIN. */
export function countsOf({ names }: Conversation) {
  const queries = names.flatMap((name) => name.queries);
  return { queries: queries.length, denied: queries.filter(({ reply }) => reply?.rcode === 'NXDOMAIN').length };
}

function outcomeLines(made: MadeLookup, style: Styler): string[] {
  const { conversation, run } = made;
  const { start, end, printed } = conversation;
  const { queries, denied } = countsOf(conversation);
  const part = denied === queries ? 'all of them' : `${denied} of them (${Math.round((denied / queries) * 100)} %)`;
  const share = denied === 0 ? '' : `: ${part} answered NXDOMAIN`;
  const cost = `${counted(queries, 'query')}${share}`;
  if (end === undefined) {
    const text = `It has not returned after ${inSeconds(run.world.until - start)}, with ${cost}.`;
    return hanging('', text).map((line) => style('red', line));
  }
  const after = `after ${inMilliseconds(end.t - start)}, with ${cost}.`;
  const isFine = end.result === 'OK';
  const text = isFine
    ? `Got ${listedInShort(end.addresses)} ${after}`
    : `Failed: ${errorOf(end.result, printed)} ${after}`;
  return [...hanging('', text).map((line) => style(isFine ? 'green' : 'red', line)), ...dotLines(made)];
}

/** `EAI_AGAIN (Try again)`; Go has no code, only words. */
function errorOf(result: string, printed: string): string {
  if (printed === '') return result.replace(/ \[.*/, '');
  if (printed.includes(result)) return printed;
  return result.includes(' ') ? printed : `${result} (${printed})`;
}

/** What the final dot would have saved, or cost. */
function dotLines({ conversation, withDot, request: { name } }: MadeLookup): string[] {
  if (withDot?.end === undefined || conversation.end === undefined) return [];
  const [counts, bare] = [countsOf(withDot), countsOf(conversation)];
  const isSame = counts.queries === bare.queries && withDot.end.result === conversation.end.result;
  if (isSame) return [];
  const dots = name.split('.').length - 1;
  const isFound = withDot.end.result === 'OK';
  const ndots = isFound && dots > 0 ? `, or with options ndots:${dots}` : '';
  const result = isFound ? '' : `, and fails: ${errorOf(withDot.end.result, '')}`;
  const took = inMilliseconds(withDot.end.t - withDot.start);
  return hanging('', `With a final dot${ndots}, it takes ${counted(counts.queries, 'query')} and ${took}${result}.`);
}

const doing: Readonly<Record<string, string>> = {
  dead: 'does not answer, from just before the lookup',
  slow: 'takes 3 s for each answer',
  nxdomain: 'says NXDOMAIN to everything',
  servfail: 'says SERVFAIL to everything',
  refused: 'refuses everything',
  answer: 'answers',
};

/** What the outcome rests on beside what was given. */
export function assumed({ request, run, said, inCluster, conversation }: MadeLookup): string[] {
  if (conversation.names.length === 0) return [];
  const { servers, coredns, nodeCaches = [] } = run.world;
  const upstreams = request.upstreams.map(({ address, behaviour }) => `${address} ${doing[behaviour]}.`);
  const asked = servers.filter(({ name }) => name !== 'internet').map(({ address }) => address);
  const own = asked.filter((address) => !request.upstreams.some((upstream) => upstream.address === address));
  const corefile = request.corefile === undefined ? ', Corefile of kubeadm' : '';
  const [cache] = nodeCaches;
  return [
    ...said,
    ...(inCluster
      ? [`CoreDNS ${coredns[0]?.release ?? ''}, ${counted(coredns.length, 'pod')}${corefile}; all caches are empty.`]
      : []),
    ...(cache === undefined
      ? []
      : [
          `NodeLocal DNSCache ${cache.release} on the node${request.nodeLocal === undefined ? ', with the Corefile of its addon' : ''}.`,
        ]),
    ...upstreams,
    ...(own.length === 0 ? [] : [`${listed(own)} ${own.length === 1 ? 'resolves' : 'resolve'} the internet.`]),
  ];
}

function assumedLines(made: MadeLookup): string[] {
  const remarks = made.run.scenario.remarks.map(({ file, line, message }) => `${file}:${line}: ${message}.`);
  if (assumed(made).length + remarks.length === 0) return [];
  return [
    'Taken for granted, where nothing else was said:',
    ...[...assumed(made), ...remarks].flatMap((text) => hanging('  ', text)),
  ];
}
