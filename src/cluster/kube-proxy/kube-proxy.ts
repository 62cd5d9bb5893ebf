import { type Distribution, draw } from '../../engine/distribution.ts';
import { type Process, sleep, type Task } from '../../engine/process.ts';
import { noTrace } from '../../engine/recorder.ts';
import { type Micros, minute } from '../../engine/time.ts';
import { type AddressFamily, familyOf } from '../../network/address.ts';
import { proxySync } from '../records.ts';
import type { Watch } from '../watch.ts';
import { cleanedUp } from './clean-up.ts';
import type { CleanUpRule } from './clean-up-releases.ts';
import { chooseEndpoints, isProxied } from './endpoint-choice.ts';
import { familyOfCidr, ServicesOfFamily } from './families.ts';
import { type Proxier, type ProxierSite, type Services, settle } from './proxier.ts';
import { type Pace, SyncRunner } from './runner.ts';

/** How the kube-proxy of a node hears of changes, when it syncs, and what it cleans up. */
export interface KubeProxySettings {
  /** From a change in the API until the watch has told kube-proxy of it. */
  readonly delay: Distribution;
  readonly pace: Pace;
  /** Syncs that follow the first write only what has changed. */
  readonly partialSync: boolean;
  /** Absent: no flow is ever deleted. */
  readonly cleanUp?: CleanUpRule;
}

type KnownServices = Pick<Watch, 'services' | 'listed'>;

/** Everything is written anew at the first sync after this (proxyutil.FullSyncPeriod). */
const fullSyncPeriod = 60 * minute;

/**
 * kube-proxy on one node, for one family of addresses: hears of Services and end points from the API, brings the
 * node's rules in step with them as often as it may, and then deletes flows that lead astray.
 */
export class KubeProxy {
  readonly #site: ProxierSite;
  readonly #proxier: Proxier;
  readonly #settings: KubeProxySettings;
  /** What its process knows of the API. */
  readonly #watch: KnownServices;
  readonly #family: AddressFamily;
  readonly #own: ServicesOfFamily;
  /** Its process; undefined: stopped. */
  #task: Task | undefined;
  /** Looks every syncPeriod whether somebody has flushed its rules. */
  #monitor: Task | undefined;
  #runner: SyncRunner;
  /** It has the lists that a watch goes on from. */
  #watches = true;
  /** What it has heard from the API. */
  #seen: Services = [];
  /** What a sync was last begun with: events since then are still to be looked at. */
  #begun: Services = [];
  /** What the rules in place were made of. */
  #inRules: Services = [];
  #nextFull = 0;
  /** The watch tells of changes in their order. */
  #heardUntil: Micros = 0;
  #isFrozen = false;
  /** What came in while it was frozen. */
  #unheard: Services | undefined;
  #restoresFail = false;

  /** It has run for a while: its rules are in when it stands. */
  constructor(site: ProxierSite, proxier: Proxier, settings: KubeProxySettings, watch: KnownServices) {
    this.#site = site;
    this.#proxier = proxier;
    this.#settings = settings;
    this.#watch = watch;
    this.#family = familyOfCidr(site.podCidr);
    this.#own = new ServicesOfFamily(this.#family);
    const services = this.#own.of(watch.services);
    settle(proxier, services);
    this.#seen = services;
    this.#begun = services;
    this.#inRules = services;
    this.#nextFull = fullSyncPeriod;
    this.#runner = this.#newRunner();
    this.#task = site.simulation.spawn(this.#runner.run(true));
    const { syncPeriod } = settings.pace;
    const phase = site.simulation.stream(`${this.#stream}/monitor`).span(0, syncPeriod);
    this.#monitor = site.simulation.spawn(this.#watchRules(phase));
  }

