import type { RandomStream } from '../../../engine/random.ts';
import type { Simulation } from '../../../engine/simulation.ts';
import { formatAddress, formatEndpoint } from '../../../network/address.ts';
import type { Endpoint } from '../../../network/packet.ts';
import type { Sessions, TlsClient } from '../../../transport/tls/client.ts';
import type { PluginSetup } from '../../plugin.ts';
import type { ReleaseName } from '../../releases.ts';
import { Connections } from './connections.ts';
import { Health } from './health.ts';
import { type ForwardMetrics, forwardMetrics } from './metrics.ts';
import { defaultOptions, type ForwardOptions, type Undialled } from './options.ts';
import { makePolicy, type Policy } from './policy.ts';
import { type ForwardBehaviour, forwardBehaviour } from './releases.ts';

/** One server that a forward line names. */
export interface Upstream {
  readonly to: Endpoint;
  /** `10.0.0.1:53` */
  readonly name: string;
  /** Is it asked over TLS? */
  readonly secure: boolean;
  readonly connections: Connections;
  readonly health: Health;
}

/** Where an upstream is, and how it is spoken to. */
export interface Destination {
  readonly to: Endpoint;
  readonly secure: boolean;
  /** `tls://ADDRESS%NAME`; empty without. */
  readonly serverName: string;
  readonly undialled: Undialled | undefined;
  readonly isProbed: boolean;
}

/** One forward line at work. */
export interface Forward {
  readonly options: ForwardOptions;
  readonly behaviour: ForwardBehaviour;
  readonly release: ReleaseName;
  readonly policy: Policy;
  readonly metrics: ForwardMetrics;
  readonly simulation: Simulation;
  readonly owner: string;
  readonly draws: RandomStream;
  readonly sessions: Sessions;
  upstreams: readonly Upstream[];
  /** Queries in flight. */
  concurrent: number;
}

/** What forward needs of the process. */
export type Surroundings = Pick<
  PluginSetup,
  | 'simulation'
  | 'sockets'
  | 'owner'
  | 'release'
  | 'metrics'
  | 'files'
  | 'log'
  | 'directive'
  | 'notModelled'
  | 'spawn'
  | 'duringSetup'
  | 'onStartup'
  | 'onShutdown'
  | 'onCollected'
  | 'decided'
> & { readonly block: Pick<PluginSetup['block'], 'root'> };

/** What the upstreams of a forward line share; they are still to be added. */
export function makeForward(setup: Surroundings, options: ForwardOptions): Forward {
  const { simulation, owner } = setup;
  const behaviour = forwardBehaviour(setup.release.name);
  return {
    options,
    behaviour,
    release: setup.release.name,
    policy: makePolicy(options.policy, behaviour.policiesKeepOrder, simulation.stream(`${owner}/forward/policy`)),
    metrics: forwardMetrics(setup.metrics, setup.release.name),
    simulation,
    owner,
    draws: simulation.stream(`${owner}/forward`),
    sessions: new Map(),
    upstreams: [],
    concurrent: 0,
  };
}

/** Go's client takes the address for the server's name where none is given. */
function tlsClient({ options, behaviour, sessions }: Forward, { to, serverName }: Destination): TlsClient {
  return {
    serverName: serverName || options.serverName || formatAddress(to.address),
    roots: options.roots,
    sessions: behaviour.keepsTlsSessions ? sessions : undefined,
    helloOctets: behaviour.helloOctets,
  };
}

/** A destination of a forward line, with its connections and the probes of its health. */
export function makeUpstream(setup: Surroundings, forward: Forward, destination: Destination): Upstream {
  const { to, secure, undialled, isProbed } = destination;
  const { simulation, sockets, owner } = setup;
  const { options, behaviour, metrics } = forward;
  const name = undialled?.name ?? formatEndpoint(to);
  const { expire, maxAge, maxIdle } = options;
  const receiveErrors = behaviour.seesUnreachable;
  const tls = secure ? tlsClient(forward, destination) : undefined;
  return {
    to,
    name,
    secure,
    connections: new Connections({
      simulation,
      sockets,
      owner,
      to,
      undialled,
      tls,
      reuse: behaviour.reuse,
      expire,
      maxAge,
      maxIdle,
      cleanupEvery: behaviour.cleansUpByExpire && expire > 0 ? expire : defaultOptions.expire,
      receiveErrors,
    }),
    health: new Health({
      simulation,
      sockets,
      owner,
      to,
      name,
      isDialled: undialled === undefined,
      options: options.health,
      maxFails: isProbed ? options.maxFails : 0,
      behaviour,
      protocol: secure || (options.forceTcp && behaviour.probesFollowForceTcp) ? 'tcp' : 'udp',
      tls,
      draws: simulation.stream(`${owner}/forward/health`),
      spawn: (process) => setup.spawn(process),
      onFailure: () => metrics.probeFailed(name),
    }),
  };
}
