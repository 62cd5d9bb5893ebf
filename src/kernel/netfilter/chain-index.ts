import { addressBits, keyOf } from '../../network/address.ts';
import type { Packet } from '../../network/packet.ts';
import type { PlacedRule } from './chain.ts';
import type { Rule } from './rule.ts';
import { numberOf } from './rule-tests.ts';

/** Places of rules in their chain, in order: those about one port, and the others. */
class Bucket {
  readonly byPort = new Map<number, number[]>();
  readonly others: number[] = [];

  add(place: number, port: number | undefined): void {
    if (port === undefined) this.others.push(place);
    else {
      const places = this.byPort.get(port);
      if (places === undefined) this.byPort.set(port, [place]);
      else places.push(place);
    }
  }

  places(port: number): readonly number[] {
    const about = this.byPort.get(port);
    return about === undefined ? this.others : [...this.others, ...about];
  }
}

/** Lists that are kept; a chain of 10,000 Services has about as many. */
const mostKept = 100_000;

/** Key of a port that no rule is about. */
const otherPort = -1;

/**
 * Finds the rules of a long chain that are about a packet's destination: those that name that address alone, and those
 * that name none; of both those that name its port, and those that name none. The rules left out would not match, and
 * asking them would change nothing.
 */
export class ChainIndex {
  readonly #rules: readonly PlacedRule[];
  readonly #anyAddress = new Bucket();
  readonly #byAddress = new Map<number | bigint, Bucket>();
  readonly #ports = new Set<number>();
  /** What was found before, by address and port; of addresses that no rule names: together. */
  readonly #known = new Map<number | bigint | undefined, Map<number, readonly PlacedRule[]>>();
  #kept = 0;

  constructor(rules: readonly PlacedRule[]) {
    this.#rules = rules;
    for (const [place, { rule }] of rules.entries()) {
      const address = addressOf(rule);
      const port = portOf(rule);
      if (port !== undefined) this.#ports.add(port);
      this.#bucketOf(address).add(place, port);
    }
  }

  rulesFor(packet: Packet): readonly PlacedRule[] {
    const key = keyOf(packet.destination);
    const address = this.#byAddress.has(key) ? key : undefined;
    const exact = packet.protocol === 'icmp' ? otherPort : portKey(numberOf(packet), packet.destinationPort);
    const port = this.#ports.has(exact) ? exact : otherPort;
    const found = this.#known.get(address)?.get(port);
    return found ?? this.#find(address, port);
  }

  #find(address: number | bigint | undefined, port: number): readonly PlacedRule[] {
    const own = address === undefined ? undefined : this.#byAddress.get(address);
    const places = [...this.#anyAddress.places(port), ...(own?.places(port) ?? [])].sort((a, b) => a - b);
    const found = places.map((place) => this.#rules[place]).filter((rule) => rule !== undefined);
    if (this.#kept++ >= mostKept) {
      this.#known.clear();
      this.#kept = 1;
    }
    const known = this.#known.get(address) ?? new Map<number, readonly PlacedRule[]>();
    this.#known.set(address, known.set(port, found));
    return found;
  }

  #bucketOf(address: number | bigint | undefined): Bucket {
    if (address === undefined) return this.#anyAddress;
    const bucket = this.#byAddress.get(address) ?? new Bucket();
    this.#byAddress.set(address, bucket);
    return bucket;
  }
}

/** The one destination of a rule. */
function addressOf({ destination }: Rule): number | bigint | undefined {
  if (destination === undefined || destination.not) return undefined;
  const { address, length } = destination.value;
  return length === addressBits(address) ? keyOf(address) : undefined;
}

/** The one port of a rule, if nothing is asked before it that leaves traces. */
function portOf({ protocol, matches }: Rule): number | undefined {
  if (protocol === undefined || protocol.not) return undefined;
  for (const { destinationPort, leavesTraces } of matches) {
    if (destinationPort !== undefined) return portKey(protocol.value, destinationPort);
    if (leavesTraces === true) return undefined;
  }
  return undefined;
}

function portKey(protocol: number, port: number): number {
  return protocol * 65_536 + port;
}
