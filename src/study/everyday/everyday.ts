import type { Source } from '../../problem/problem.ts';
import type { Change } from '../../scenario/changes/change.ts';
import { plainAt } from '../../scenario/document.ts';
import { formatDuration } from '../../scenario/duration.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { type Wants, wantsOf } from './upstreams.ts';

/** How a scenario has to be changed so that Corefiles run in it, and what that means in words. */
export interface Surroundings {
  readonly changes: readonly Change[];
  /** A sentence each. */
  readonly said: readonly string[];
}

const from = 'the everyday cluster';

/**
 * Fits an everyday cluster to Corefiles that come without one: every upstream that they name is there and resolves the
 * internet; the minute in which an upstream is silent strikes the one that each of them asks first; every zone with an upstream of
 * its own has a name, and somebody who looks it up. All of them run in one and the same cluster.
 */
export function everydayAround(corefiles: readonly Source[], everyday: Scenario): Surroundings {
  const [resolvConf] = Object.values(everyday.artefacts.resolvConfs);
  const wants = corefiles.map((corefile) => wantsOf(corefile, resolvConf?.text ?? ''));
  const upstreams = addedUpstreams(wants, everyday);
  const stubs = [...new Set(wants.flatMap((want) => want.stubs))];
  return {
    changes: [
      ...upstreams.changes,
      ...outages(wants, upstreams.nameOf, everyday),
      ...stubZones(stubs, everyday),
      ...domainOf(wants),
    ],
    said: [
      ...(upstreams.added.length === 0
        ? []
        : [`A resolver answers at each upstream of the Corefile: ${upstreams.added.join(', ')}.`]),
      ...(stubs.length === 0
        ? []
        : [`Each stub zone has a name that is looked up: ${stubs.map(stubName).join(', ')}.`]),
      ...domainSaid(wants),
    ],
  };
}

function value(path: readonly (string | number)[], it: unknown): Change {
  return { kind: 'value', file: from, path, value: it };
}

function addedUpstreams(wants: readonly Wants[], { definition }: Scenario) {
  const { servers, cluster } = definition;
  const names = new Map(Object.entries(servers).map(([name, { address }]) => [address, name]));
  const taken = [cluster.coredns.serviceIP, ...Object.values(cluster.nodes).map(({ address }) => address)];
  const added = [...new Set(wants.flatMap(({ upstreams }) => upstreams))].filter(
    (address) => !names.has(address) && !taken.includes(address) && !/^(127|169\.254|0)\./.test(address),
  );
  const model = Object.values(servers).find(({ role }) => role === 'recursor');
  for (const address of added) names.set(address, `dns-${address.replaceAll('.', '-')}`);
  const upstreamsOf = model?.role === 'recursor' ? model.upstreams : {};
  const software = model?.role === 'recursor' ? model.software : 'bind';
  return {
    added,
    nameOf: (address: string) => names.get(address),
    changes: [
      ...added.map((address) =>
        value(['servers', names.get(address) ?? ''], { role: 'recursor', software, address, upstreams: upstreamsOf }),
      ),
      ...wants.flatMap(({ secure }) =>
        [...secure].flatMap(([address, key]) => {
          const name = names.get(address);
          return name === undefined ? [] : [value(['servers', name, 'tls'], key)];
        }),
      ),
    ],
  };
}

/**
 * The everyday events with the upstreams that are asked first, in place of its own: one after the other is silent, never
 * two at once, so that a Corefile that asks another one first is not better off.
 */
function outages(
  wants: readonly Wants[],
  nameOf: (address: string) => string | undefined,
  { definition, written }: Scenario,
): Change[] {
  const first = [...new Set(wants.flatMap((want) => (want.first === undefined ? [] : (nameOf(want.first) ?? []))))];
  if (first.length === 0) return [];
  const times = definition.events.flatMap(({ at, setServer }) => (setServer === undefined ? [] : [at]));
  const lasting = Math.max(...times) - Math.min(...times);
  const events = definition.events.flatMap(({ at, label = '', setServer }, i): unknown[] => {
    const event = plainAt(written, ['events', String(i)]);
    if (setServer === undefined) return [event];
    return first.map((server, nth) => ({
      ...Object(event),
      at: formatDuration(at + nth * lasting),
      label: label.replace(setServer.server, server),
      setServer: { ...Object(plainAt(event, ['setServer'])), server },
    }));
  });
  return [value(['events'], events)];
}

const stubName = (zone: string): string => `host.${zone}`;

/** Every stub zone has a host, known to the server that stands for the internet. */
function stubZones(stubs: readonly string[], { artefacts, definition }: Scenario): Change[] {
  const [server, zones] = Object.entries(artefacts.zones)[0] ?? [];
  const [pod] = Object.keys(definition.pods);
  const [origin, zone] = Object.entries(zones ?? {})[0] ?? [];
  if (stubs.length === 0 || server === undefined || origin === undefined || zone === undefined || pod === undefined)
    return [];
  const records = stubs.map((stub, i) => `${stubName(stub)}. 300 IN A 10.2.${Math.floor(i / 250)}.${(i % 250) + 1}`);
  return [
    value(['servers', server, 'zones', origin], `${zone.text}${records.join('\n')}\n`),
    ...stubs.map((stub, i) =>
      value(['workloads', `stub-${i + 1}`], { pod, lookup: stubName(stub), at: '1.6s', every: '2s' }),
    ),
  ];
}

function domainOf(wants: readonly Wants[]): Change[] {
  const domain = wants.find((want) => want.domain !== undefined)?.domain;
  return domain === undefined ? [] : [value(['cluster', 'domain'], domain)];
}

function domainSaid(wants: readonly Wants[]): string[] {
  const [domain, ...others] = [...new Set(wants.flatMap((want) => want.domain ?? []))];
  if (domain === undefined || (domain === 'cluster.local' && others.length === 0)) return [];
  const not = others.length === 0 ? '' : `, not ${others.join(' or ')}`;
  return [`The domain of the cluster is ${domain}${not}.`];
}
