import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import type { Endpoint } from '../../network/packet.ts';
import type { TcpState } from './tcp-states.ts';
import type { RealServer } from './virtual-server.ts';

export type IpvsProtocol = 'udp' | 'tcp';

/** UDP has this one state. */
export type IpvsState = TcpState | 'UDP';

/** An entry of IPVS's connection table (struct ip_vs_conn): a client's flow to a virtual server, and where it goes. */
export interface IpvsConnection {
  readonly protocol: IpvsProtocol;
  /** Port 0: a template, which keeps a client with a real server (persistence). */
  readonly client: Endpoint;
  readonly virtual: Endpoint;
  readonly server: RealServer;
  readonly isTemplate: boolean;
  /** The template that it was made by. */
  readonly template: IpvsConnection | undefined;
  state: IpvsState;
  /** Of a template: has a real server answered? */
  assured: boolean;
  /** A template that is followed no more: its server was deleted, or has weight 0 under expire_quiescent_template. */
  isInvalid: boolean;
  /** Connections that this template was used for and that still live. */
  controlled: number;
  /** Counted as ActiveConn; otherwise as InActConn. */
  active: boolean;
  /** net.ipv4.vs.conntrack was 1 when it began: its end takes its entry in conntrack's table along. */
  tracked: boolean;
  /** What its timer is set to by the next packet. */
  timeout: Micros;
  /** When its time is over, as ipvsadm prints it. */
  expires: Micros;
  /** When the timer really fires; what is due earlier has been set before. */
  due: Micros;
  /** The earliest pending look at `due`. */
  looksAt: Micros;
  readonly begun: Micros;
  packets: number;
  isGone: boolean;
  /** The strand that made it. */
  readonly trace: TraceId;
}
