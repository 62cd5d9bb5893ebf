import { type Micros, second } from '../../engine/time.ts';
import { splitEndpoint } from '../../network/address.ts';
import { type Flow, type FlowStep, refreshesOf, stateAt } from '../../trace/flows.ts';
import { formatDuration } from '../duration.ts';
import type { Expectation } from '../schema/scenario.ts';
import { boundsText, type Verdict, within } from './bounds.ts';

type Expected = NonNullable<Expectation['entry']>;

/** Holds the entry of a fixed port at an instant against what is expected of it. */
export function entry(wanted: Expected, flows: readonly Flow[]): Verdict {
  const { replySource, replyDestination, flags, timeout, refreshed } = wanted;
  const words = [
    ...(replySource === undefined ? [] : [`reply from ${replySource}`]),
    ...(replyDestination === undefined ? [] : [`reply to ${replyDestination}`]),
    ...(flags === undefined ? [] : [flagsText(flags)]),
    ...(timeout === undefined ? [] : [`${boundsText(timeout, formatDuration)} left`]),
    ...(refreshed === undefined ? [] : [`${boundsText(refreshed, String)} refreshes`]),
  ];
  const expected = `conntrack entry at ${formatDuration(wanted.at)}: ${words.join(', ')}`;
  for (const flow of flows) {
    const state = stateAt(flow, wanted.at);
    if (state === undefined) continue;
    const facts = factsOf(flow, state, wanted.at);
    const met =
      (replySource ?? facts.replySource) === facts.replySource &&
      (replyDestination ?? facts.replyDestination) === facts.replyDestination &&
      (flags === undefined || flagsText(flags) === facts.flags) &&
      (timeout === undefined || within(facts.left, timeout)) &&
      (refreshed === undefined || within(facts.refreshed, refreshed));
    const left = `${facts.flags}, ${formatDuration(facts.left)} left, ${facts.refreshed} refreshes`;
    return { expected, met, reason: `reply from ${facts.replySource} to ${facts.replyDestination}, ${left}` };
  }
  return { expected, met: false, reason: 'there was no entry' };
}

function factsOf(flow: Flow, { expires, seenReply, assured }: FlowStep, t: Micros) {
  return {
    replySource: splitEndpoint(flow.replySource).address,
    replyDestination: splitEndpoint(flow.replyDestination).address,
    flags: flagsText([...(seenReply ? [] : ['UNREPLIED']), ...(assured ? ['ASSURED'] : [])]),
    // As conntrack prints it: whole seconds.
    left: Math.floor((expires - t) / second) * second,
    refreshed: refreshesOf(flow).filter((step) => step.t <= t).length,
  };
}

function flagsText(flags: readonly string[]): string {
  return flags.length === 0 ? 'no flags' : flags.map((flag) => `[${flag}]`).join(' ');
}
