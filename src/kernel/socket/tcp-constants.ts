import { millisecond, second } from '../../engine/time.ts';

/** Octets of the TCP header without options, and of the timestamps in every segment with data. */
export const tcpHeader = 20;
export const timestamps = 12;
/** TCP_TIMEOUT_INIT: before the first answer. */
export const initialTimeout = second;
/** After it: TCP_RTO_MIN of 200 ms and a short round trip, in whole jiffies. */
export const minimumTimeout = 204 * millisecond;
/** TCP_RTO_MAX. */
export const maximumTimeout = 120 * second;
/** TCP_ATO_MIN: how long an ACK may wait for company. */
export const delayedAck = 40 * millisecond;
/** TCP_TIMEWAIT_LEN. */
export const timeWait = 60 * second;
/** tcp_retries2: about 15 minutes of unanswered data. */
export const dataRetries = 15;
/** tcp_synack_retries. */
export const synAckRetries = 5;
