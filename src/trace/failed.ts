import type { TraceId } from '../engine/recorder.ts';
import { type Micros, second } from '../engine/time.ts';
import { isLate, isReason, mattering, ofDecidingName, ranked, type Strands, stillFailed, weights } from './deciding.ts';
import { type Evidence, saysNothingThere } from './evidence-of.ts';
import type { Explanation } from './explanation.ts';
import type { JudgedLookup } from './lookup.ts';
import { sharing } from './shared-lookups.ts';
import { inMilliseconds } from './words.ts';

const keptTooLong: readonly string[] = ['jvm-negative-cache', 'client-negative-cache', 'stale-servfail'];
/** Of what answers came to by the resolver's own doing: the words of the result are those of one half, or no other server was asked. */
const madeOfAnswers: readonly string[] = ['half-answered', 'last-by-tcp', 'final-error'];
/** As often as this something is no coincidence any more, and the number is worth telling. */
const often = 10;

/** Why a lookup failed: the deepest thing that went wrong on its way, and what those before it made of that. */
export function whyFailed(lookup: JudgedLookup, strands: Strands): Explanation {
  const [root, ...rest] = ranked(lookup.trace, lookup.end, strands);
  const start = `It failed with ${lookup.result} after ${inMilliseconds(lookup.end - lookup.start)}`;
  if (root === undefined) return withoutTrouble(lookup, start);
  const origins = originsOf(root, strands);
  const kept = origins.at(-1);
  // Of a failure that was kept, what it was before it was kept is the reason; but not where it was kept for too long.
  const reason = kept === undefined || keptTooLong.includes(root.cause) ? root : kept;
  // That a name is not there is settled by the answer that says so: what others made of it, or of the search list's names, tells no more.
  const denied = saysNothingThere(root);
  const others = denied
    ? []
    : oncePerCause(
        rest.filter((one) => isOther(one, root) && !origins.some(({ text }) => text === one.text)),
        (one) => strands.queryOf(one.header.trace) === strands.queryOf(root.header.trace),
      );
  const all = strands.evidence(lookup.trace);
  const shared = sharedBy(lookup, strands);
  const turn = all.findLast(({ weight, header, cause }) => {
    return weight === 'turn' && cause !== sharing && header.seq < root.header.seq;
  });
  const lost = timeLost(lookup, [root, ...others], strands);
  const slowed = lost === root.text ? '' : lost;
  const own = toldOf(others, [root, ...rest.filter(({ cause }) => cause === root.cause)], strands);
  const faults = denied
    ? []
    : otherFaults(lookup, [root, ...origins, ...own], strands).filter(({ text }) => text !== slowed);
  const told = [...own, ...faults];
  // Another server that denies a name that is there was asked because of what went wrong before.
  const denial = denied ? undefined : rest.find((one) => saysNothingThere(one) && !one.isVerdict);
  const isWrong = rest.some((one) => saysNothingThere(one) && one.isThere === true);
  const made = all.findLast(({ cause, header }) => madeOfAnswers.includes(cause) && header.t <= lookup.end);
  const alike = 1 + rest.filter(({ text }) => text === root.text).length;
  const texts = [
    ...(shared === '' ? [] : [shared]),
    ...(turn === undefined ? [] : [turn.text]),
    denied || alike < often ? root.text : `${root.text} (the last of ${alike} times)`,
    ...origins.map(({ text }, i) => `${i === 0 && root.weight === 'answer' ? 'kept' : 'that'} because ${text}`),
    ...told.map(({ text }) => text),
    ...(denial !== undefined && isWrong ? [`${denial.text}, though the name is there`] : []),
    ...(made === undefined || made === root || told.includes(made) ? [] : [made.text]),
    ...(slowed === '' ? [] : [`what took that long: ${slowed}`]),
  ];
  const sentence = `${start}: ${texts.join('; ')}.`;
  const short = turn === undefined ? reason.short : `${turn.short}; then ${reason.short}`;
  // A verdict of the resolver was decided by the answer that it is about.
  const decided = root.isVerdict ? (rest.find(saysNothingThere) ?? root) : root;
  return { cause: reason.cause, strand: decided.header.trace, holders: [], hops: [], short, sentence };
}

/** Nothing went wrong on the way: the address was there, and whoever has it was silent; or nothing is known. */
function withoutTrouble({ trace, result, printed = '' }: JudgedLookup, start: string): Explanation {
  const [, peer] = /^ETIMEDOUT (\S+)$/.exec(printed) ?? [];
  const silent = `${peer} did not answer the request`;
  const [cause, short, sentence] =
    peer === undefined
      ? ['no-query', result, `${start}; nothing is recorded of a query for it.`]
      : ['backend-silent', silent, `${start}: ${silent}; the name had been resolved.`];
  return { cause, strand: trace, holders: [], hops: [], short, sentence };
}

