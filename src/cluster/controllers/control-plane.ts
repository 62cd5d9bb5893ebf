import type { Process } from '../../engine/process.ts';
import { noTrace } from '../../engine/recorder.ts';
import type { Simulation, Timer } from '../../engine/simulation.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { ApiServer } from '../api-server.ts';
import { Gate } from '../gate.ts';
import { controlPlaneTurn } from '../records.ts';
import type { WatchRules } from '../retries.ts';
import type { Watch } from '../watch.ts';

/** Leader election of kube-controller-manager and kube-scheduler (--leader-elect-…; client-go leaderelection.go). */
const retryPeriod = 2 * second;
const renewDeadline = 10 * second;
const leaseDuration = 15 * second;
/** JitterFactor: who is not the leader tries again after 1 to 2.2 retry periods. */
const jitter = 1.2;

interface Settings {
  readonly simulation: Simulation;
  /** `kube-controller-manager` or `kube-scheduler`. */
  readonly name: string;
  readonly api: ApiServer;
  readonly rules: WatchRules;
  /** Called when a successor begins. */
  readonly told: (label: string) => void;
}

/**
 * A component of the control plane, which acts on what the API server tells. Without an API server it does nothing; one
 * that could not renew its lease for 10 s ends, and its successor waits until that lease has run out: 15 s after it
 * first sees it.
 */
export class ControlPlane {
  readonly #settings: Settings;
  readonly #watch: Watch;
  readonly #acts = new Gate(() => this.#vacantSince === undefined && this.#watch.stands);
  readonly #successions: (() => void)[] = [];
  /** While it cannot renew its lease: when it gives up. */
  #givesUpAt: Micros | undefined;
  /** Since when nobody leads: a successor tries to. */
  #vacantSince: Micros | undefined;
  #succession: Timer | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    const { api, name, rules } = settings;
    this.#watch = api.watch(name, rules, 'control-plane');
    api.onTurn(() => this.#turn());
  }

  /** Does it now, or as soon as there is an API server and a leader that has heard of it; in order. */
  run(act: () => void): void {
    this.#acts.whenOpen(act);
  }

  /** Ends when it can act. */
  acting(): Process {
    return this.#acts.opened();
  }

  /** Called when a successor begins, which knows of nothing but what the API server holds. */
  onSuccession(begun: () => void): void {
    this.#successions.push(begun);
  }

  #turn(): void {
    const { api } = this.#settings;
    this.#succession?.cancel();
    if (!api.isReachable('control-plane')) this.#loseSight();
    else if (this.#vacantSince !== undefined) this.#succeed(this.#vacantSince);
    else if (this.#givesUpAt !== undefined) this.#goOn();
  }

  #loseSight(): void {
    const { simulation } = this.#settings;
    if (this.#vacantSince !== undefined || this.#givesUpAt !== undefined) return;
    const end = simulation.now + this.#draws.span(0, retryPeriod) + renewDeadline;
    this.#givesUpAt = end;
    simulation.at(end, () => {
      if (this.#givesUpAt !== end) return;
      this.#givesUpAt = undefined;
      this.#vacantSince = end;
      this.#record('ended', 'it could not renew its lease for 10 s');
    });
  }

  /** It leads on; what it missed it hears when its watch stands again. */
  #goOn(): void {
    this.#givesUpAt = undefined;
    this.#watch.whenStanding(() => this.#catchUp());
  }

  #succeed(since: Micros): void {
    const { simulation } = this.#settings;
    const next = () => this.#draws.span(retryPeriod, (1 + jitter) * retryPeriod);
    let seen = since;
    while (seen < simulation.now) seen += next();
    let leads = seen;
    while (leads < seen + leaseDuration) leads += next();
    this.#succession = simulation.at(leads, () => {
      this.#vacantSince = undefined;
      this.#record(
        'leads',
        `the lease of the one before had run out, ${leaseDuration / second} s after it was first seen`,
      );
      this.#settings.told(`${this.#settings.name} leads again`);
      for (const begun of this.#successions) begun();
      this.#watch.whenStanding(() => this.#catchUp());
    });
  }

  #catchUp(): void {
    if (this.#vacantSince !== undefined) return;
    this.#acts.open();
  }

  get #draws() {
    const { simulation, name } = this.#settings;
    return simulation.stream(`life/leader/${name}`);
  }

  #record(cause: string, text: string): void {
    const { simulation, name } = this.#settings;
    simulation.recorder.write(controlPlaneTurn, name, noTrace, cause, { text });
  }
}
