// Conntrack's table with live entries of masqueraded UDP flows, half of whose tuples are asked for by answers.

import type { Connection, Tuple } from '../src/kernel/conntrack/connection.ts';
import { ConntrackTable } from '../src/kernel/conntrack/table.ts';
import { usedMemory } from './measure.ts';

const node = 0xc0a86402;
const server = 0xc0a86401;

function tupleOf(i: number): Tuple {
  const [source, sourcePort] = [0x0af40000 + Math.floor(i / 50_000), 1024 + (i % 50_000)];
  return { protocol: 'udp', source, sourcePort, destination: server + Math.floor(i / 60_000), destinationPort: 53 };
}

function replyOf(i: number): Tuple {
  const { destination } = tupleOf(i);
  return {
    protocol: 'udp',
    source: destination,
    sourcePort: 53,
    destination: node,
    destinationPort: 1024 + (i % 60_000),
  };
}

function entry(i: number): Connection {
  return {
    slot: -1,
    original: tupleOf(i),
    reply: replyOf(i),
    destinationDecided: true,
    sourceDecided: true,
    destinationChanged: false,
    sourceChanged: true,
    masqueradeDevice: 2,
    seenReply: true,
    assured: false,
    replyOnly: false,
    state: 'NONE',
    tcp: undefined,
    created: i,
    expires: i + 30_000_000,
    mark: 0,
    id: i,
    trace: i,
  };
}

export class FilledTable {
  readonly #table = new ConntrackTable(1);
  readonly #tuples: Tuple[];
  /** Octets that an entry takes. */
  readonly octetsPerEntry: number;

  constructor(entries: number, lookups: number) {
    const before = usedMemory();
    for (let i = 0; i < entries; i++) this.#table.insert(entry(i));
    this.octetsPerEntry = (usedMemory() - before) / entries;
    // Entries in no order, so that the next is not beside the last.
    this.#tuples = Array.from({ length: lookups }, (_, n) => {
      const i = (n * 7919) % entries;
      return n % 2 === 0 ? tupleOf(i) : replyOf(i);
    });
  }

  /** Looks all its tuples up; how many were found. */
  lookUp(): number {
    let found = 0;
    for (const tuple of this.#tuples) if (this.#table.find(tuple) !== undefined) found++;
    return found;
  }
}
