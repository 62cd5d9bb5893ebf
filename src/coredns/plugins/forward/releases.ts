import { madeOnce } from '../../../engine/made-once.ts';
import { behaviourOf, type Histories, since } from '../../history.ts';
import type { ReleaseName } from '../../releases.ts';

/** What `plugin/forward` (and its `pkg/proxy`, `pkg/up`) does in one release. */
export interface ForwardBehaviour {
  /** The policies get the list as one item, and all keep the order of the configuration. */
  readonly policiesKeepOrder: boolean;
  /** Failed attempts a query may make, for each upstream; undefined: only time limits it. */
  readonly attemptsPerUpstream: number | undefined;
  /** A fresh random id upstream; else the client's own. */
  readonly freshIds: boolean;
  /** IP_RECVERR: host and net unreachable are seen at once. */
  readonly seesUnreachable: boolean;
  /** A pooled connection that the peer has closed counts as a failed attempt. */
  readonly pooledEndIsError: boolean;
  /** Which pooled connection is taken. */
  readonly reuse: 'newest' | 'oldest';
  /** Idle connections are looked through each `expire`; else each 10 s. */
  readonly cleansUpByExpire: boolean;
  /** A UDP reply that was cut in the middle of a record: an error, ignored, or answered with TC. */
  readonly cutReply: 'error' | 'ignored' | 'truncated';
  /** A UDP datagram too short to be a message, or malformed with another id, is ignored. */
  readonly ignoresJunk: boolean;
  /** Pause between probes: doubled by each outage, drawn and growing, or fixed. */
  readonly probeInterval: 'doubling' | 'backoff' | 'fixed';
  /** With `force_tcp` probes go over TCP too. */
  readonly probesFollowForceTcp: boolean;
  /** A probe for a domain without final dot is never sent and counts as failed. */
  readonly probeNeedsFinalDot: boolean;
  /** Replies to a UDP probe that carry another id are passed over (miekg/dns 1.1.34); before, they were signs of health. */
  readonly probeIgnoresOtherIds: boolean;
  readonly overLimitRcode: 'SERVFAIL' | 'REFUSED';
  /** `failover`: goes round while every upstream returns a listed rcode; else each is asked once. */
  readonly failoverGoesRound: boolean;
  /** No attempt begins once the query's context has ended (`cancel`). */
  readonly obeysCancel: boolean;
  /** A TLS connection must be open within half of the time that a query has; else the dial's own limit alone holds. */
  readonly boundsTlsDial: boolean;
  /** `tls://ADDRESS%NAME` names the server. */
  readonly namesTlsServers: boolean;
  /** Schemes that forward does not speak are refused; before, they are plain DNS that nobody probes. */
  readonly refusesSchemes: boolean;
  /** Sessions of TLS are kept and resumed. */
  readonly keepsTlsSessions: boolean;
  /** Octets of a ClientHello: Go's own defaults by the version that go.mod names, with a key for ML-KEM in the later ones. */
  readonly helloOctets: number;
  /** The same address twice in TO is one upstream. */
  readonly mergesUpstreams: boolean;
}

const histories: Histories<ForwardBehaviour> = {
  policiesKeepOrder: [
    ['1.6.7', true],
    ['1.7.0', false],
  ],
  attemptsPerUpstream: [
    ['1.6.7', undefined],
    ['1.14.7', 2],
  ],
  freshIds: since('1.8.7'),
  seesUnreachable: since('1.15.0'),
  pooledEndIsError: [
    ['1.6.7', false],
    ['1.11.0', true],
    ['1.12.3', false],
  ],
  reuse: [
    ['1.6.7', 'newest'],
    ['1.14.1', 'oldest'],
  ],
  cleansUpByExpire: [
    ['1.6.7', true],
    ['1.7.1', false],
  ],
  cutReply: [
    ['1.6.7', 'error'],
    ['1.11.0', 'ignored'],
    ['1.11.1', 'error'],
    ['1.11.3', 'truncated'],
  ],
  ignoresJunk: [
    ['1.6.7', false],
    ['1.11.0', true],
    ['1.11.1', false],
    ['1.14.7', true],
  ],
  probeInterval: [
    ['1.6.7', 'doubling'],
    ['1.6.8', 'backoff'],
    ['1.8.1', 'fixed'],
  ],
  probesFollowForceTcp: since('1.9.0'),
  probeNeedsFinalDot: [
    ['1.6.7', false],
    ['1.9.2', true],
    ['1.9.4', false],
  ],
  probeIgnoresOtherIds: since('1.8.0'),
  overLimitRcode: [
    ['1.6.7', 'SERVFAIL'],
    ['1.8.1', 'REFUSED'],
  ],
  failoverGoesRound: [
    ['1.6.7', true],
    ['1.14.7', false],
  ],
  obeysCancel: since('1.11.3'),
  boundsTlsDial: since('1.15.0'),
  namesTlsServers: since('1.14.0'),
  refusesSchemes: since('1.7.0'),
  keepsTlsSessions: since('1.7.1'),
  helloOctets: [
    ['1.6.7', 300],
    ['1.12.4', 1510],
  ],
  mergesUpstreams: since('1.14.4'),
};

export const forwardBehaviour = madeOnce((release: ReleaseName): ForwardBehaviour => behaviourOf(histories, release));
