import type { RecordHeader, TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';

/** Something that went wrong on a strand. */
export interface Evidence {
  readonly header: RecordHeader;
  /** `way`: a packet went where nobody answers, whatever became of it there; `end`: what happened to a packet or query; `error`: what somebody made of that; `answer`: a reply that says no; `wait`: nothing came; `turn`: no trouble, but what brought the client to where the trouble was. */
  readonly weight: 'way' | 'end' | 'error' | 'answer' | 'wait' | 'turn';
  readonly cause: string;
  readonly text: string;
  /** The same in a few words. */
  readonly short: string;
  /** The strand that had put the failure into a cache; 0: none. */
  readonly filledBy: TraceId;
  /** Is it the resolver's verdict on one name of its search list? */
  readonly isVerdict: boolean;
  /** Of such a verdict: the name was there, so that an answer would have ended the search. */
  readonly isThere?: boolean;
  /** Of a verdict whose words say what decided it, as Go's of two halves do: an answer, or that none came. */
  readonly decidedBy?: 'answer' | 'wait';
  /** Where it came out of a cache: whose, and from when to when it was kept there. */
  readonly kept?: { readonly by: string; readonly since: Micros; readonly until: Micros };
}

/** Is it an answer that says that there is no such name, or no such record? */
export function saysNothingThere({ cause }: Evidence): boolean {
  return /(^|-)(nxdomain|nodata)$/.test(cause);
}

/** Was it the name of a Service that is gone or has no end point, or a denial of what is there by now? Without it none of the other names would have been tried. */
export function ledSearchOn({ cause }: Pick<Evidence, 'cause'>): boolean {
  return cause === 'outdated-nxdomain' || /^(deleted|empty)-service-/.test(cause);
}

/** A piece of evidence that is no verdict of the resolver. */
export function evidenceOf(
  header: RecordHeader,
  weight: Evidence['weight'],
  cause: string,
  text: string,
  filledBy: TraceId = 0,
  short = text,
): Evidence {
  return { header, weight, cause, text, short, filledBy, isVerdict: false };
}
