import { millisecond, second } from '../../engine/time.ts';

/** Octets of the TCP header without options, and of the timestamps in every segment with data. */
export const tcpHeader = 20;
export const timestamps = 12;
/** TCP_TIMEOUT_INIT: before the first answer. */
export const initialTimeout = second;
/** TCP_RTO_MIN. */
export const leastTimeout = 200 * millisecond;
/** TCP_TIMEOUT_MIN_US: before the probe of several segments, of which the second would be acknowledged at once. */
export const probeTimeout = 2 * millisecond;
/** TCP_RTO_MAX. */
export const maximumTimeout = 120 * second;
/** TCP_ATO_MIN: how long an ACK may wait for company. */
export const delayedAck = 40 * millisecond;
/** TCP_TIMEWAIT_LEN. */
export const timeWait = 60 * second;
/** Of a connection that its application has closed, where tcp_orphan_retries is 0 (tcp_orphan_retries()). */
export const orphanRetries = 8;
/** tcp_fin_timeout: how long a closed application waits for the other's FIN. */
export const finWait = 60 * second;
