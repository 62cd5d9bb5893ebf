import { second } from '../engine/time.ts';
import { parseResolvConf } from '../resolver/resolv-conf.ts';
import { resolvConfRules } from '../resolver/rules.ts';
import type { MadeLookup } from '../study/lookup/look-up.ts';
import type { Conversation } from '../trace/conversation.ts';
import { assumed, countsOf, resolverOf } from './lookup-text.ts';

/** One lookup for other programs. Times in seconds since its start. */
export function lookupJson(made: MadeLookup) {
  const { request, run, conversation, withDot } = made;
  const { kind, release, resolvConf } = resolverOf(made);
  const { flags, ...read } = parseResolvConf(resolvConf, resolvConfRules({ kind, release }));
  return {
    dnspath: run.version,
    name: request.name,
    family: request.family,
    resolver: `${kind} ${release}`,
    resolvConf: resolvConf.text,
    readAs: { ...read, flags: [...flags] },
    ...endOf(conversation),
    names: namesOf(conversation),
    withFinalDot: withDot === undefined ? null : endOf(withDot),
    assumed: assumed(made),
    remarks: run.scenario.remarks,
  };
}

function endOf(conversation: Conversation) {
  const { start, end, printed } = conversation;
  return {
    result: end?.result ?? null,
    addresses: end?.addresses ?? [],
    printed,
    seconds: end === undefined ? null : (end.t - start) / second,
    ...countsOf(conversation),
  };
}

function namesOf({ names, start }: Conversation) {
  const since = (t: number): number => (t - start) / second;
  return names.map(({ t, name, reason, queries, events }) => ({
    t: since(t),
    name,
    reason,
    queries: queries.map(({ t: sent, trace: _, reply, handled, ...query }) => ({
      t: since(sent),
      ...query,
      reply: reply === undefined ? null : { ...reply, t: since(reply.t) },
      handled: handled.map(({ t: at, at: host, text }) => ({ t: since(at), at: host, text })),
    })),
    events: events.map((event) => ({
      ...event,
      t: since(event.t),
      what: event.kind === 'waited' ? Number(event.what) / second : event.what,
    })),
  }));
}
