import { type AddressFamily, defaultRoute, familyOf, parseAddress, parsePrefix } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { Problems } from '../../problem/problem.ts';
import type { WordReader } from '../netfilter/reader.ts';
import type { Word } from '../netfilter/words.ts';
import type { Device } from './device.ts';
import { metricOf, type Route, type RouteKind } from './routes.ts';
import type { IpStack } from './stack.ts';

type IpCommand = (machine: { stack: IpStack }, problems: Problems) => void;

const kinds: readonly RouteKind[] = ['unicast', 'blackhole', 'unreachable', 'prohibit'];

/** `ip [-4|-6] route|link|addr …`, after its first word. */
export function parseIpCommand(reader: WordReader): IpCommand | undefined {
  let word = reader.take('what ip is to change');
  let family: AddressFamily | undefined;
  for (; word?.text === '-4' || word?.text === '-6'; word = reader.take('what ip is to change'))
    family = word.text === '-4' ? 'ipv4' : 'ipv6';
  switch (word?.text) {
    case undefined:
      return undefined;
    case 'r':
    case 'ro':
    case 'route':
      return parseRoute(reader, family);
    case 'l':
    case 'link':
      return parseLink(reader);
    case 'a':
    case 'addr':
    case 'address':
      return parseAddr(reader);
    default:
      reader.problem(
        'unknown-command',
        `\`ip ${word?.text}\` is not known here`,
        'known: ip route, ip link, ip addr',
        word,
      );
      return undefined;
  }
}

function parseRoute(reader: WordReader, family: AddressFamily | undefined): IpCommand | undefined {
  const verb = reader.value(
    'add, append, replace, change, del or flush',
    oneOf(['add', 'append', 'replace', 'change', 'del', 'delete']),
  );
  const kind = kinds.find((k) => k === reader.peek());
  if (kind !== undefined) reader.take('a kind of route');
  const to = reader.value('`default`, an address or a network', (text) =>
    text === 'default' ? text : parsePrefix(text),
  );
  const place = reader.last;
  let via: Address | undefined;
  let device: string | undefined;
  let source: Address | undefined;
  let metric: number | undefined;
  while (reader.peek() !== undefined) {
    const option = reader.take('an option');
    if (option?.text === 'via') via = reader.value('an address', parseAddress);
    else if (option?.text === 'dev') device = reader.take('a device')?.text;
    else if (option?.text === 'src') source = reader.value('an address', parseAddress);
    else if (option?.text === 'metric') metric = reader.value('a number', numberOf);
    else if (option?.text === 'proto' || option?.text === 'scope') reader.take('a word');
    else if (['mtu', 'table', 'pref'].includes(option?.text ?? '')) {
      reader.problem('not-modelled', `\`${option?.text}\` of a route is not modelled`, 'leave it out', option);
      reader.take('its value');
    } else if (option?.text !== 'onlink')
      reader.problem('unknown-option', `\`${option?.text}\` is not known here`, '', option);
  }
  if (verb === undefined || to === undefined) return undefined;
  return ({ stack }, problems) => {
    const destination = to === 'default' ? defaultRoute[family ?? familyOf(via ?? 0)] : to;
    const out = device ?? (via === undefined ? undefined : stack.deviceTowards(via));
    if (device !== undefined && !stack.devices.has(device)) return noDevice(device, place, problems);
    const route: Route = { to: destination, kind: kind ?? 'unicast', via, device: out, source, metric };
    changeRoute(stack, verb, route, device, place, problems);
  };
}

function changeRoute(
  stack: IpStack,
  verb: string,
  route: Route,
  device: string | undefined,
  place: Word,
  problems: Problems,
): void {
  const same = (other: Route) =>
    (device === undefined || other.device === device) &&
    (route.via === undefined || other.via === route.via) &&
    (route.metric === undefined || metricOf(other) === route.metric) &&
    (route.kind === 'unicast' || other.kind === route.kind);
  const { file, line, column } = place;
  if (verb === 'del' || verb === 'delete') {
    if (!stack.routes.remove(route.to, same))
      problems.push({ code: 'no-route', message: 'there is no such route', hint: '', file, line, column });
    return;
  }
  if (verb === 'replace' || verb === 'change')
    while (stack.routes.remove(route.to, (other) => metricOf(other) === metricOf(route)));
  if (route.kind === 'unicast' && route.device === undefined) {
    const hint = 'say `dev`, or a gateway that a route leads to';
    problems.push({ code: 'no-device', message: 'the gateway cannot be reached', hint, file, line, column });
    return;
  }
  stack.routes.add(route);
}