  /** The API shows other Services or end points. */
  changed(services: Services): void {
    const { simulation } = this.#site;
    const task = this.#task;
    if (task === undefined || !this.#watches) return;
    this.#heardUntil = Math.max(this.#heardUntil, simulation.now + this.#delay());
    const hear = () => {
      if (this.#task === task) this.#hear(services);
    };
    if (this.#heardUntil === simulation.now) hear();
    else simulation.at(this.#heardUntil, hear);
  }

  /** The process ends; its rules stay. */
  stop(): void {
    this.#task?.kill();
    this.#task = undefined;
    this.#monitor?.kill();
    this.#isFrozen = false;
    this.#unheard = undefined;
    this.#proxier.stop();
  }

  /** The process starts: it writes nothing before it has both lists, and everything then. */
  start(): void {
    if (this.#task !== undefined) return;
    this.#watches = false;
    this.#runner = this.#newRunner();
    this.#task = this.#site.simulation.spawn(this.#begin());
  }

  /** It hears of nothing more, as if it hung. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** It goes on, and hears of all that it missed. */
  thaw(): void {
    this.#isFrozen = false;
    const unheard = this.#unheard;
    this.#unheard = undefined;
    if (unheard !== undefined) this.#hear(unheard);
  }

  /** From now on its restores fail, or succeed again. */
  setRestoresFail(fail: boolean): void {
    this.#restoresFail = fail;
  }

  /** Front of the names of its random streams. */
  get #stream(): string {
    return `kube-proxy/${this.#site.host.host}${this.#family === 'ipv4' ? '' : '/ipv6'}`;
  }

  #delay(): Micros {
    const { simulation } = this.#site;
    return draw(this.#settings.delay, simulation.stream(`${this.#stream}/watch`));
  }

  #newRunner(): SyncRunner {
    return new SyncRunner(this.#site.simulation, this.#settings.pace, () => this.#sync());
  }

  #hear(services: Services): void {
    if (this.#isFrozen) {
      this.#unheard = services;
      return;
    }
    this.#seen = this.#own.of(services);
    this.#runner.request();
  }

  *#begin(): Process {
    yield* this.#watch.listed();
    yield* sleep(this.#delay());
    this.#watches = true;
    this.#seen = this.#own.of(this.#watch.services);
    this.#begun = [];
    this.#inRules = [];
    this.#nextFull = this.#site.simulation.now;
    this.#proxier.start();
    this.#monitor = this.#site.simulation.spawn(this.#watchRules(this.#settings.pace.syncPeriod));
    yield* this.#runner.run(yield* this.#sync());
  }

  *#watchRules(first: Micros): Process {
    const { syncPeriod } = this.#settings.pace;
    if (syncPeriod === 0 || this.#proxier.isIntact === undefined) return;
    for (yield* sleep(first); ; yield* sleep(syncPeriod)) {
      if (this.#isFrozen || this.#proxier.isIntact()) continue;
      this.#nextFull = this.#site.simulation.now;
      this.#proxier.start();
      this.#runner.request();
    }
  }

  /** One sync. One that fails has used up the events it was for: nothing is deleted for them, and the next is full. */
  *#sync(): Process<boolean> {
    const { simulation, host } = this.#site;
    const services = this.#seen;
    const begun = this.#begun;
    this.#begun = services;
    const full = !this.#settings.partialSync || simulation.now >= this.#nextFull;
    const note = (cause: 'full' | 'partial' | 'failed') => {
      if (simulation.recorder.counted(proxySync, cause)) return;
      const endpoints = this.#reachable(services);
      simulation.recorder.write(proxySync, host.host, noTrace, cause, { family: this.#family, endpoints });
    };
    if (this.#restoresFail) {
      this.#nextFull = simulation.now;
      note('failed');
      return false;
    }
    for (const { after, take } of this.#proxier.sync({ services, before: this.#inRules, full })) {
      if (after > 0) yield* sleep(after);
      take();
    }
    this.#inRules = services;
    if (full) this.#nextFull = simulation.now + fullSyncPeriod;
    const { cleanUp } = this.#settings;
    if (cleanUp !== undefined) {
      const isStale = cleanedUp(cleanUp, begun, services);
      host.conntrack.delete((flow) => familyOf(flow.original.destination) === this.#family && isStale(flow));
    }
    note(full ? 'full' : 'partial');
    return true;
  }

  /** `10.96.0.10=10.244.1.3 …`: of each Service the end points that traffic from this node can come to. */
  #reachable(services: Services): string {
    const { host, release } = this.#site;
    const pairs = services.filter(isProxied).flatMap((service) => {
      const { reachable } = chooseEndpoints(service, host.host, release);
      return reachable.map(({ address }) => `${service.address}=${address}`);
    });
    return pairs.join(' ');
  }
}
