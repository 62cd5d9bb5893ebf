import { recordKind } from '../../../engine/recorder.ts';

/**
 * One attempt of `forward`, when it is over. `trace` of the record: the client's query; `upstream`: trace of the query sent.
 *
 * - `outcome`: `answered`, `cut` (a reply longer than the buffer, handed on as an empty one with TC), `closed` (a pooled
 *   connection had been closed; tried again), `error`.
 * - `room`: octets that a UDP reply may have; `attempt` counts from 1; `seconds`: how long it took; `error`: CoreDNS's text.
 * - `place`: where the forward line stands (`Corefile:4`).
 */
export const attemptRecord = recordKind('coredns.forward', {
  name: 'text',
  type: 'text',
  to: 'text',
  protocol: 'text',
  attempt: 'number',
  room: 'number',
  upstream: 'number',
  seconds: 'number',
  outcome: 'text',
  rcode: 'text',
  error: 'text',
  place: 'text',
});

/**
 * The health of an upstream changes. `state`: `probing` (an error has started the probes), `failed` (a probe failed),
 * `down` (it is skipped from now on), `up` (a probe was answered). `fails`: failed probes in a row; `name`: what a probe
 * asks the NS records of; `seconds`: how long this probe took, NaN while probing.
 */
export const healthRecord = recordKind('coredns.health', {
  to: 'text',
  state: 'text',
  fails: 'number',
  name: 'text',
  seconds: 'number',
});

/** A query beyond `max_concurrent`: refused unasked. `place`: where the limit stands (`Corefile:4`). */
export const overLimitRecord = recordKind('coredns.forward-over-limit', {
  name: 'text',
  type: 'text',
  limit: 'number',
  place: 'text',
});

/** All upstreams are marked down, and with `failfast_all_unhealthy_upstreams` none is asked. `upstreams`: with blanks between. */
export const allDownRecord = recordKind('coredns.forward-all-down', { upstreams: 'text', place: 'text' });

/** A reply by UDP that forward reads past because it does not unpack; it goes on waiting. `to`: the upstream; `size` as sent; `room`: octets that it may have; `error`: why it does not unpack. */
export const ignoredReplyRecord = recordKind('coredns.forward-ignored', {
  to: 'text',
  size: 'number',
  room: 'number',
  error: 'text',
});
