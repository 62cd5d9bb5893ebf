import type { Row } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { packetDropped } from '../kernel/records.ts';
import { clusterEvidence } from './cluster-evidence.ts';
import { conntrackEvidence } from './conntrack-evidence.ts';
import type { LateAnswer } from './late.ts';
import type { PodLives } from './pod-lives.ts';
import { crashBefore, type End } from './process-ends.ts';
import { inSeconds, processTitle } from './words.ts';

type Dropped = Row<typeof packetDropped.columns>;

/** Why a packet was dropped; the row's own cause, and the text in full, unless it says otherwise. */
interface Told {
  readonly cause?: string;
  readonly text: string;
  readonly short?: string;
}

/** What is known of the time in which a packet was dropped. */
interface Surroundings {
  /** The packet was an answer that came too late. */
  readonly answer: LateAnswer | undefined;
  readonly lives: PodLives;
  readonly ends: readonly End[];
  readonly lagOf: (trace: TraceId) => string | undefined;
  readonly nameOf: (address: string) => string;
}

export function dropEvidence(row: Dropped, { answer, lives, ends, lagOf, nameOf }: Surroundings): Told {
  return (
    (answer && lateEvidence(row, answer, nameOf)) ??
    processEvidence(row, ends, nameOf, lagOf) ??
    conntrackEvidence(row, nameOf) ??
    withLag(clusterEvidence(row, lives, ends, nameOf), lagOf(row.trace)) ??
    plainEvidence(row, nameOf)
  );
}

function lateEvidence(row: Dropped, { isUntranslated, after }: LateAnswer, nameOf: (address: string) => string): Told {
  const [server, asker] = [nameOf(row.source), nameOf(row.destination)];
  if (isUntranslated) {
    const text = `an answer came to ${asker} from ${server}'s own address, which it had not asked: the conntrack entry that would have translated it was gone`;
    return { cause: 'answer-untranslated', text };
  }
  const text = `an answer of ${server} came ${inSeconds(after)} after the question, when ${asker} waited no longer`;
  return { cause: 'late-answer', text };
}

/** Nobody listens, or nobody reads any more. */
function processEvidence(
  row: Dropped,
  ends: readonly End[],
  nameOf: (address: string) => string,
  lagOf: (trace: TraceId) => string | undefined,
): Told | undefined {
  const title = processTitle(row.at);
  if (row.cause === 'unread')
    return {
      text: `${title} was ending, and left a packet from ${nameOf(row.source)} unread`,
      short: `${title} was ending`,
    };
  if (row.cause !== 'port-closed') return undefined;
  const closed = `${row.protocol.toUpperCase()} port ${row.destinationPort} is closed`;
  const crash = crashBefore(row, ends);
  if (crash !== undefined) {
    const text = `${title} had ended at ${inSeconds(crash.t)} ("${crash.line}"), and its ${closed}`;
    return { cause: 'coredns-crashed', text, short: `${title} had crashed` };
  }
  const told = { text: `${row.at} refused ${nameOf(row.source)}: its ${closed}`, short: `${row.at}'s ${closed}` };
  return withLag(told, lagOf(row.trace));
}

function plainEvidence(row: Dropped, nameOf: (address: string) => string): Told {
  const text = `${row.at} dropped a packet from ${nameOf(row.source)} to ${nameOf(row.destination)} port ${row.destinationPort} (${row.where}: ${row.rule || row.cause})`;
  return { text };
}

function withLag(told: Told | undefined, lag: string | undefined): Told | undefined {
  return told === undefined || lag === undefined ? told : { ...told, text: `${told.text}; ${lag}` };
}
