import type { Process } from '../../../engine/process.ts';
import { formatEndpoint } from '../../../network/address.ts';
import type { Endpoint } from '../../../network/packet.ts';
import type { Handler, Outcome, Plugin, Request } from '../../plugin.ts';
import { type Destination, type Forward, makeForward, makeUpstream, type Surroundings } from './forward.ts';
import { lookUpHost } from './lookup-host.ts';
import { type ForwardOptions, mostUpstreams, type To } from './options.ts';
import { parseForwards } from './parse.ts';
import { forwardQuery, takes } from './query.ts';
import { forwardBehaviour } from './releases.ts';

/** `forward FROM TO… { … }`, one or several. */
export function setUpForward(setup: Surroundings): Plugin {
  const { directive, release, files, block } = setup;
  const notModelled: Surroundings['notModelled'] = (what, at, hint) => setup.notModelled(what, at, hint);
  const warn = (text: string) => setup.log.warning(text);
  const forwards = parseForwards(directive, { release, files, block, notModelled, warn }).map((options) => {
    if (options.to.length > mostUpstreams) {
      throw directive.plainError(`more than ${mostUpstreams} TOs configured: ${options.to.length}`);
    }
    checkSchemes(setup, options);
    return makeForward(setup, options);
  });
  for (const forward of forwards) {
    if (forward.options.to.some((to) => to.kind === 'name')) setup.duringSetup(() => findUpstreams(setup, forward));
    else
      openUpstreams(
        setup,
        forward,
        forward.options.to.flatMap((to) => (to.kind === 'address' ? [destinationAt(to, to.endpoint)] : [])),
      );
    setup.onStartup(() => {
      for (const { connections } of forward.upstreams) setup.spawn(connections.cleanUp());
    });
    setup.onShutdown(() => {
      for (const { health } of forward.upstreams) health.stop();
    });
    // Nobody else stops a transport: a process that goes down keeps its connections to the end.
    setup.onCollected(() => {
      for (const { connections } of forward.upstreams) connections.stop();
    });
  }
  return { name: 'forward', handle: (request, next) => handle(setup, forwards, request, next) };
}

/** What is not plain DNS: not modelled, or (before 1.7.0) plain DNS all the same, and probed by nobody. */
function checkSchemes(setup: Surroundings, { to }: ForwardOptions): void {
  const { namesTlsServers, refusesSchemes } = forwardBehaviour(setup.release.name);
  if (!namesTlsServers && to.some(({ serverName }) => serverName !== ''))
    setup.notModelled('`tls://ADDRESS%NAME` with an IPv6 address, whose name this release takes for a zone,');
  for (const { scheme } of to.filter((one) => !isProbed(one))) {
    if (refusesSchemes) setup.notModelled(`\`${scheme}://\` upstreams`);
    else setup.log.warning(`No healthchecker for transport "${scheme}"`);
  }
}

/** The first forward line that takes the name is asked; `next` goes to the one after it. */
function* handle(setup: Surroundings, forwards: readonly Forward[], request: Request, next: Handler): Process<Outcome> {
  const name = request.message.question[0]?.name ?? '.';
  for (const [i, forward] of forwards.entries()) {
    if (!takes(forward, name)) {
      setup.decided(request, 'not-its-zone', '');
      continue;
    }
    const outcome = yield* forwardQuery(forward, request, i < forwards.length - 1);
    if (outcome !== 'next') return outcome;
  }
  return yield* next(request);
}

function* findUpstreams(setup: Surroundings, forward: Forward): Process {
  const destinations: Destination[] = [];
  for (const to of forward.options.to) {
    if (to.kind === 'address') {
      destinations.push(destinationAt(to, to.endpoint));
      continue;
    }
    const found = yield* lookUpHost(setup, to.name, forward.options.resolvers);
    if (typeof found === 'string') throw setup.directive.plainError(found);
    destinations.push(...found.map((address) => destinationAt(to, { address, port: to.port })));
  }
  openUpstreams(setup, forward, destinations);
}

function destinationAt(destination: To, to: Endpoint): Destination {
  const { scheme, serverName } = destination;
  const undialled = destination.kind === 'address' ? destination.undialled : undefined;
  return { to, secure: scheme === 'tls', serverName, undialled, isProbed: isProbed(destination) };
}

function isProbed({ scheme }: To): boolean {
  return scheme === 'dns' || scheme === 'tls';
}

function openUpstreams(setup: Surroundings, forward: Forward, destinations: readonly Destination[]): void {
  const keyOf = ({ to, secure, serverName }: Destination) => `${secure} ${formatEndpoint(to)} ${serverName}`;
  const once = new Map(destinations.map((one) => [keyOf(one), one]));
  const distinct = forward.behaviour.mergesUpstreams ? [...once.values()] : destinations;
  forward.upstreams = distinct.map((one) => makeUpstream(setup, forward, one));
}
