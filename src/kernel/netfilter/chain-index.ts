import { addressBits, keyOf } from '../../network/address.ts';
import type { Packet } from '../../network/packet.ts';
import type { PlacedRule } from './chain.ts';
import type { Rule } from './rule.ts';
import { numberOf } from './rule-tests.ts';

/** The rules about one destination, or about none: their places in the chain, in order, by port where they name one. */
class Bucket {
  readonly #byPort = new Map<number, number[]>();
  readonly #others: number[] = [];
  /** What was found last: most destinations are asked for one port. */
  lastPort: number | undefined;
  last: readonly PlacedRule[] = [];
  readonly found = new Map<number, readonly PlacedRule[]>();

  add(place: number, port: number | undefined): void {
    const places = port === undefined ? this.#others : (this.#byPort.get(port) ?? []);
    places.push(place);
    if (port !== undefined) this.#byPort.set(port, places);
  }

  places(port: number): readonly number[] {
    return [...this.#others, ...(this.#byPort.get(port) ?? [])];
  }
}

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

  constructor(rules: readonly PlacedRule[]) {
    this.#rules = rules;
    for (const [place, { rule }] of rules.entries()) {
      const port = portOf(rule);
      if (port !== undefined) this.#ports.add(port);
      this.#bucketOf(addressOf(rule)).add(place, port);
    }
  }

  rulesFor(packet: Packet): readonly PlacedRule[] {
    const bucket = this.#byAddress.get(keyOf(packet.destination)) ?? this.#anyAddress;
    const exact = packet.protocol === 'icmp' ? otherPort : portKey(numberOf(packet), packet.destinationPort);
    const port = this.#ports.has(exact) ? exact : otherPort;
    if (bucket.lastPort !== port) {
      bucket.last = bucket.found.get(port) ?? this.#find(bucket, port);
      bucket.lastPort = port;
    }
    return bucket.last;
  }

  #find(bucket: Bucket, port: number): readonly PlacedRule[] {
    const own = bucket === this.#anyAddress ? [] : bucket.places(port);
    const places = [...this.#anyAddress.places(port), ...own].sort((a, b) => a - b);
    const rules = places.map((place) => this.#rules[place]).filter((rule) => rule !== undefined);
    bucket.found.set(port, rules);
    return rules;
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
