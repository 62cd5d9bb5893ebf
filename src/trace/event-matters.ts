import type { WorldEvent } from '../cluster/world.ts';
import { absolute, isWithin, lower } from '../dns/name.ts';
import { parseZoneFile } from '../dns/zone-file.ts';
import type { TraceId } from '../engine/recorder.ts';
import { splitEndpoint } from '../network/address.ts';
import { fillersIn } from './account/earlier.ts';
import { rootOf } from './evidence.ts';
import { questionsIn } from './questions.ts';
import { recordsBelow, type TraceRecord } from './records.ts';
import type { Scene } from './scene.ts';

/** What lookups had to do with. */
interface Met {
  /** Hosts, processes and servers by name; Services by that without its namespace. */
  readonly places: ReadonlySet<string>;
  /** Absolute, in small letters: what anybody asked for. */
  readonly names: ReadonlySet<string>;
}

/** Of events, those that lookups can have felt; what these met is read where there are any. */
export function feltBy<E extends WorldEvent>(
  lookups: readonly TraceId[],
  events: readonly E[],
  scene: Scene,
): readonly E[] {
  if (events.length === 0) return [];
  const met = metBy(lookups, scene);
  return events.filter((event) => matters(event, met, scene));
}

/** What lookups met, and those that had filled the caches on their way. */
function metBy(lookups: readonly TraceId[], scene: Scene): Met {
  const [places, names] = [new Set<string>(), new Set<string>()];
  const roots = new Set(lookups);
  for (const root of roots) {
    const records = [...recordsBelow(scene.store, root)];
    for (const record of records) for (const place of placesIn(record, scene)) places.add(place);
    for (const { name } of questionsIn(records).values()) names.add(lower(absolute(name)));
    for (const { by } of fillersIn(records)) roots.add(rootOf(scene.store, by));
  }
  return { places, names };
}

/** Where it was written, and whom it names by address: of what is lost on its way nobody else tells. */
function placesIn({ row }: TraceRecord, scene: Scene): string[] {
  const addresses = addressColumns.flatMap((column) => {
    // The columns of a row are accessors of its class.
    const value: unknown = Reflect.get(row, column);
    return typeof value === 'string' && value !== '' ? value.split(' ') : [];
  });
  return [row.at, ...addresses.map((one) => scene.nameOf(addressOf(one)))];
}

const addressColumns = ['source', 'destination', 'to', 'server', 'upstream', 'upstreams', 'peer'] as const;

function addressOf(text: string): string {
  return /^\[.*\]:\d+$|^[^:]+:\d+$/.test(text) ? splitEndpoint(text).address : text;
}

/** Can an event have had to do with lookups that met that? Of what happens to the whole cluster nobody knows that it has not. */
function matters(event: WorldEvent, { places, names }: Met, { world }: Pick<Scene, 'world'>): boolean {
  switch (event.kind) {
    case 'set-server':
      return places.has(event.server);
    case 'replace-zone':
      return places.has(event.server) && [...names].some((name) => isWithin(name, lower(absolute(event.zone))));
    case 'change-records':
      return places.has(event.server) && changedNames(event).some((owner) => isAsked(owner, names));
    case 'set-endpoints':
    case 'delete-service':
      return isMet(event.service, places, names);
    case 'set-service':
      return isMet(event.service.name, places, names);
    case 'kube-proxy':
    case 'command':
      return places.has(event.host);
    case 'restart':
      return places.has(event.process) || !world.servers.some(({ name }) => name === event.process);
    case 'set-link':
      return [event.ends.from, event.ends.to].every((end) => {
        return places.has(end) || ![...world.hosts, ...world.servers].some(({ name }) => name === end);
      });
    default:
      return true;
  }
}

function changedNames({ replace, zone }: { readonly replace: readonly string[]; readonly zone: string }): string[] {
  const text = replace.join('\n');
  return parseZoneFile({ file: '', text }, absolute(zone), []).map(({ record }) => lower(record.name));
}

function isAsked(owner: string, names: ReadonlySet<string>): boolean {
  return owner.startsWith('*.') ? [...names].some((name) => isWithin(name, owner.slice(2))) : names.has(owner);
}

/** `service`: `namespace/name`; by its address, or by its name. */
function isMet(service: string, places: ReadonlySet<string>, names: ReadonlySet<string>): boolean {
  const [namespace = '', own = ''] = service.split('/');
  return places.has(own) || [...names].some((name) => name.includes(`${own}.${namespace}.svc.`));
}