/** What cost time before the query whose answer settled it: that answer does not say. */
function timeLost(lookup: JudgedLookup, told: readonly Evidence[], strands: Strands): string {
  const [root] = told;
  if (root === undefined || root.weight === 'wait' || lookup.end - lookup.start < second) return '';
  if (saysNothingThere(root)) return troubleOf(lookup, strands, (one) => !saysNothingThere(one));
  const own = new Set(told.map(({ header }) => strands.queryOf(header.trace)));
  const waited = strands.evidence(lookup.trace).find(({ weight, cause, header }) => {
    return weight === 'wait' && cause === 'timeout' && header.seq < root.header.seq;
  });
  if (waited === undefined || told.some(({ weight }) => weight === 'wait')) return '';
  const settling = strands.queryOf(root.header.trace) ?? Number.POSITIVE_INFINITY;
  /** About a query from before that which was answered; strands are numbered as they begin. */
  const isEarlier = (one: Evidence) => {
    const query = strands.queryOf(one.header.trace);
    return query === undefined || (query < settling && !own.has(query));
  };
  // The same fault all along is told once; an answer took no time.
  const isAgain = (one: Evidence) => one.cause === root.cause && isEarlier(one);
  if (root.weight !== 'answer' && strands.evidence(lookup.trace).some(isAgain)) return '';
  return troubleOf({ trace: lookup.trace, end: Number.POSITIVE_INFINITY }, strands, (one) => {
    const isBefore = one.header.seq <= waited.header.seq || isLate(one);
    return one.weight !== 'wait' && !saysNothingThere(one) && isBefore && isEarlier(one);
  });
}

/** Where a failure came out of a cache: the one nearest to the client; and since when what was behind that had failed. */
export function keptFailure(
  lookup: JudgedLookup,
  strands: Strands,
): { readonly nearest: Evidence['kept']; readonly since: Micros } {
  const [root] = ranked(lookup.trace, lookup.end, strands);
  const chain = root === undefined ? [] : [root, ...originsOf(root, strands)];
  const since = chain.map(({ header, kept }) => Math.min(header.t, kept?.since ?? header.t));
  return { nearest: root?.kept, since: Math.min(lookup.start, ...since) };
}

/** Whose lookup this one waited for, in a few words; empty: it made its own. */
export function sharedBy({ trace }: Pick<JudgedLookup, 'trace'>, strands: Strands): string {
  return strands.evidence(trace).find(({ cause }) => cause === sharing)?.text ?? '';
}

/** What cost time before an answer came all the same; empty: nothing went wrong. */
export function troubleOf(
  lookup: Pick<JudgedLookup, 'trace' | 'end'>,
  strands: Strands,
  counts: (one: Evidence) => boolean = () => true,
): string {
  const all = strands.evidence(lookup.trace).filter((one) => {
    const { header, weight } = one;
    // An error that a server answered led on to another try; a denial only to the next name.
    const isTrouble = weight !== 'turn' && !(weight === 'answer' && (saysNothingThere(one) || one.cause === 'tc'));
    return counts(one) && header.t <= lookup.end && isTrouble;
  });
  return [...all].sort((a, b) => weights.indexOf(b.weight) - weights.indexOf(a.weight))[0]?.text ?? '';
}

/** Two of them: what else is known of the queries that met the root's cause, and what went wrong with another, if anything. */
function toldOf(others: readonly Evidence[], alike: readonly Evidence[], { queryOf }: Strands): readonly Evidence[] {
  const own = new Set(alike.map(({ header }) => queryOf(header.trace)));
  const elsewhere = others.find(({ header, weight }) => {
    const query = queryOf(header.trace);
    return weight !== 'wait' && query !== undefined && !own.has(query);
  });
  const [first] = others;
  if (first === undefined || elsewhere === undefined || elsewhere === first) return others.slice(0, 2);
  return [first, elsewhere];
}