function parseLink(reader: WordReader): IpCommand | undefined {
  const verb = reader.value('set, add or del', oneOf(['set', 'add', 'del', 'delete']));
  if (verb === 'add') return parseLinkAdd(reader);
  if (reader.peek() === 'dev') reader.take('dev');
  const name = reader.take('a device');
  let up: boolean | undefined;
  let mtu: number | undefined;
  while (verb === 'set' && reader.peek() !== undefined) {
    if (reader.peek() === 'mtu') {
      mtu = parseMtu(reader);
      continue;
    }
    const state = reader.value('up or down', oneOf(['up', 'down']));
    if (state !== undefined) up = state === 'up';
  }
  if (verb === undefined || name === undefined) return undefined;
  return withDevice(name, (stack, device) => {
    if (mtu !== undefined) device.mtu = mtu;
    if (verb !== 'set') stack.removeDevice(device);
    else if (up !== undefined) stack.setUp(device, up);
  });
}

/** `mtu 1400`; 68 is the least that IPv4 allows (RFC 791). */
function parseMtu(reader: WordReader): number | undefined {
  reader.take('mtu');
  return reader.value('an MTU from 68 to 65536', (text) => {
    const mtu = /^\d{2,5}$/.test(text) ? Number(text) : 0;
    return mtu >= 68 && mtu <= 65_536 ? mtu : undefined;
  });
}

/** A new device leads nowhere: a dummy, or a veth pair whose ends stay here. */
function parseLinkAdd(reader: WordReader): IpCommand | undefined {
  const names: string[] = [];
  const first = reader.take('a device');
  if (first !== undefined) names.push(first.text);
  while (reader.peek() !== undefined) {
    const option = reader.take('an option');
    if (option?.text === 'type') reader.value('dummy or veth', oneOf(['dummy', 'veth']));
    else if (option?.text === 'peer') {
      if (reader.peek() === 'name') reader.take('name');
      const peer = reader.take('a device');
      if (peer !== undefined) names.push(peer.text);
    } else reader.problem('unknown-option', `\`${option?.text}\` is not known here`, '', option);
  }
  return ({ stack }) => {
    for (const name of names) stack.setUp(stack.addDevice(name, undefined), false);
  };
}

function parseAddr(reader: WordReader): IpCommand | undefined {
  const verb = reader.value('add or del', oneOf(['add', 'del', 'delete', 'replace']));
  const prefix = reader.value('an address with its prefix length', parsePrefix);
  const dev = reader.value('dev', oneOf(['dev']));
  const name = dev === undefined ? undefined : reader.take('a device');
  if (reader.peek() === 'nodad') reader.take('nodad');
  if (verb === undefined || prefix === undefined || name === undefined) return undefined;
  return withDevice(name, (stack, device, problems) => {
    const { file, line, column } = name;
    const there = device.addresses.some((p) => p.address === prefix.address && p.length === prefix.length);
    if (verb === 'add' || verb === 'replace') {
      if (!there) stack.addAddress(device, prefix);
    } else if (!stack.removeAddress(device, prefix))
      problems.push({
        code: 'no-address',
        message: `${name.text} does not have this address`,
        hint: '',
        file,
        line,
        column,
      });
  });
}

function withDevice(name: Word, act: (stack: IpStack, device: Device, problems: Problems) => void): IpCommand {
  return ({ stack }, problems) => {
    const device = stack.devices.get(name.text);
    if (device === undefined) noDevice(name.text, name, problems);
    else act(stack, device, problems);
  };
}

function noDevice(name: string, { file, line, column }: Word, problems: Problems): void {
  problems.push({ code: 'no-device', message: `there is no device ${name}`, hint: '', file, line, column });
}

const numberOf = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

function oneOf<T extends string>(words: readonly T[]): (text: string) => T | undefined {
  return (text) => words.find((word) => word === text);
}
