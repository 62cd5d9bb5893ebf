import type { Address, IcmpCode } from '../../network/packet.ts';
import type { Device } from './device.ts';
import type { SocketBuffer } from './socket-buffer.ts';

/** What a hook decides. `reject`: the packet ends here and its sender is told. */
export type Verdict =
  | { readonly verdict: 'accept' }
  /** IPVS has pointed a packet for this host at another: it leaves as one of this host's own would. */
  | { readonly verdict: 'redirect' }
  | {
      readonly verdict: 'drop';
      readonly cause: string;
      /** The rule that did it, as iptables-save prints it; empty where none did. */
      readonly rule: string;
      readonly reject?: IcmpCode | 'tcp-reset';
    };

export const accepted: Verdict = { verdict: 'accept' };

/** The five places where netfilter looks at a packet. */
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** What stands for a hook: asked several times a packet, and properties by computed names are slow. */
export function atHook<T>(byHook: Readonly<Record<Hook, T>>, hook: Hook): T {
  switch (hook) {
    case 'PREROUTING':
      return byHook.PREROUTING;
    case 'INPUT':
      return byHook.INPUT;
    case 'FORWARD':
      return byHook.FORWARD;
    case 'OUTPUT':
      return byHook.OUTPUT;
    case 'POSTROUTING':
      return byHook.POSTROUTING;
  }
}

/** What the stack asks of netfilter. */
export interface Netfilter {
  run(hook: Hook, buffer: SocketBuffer): Verdict;
  /** The last word after INPUT and POSTROUTING: the flow of a first packet enters connection tracking's table. */
  confirm(buffer: SocketBuffer): Verdict;
  /** An ICMP error made here belongs to the flow of the packet that it is about. */
  inherit(error: SocketBuffer, about: SocketBuffer): void;
  /** A device went away, or one of its addresses. */
  deviceGone(device: Device, address?: Address): void;
}
