import { isWithin, labelsOf } from '../../dns/name.ts';
import type { Process } from '../../engine/process.ts';
import { type Asked, ask, type Inquiry, type ProfiledAsker } from './ask.ts';
import type { Memory } from './memory.ts';
import { noteCache } from './note.ts';
import type { Upstream } from './upstream.ts';
import { ZoneRate } from './zone-rate.ts';

/** The servers of a zone. Its own ones are asked without RD (unbound's `stub-zone`, BIND's `static-stub`). */
export interface ZoneServers {
  readonly servers: readonly Upstream[];
  readonly isStub: boolean;
}

/** By zone, in lower case with final dot. */
export type Upstreams = ReadonlyMap<string, ZoneServers>;

/** Asks the servers that there are for a name. */
export class Zones {
  readonly #asker: ProfiledAsker;
  readonly #upstreams: Upstreams;
  readonly #memory: Memory;
  readonly #rate: ZoneRate;

  constructor(asker: ProfiledAsker, upstreams: Upstreams, memory: Memory) {
    this.#asker = asker;
    this.#upstreams = upstreams;
    this.#memory = memory;
    this.#rate = new ZoneRate(asker.profile.zoneLimit, () => asker.simulation.stream(`${asker.name} limits`));
  }

  *ask(inquiry: Inquiry): Process<Asked> {
    const { minimises } = this.#asker.profile;
    const [zone, { isStub }] = this.#serversFor(inquiry.name);
    if (isStub && minimises !== false) yield* this.#uncover(zone, inquiry, minimises);
    return yield* this.#askZone(zone, inquiry);
  }

  /** Asks the servers of a zone; its own ones without RD, and as often as they may be asked. */
  *#askZone(zone: string, inquiry: Inquiry): Process<Asked> {
    const { simulation } = this.#asker;
    const [, { servers, isStub }] = this.#serversFor(inquiry.name);
    if (!isStub) return yield* ask(this.#asker, servers, inquiry);
    const { name, type, trace, patience } = inquiry;
    const admit = () => {
      const mayAsk = this.#rate.admit(zone, simulation.now);
      if (!mayAsk) noteCache(this.#asker, 'limited', { name, type, trace }, { clamp: this.#rate.words(zone) });
      return mayAsk;
    };
    return yield* ask(this.#asker, servers, { name, type, rd: false, trace, patience, admit });
  }

  /** Asks label by label whether there is anything on the way to a name (RFC 9156), without what is known already. */
  *#uncover(zone: string, { name, trace, patience }: Inquiry, type: string): Process {
    const labels = labelsOf(name);
    for (let count = labelsOf(zone).length + 1; count < labels.length; count++) {
      const part = `${labels.slice(-count).join('.')}.`;
      const known = this.#memory.cache.find(part, type, this.#asker.simulation.now);
      if (known?.outcome === 'nxdomain') return;
      if (known !== undefined) continue;
      const asked = yield* this.#askZone(zone, { name: part, type, rd: false, trace, patience });
      const { outcome } = this.#memory.keep(asked, { name: part, type }, this.#asker.simulation.now);
      if (outcome === 'nxdomain' || outcome === 'failed') return;
    }
  }

  /** The servers of the longest zone that holds the name. */
  #serversFor(name: string): [zone: string, servers: ZoneServers] {
    let nearest = '';
    for (const zone of this.#upstreams.keys()) {
      if (isWithin(name, zone) && zone.length > nearest.length) nearest = zone;
    }
    return [nearest, this.#upstreams.get(nearest) ?? { servers: [], isStub: false }];
  }
}