/** What went wrong at other servers that were asked for the same name, each of which could have settled it: two of them. */
function otherFaults({ trace, end }: JudgedLookup, told: readonly Evidence[], strands: Strands): Evidence[] {
  const { queryOf, descends, madeGoodAt } = strands;
  const all = strands.evidence(trace).filter(({ weight, header }) => weight !== 'turn' && header.t <= end);
  const own = ofDecidingName(all).filter((one) => !one.isVerdict && !saysNothingThere(one));
  // An error that came instead made nothing good.
  const answered = own.filter(({ weight }) => weight === 'answer');
  const inError = new Set(answered.map(({ header }) => queryOf(header.trace)));
  const stands = (one: Evidence) => inError.has(queryOf(one.header.trace)) || madeGoodAt(one) > end;
  const found: Evidence[] = [];
  const seen = new Set<TraceId>();
  for (const one of mattering(own, strands)) {
    const strand = one.header.trace;
    const isFault = one.weight === 'answer' ? one.cause !== 'tc' : one.weight !== 'way' && isReason(one);
    // What is handed on, and what this very lookup had put into a cache, is nobody else's fault.
    const isPassedOn =
      seen.has(strand) || own.some(({ header }) => header.trace !== strand && descends(header.trace, strand));
    const isOwn = one.filledBy > 0 && descends(one.filledBy, trace);
    // The same fault once; who was silent is told each by name.
    const isTold = [...told, ...found].some(({ cause, text, header }) => {
      if (cause !== one.cause)
        return header.trace === strand || (one.cause === 'server-silent' && header.at === one.header.at);
      return cause !== 'server-silent' || text === one.text;
    });
    seen.add(strand);
    if (isFault && !isPassedOn && !isOwn && !isTold && stands(one)) found.push(one);
  }
  return found.slice(0, 2);
}

/** One of each cause, if there is one of the root's own query that one. */
function oncePerCause(others: readonly Evidence[], isOfRoot: (one: Evidence) => boolean): Evidence[] {
  const found = new Map<string, Evidence>();
  for (const one of others) {
    const known = found.get(one.cause);
    if (known === undefined || isOfRoot(one) || !isOfRoot(known)) found.set(one.cause, one);
  }
  return [...found.values()];
}

/** One that tells more than the root does; of two ways that led astray the last tells how it came to that. */
function isOther(one: Evidence, root: Evidence): boolean {
  // An entry that says no although the name is there explains all by itself.
  if (one.cause === root.cause || root.cause === 'outdated-nxdomain') return false;
  // That a reply did not fit is told by what brought the client to TCP.
  if (one.cause === 'tc') return false;
  if (root.cause === 'stale-servfail' && one.cause === 'servfail') return false;
  // That there is nothing made nobody fail, unless the resolver stopped at that.
  if (saysNothingThere(one) && !root.isVerdict) return false;
  return one.weight !== 'way' || root.weight !== 'way';
}

/** What a failure was kept from, and what that was kept from, to the first that was not. */
function originsOf(root: Evidence, strands: Strands): Evidence[] {
  const next = isLate(root) ? lateBecause(root, strands) : keptBecause(root, strands);
  if (next === undefined) return [];
  return keptTooLong.includes(next.cause) ? [next] : [next, ...originsOf(next, strands)];
}

/** What an answer that came too late had waited for. */
function lateBecause({ header }: Evidence, strands: Strands): Evidence | undefined {
  const before = strands.evidence(header.trace).filter((one) => {
    return one.header.seq < header.seq && isReason(one) && strands.descends(one.header.trace, header.trace);
  });
  return mattering(before, strands)[0];
}

/** What had put the failure into a cache, or had led a recursor to ask nobody, where the entry does not explain all by itself. */
function keptBecause(root: Evidence, strands: Strands): Evidence | undefined {
  const { filledBy, header, cause } = root;
  if (filledBy === 0 || cause === 'outdated-nxdomain') return undefined;
  const own = strands.evidence(filledBy).filter((one) => {
    const { t, trace, seq } = one.header;
    // Who gave up is told why by an answer that comes afterwards, too.
    const isInTime = isLate(one) || (t <= header.t && seq < header.seq);
    return one.weight !== 'turn' && isInTime && strands.descends(trace, filledBy);
  });
  // That a client waited no longer came of what had become of its query, not the other way round; but whoever kept it may have asked itself.
  const inside = own.filter((one) => !isLate(one) || one.header.trace !== filledBy || one.header.at === header.at);
  // A lookup that a program kept is judged as it was.
  if (inside.some(({ isVerdict }) => isVerdict)) return ranked(filledBy, header.t, strands)[0];
  // What made good later what a server had kept by then, be it by that very entry, made nothing good for the entry.
  const filledAt = Math.max(...inside.filter((one) => !isLate(one)).map((one) => one.header.t));
  const failed = stillFailed(inside, Math.min(header.t, filledAt), strands);
  // What only cost time is no reason for a denial.
  const denials = saysNothingThere(root) ? failed.filter(saysNothingThere) : [];
  if (denials.length > 0) return mattering(denials, strands)[0];
  return mattering(failed.some(isReason) ? failed.filter((one) => !isLate(one)) : failed, strands)[0];
}
