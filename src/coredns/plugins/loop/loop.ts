import { query } from '../../../dns/build.ts';
import { type Process, sleep, timedOut } from '../../../engine/process.ts';
import { second } from '../../../engine/time.ts';
import { isSocketError } from '../../../kernel/socket/socket.ts';
import { formatEndpoint, joinEndpoint, parseAddress } from '../../../network/address.ts';
import { exchangeUdp } from '../../../transport/exchange.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';
import { longestZone } from '../../zones.ts';

const retriesFor = 30 * second;
const retryAfter = 1 * second;
const answerWithin = 2 * second;
/** How long the plugin looks on after its probe was answered. */
const looksFor = 2 * second;
const troubleshooting = 'https://coredns.io/plugins/loop#troubleshooting';

/** `loop`: a query for a random name comes back more than twice: the process ends. */
export function setUpLoop(setup: PluginSetup): Plugin {
  const { directive: words, block, simulation, owner } = setup;
  while (words.nextOnly()) if (words.nextArgument()) throw words.argumentError();
  const zone = block.zones[0] ?? '.';
  const draws = simulation.stream(`${owner}/loop`);
  const number = () => `${1 + draws.integer(9)}${Array.from({ length: 18 }, () => draws.integer(10)).join('')}`;
  const name = `${number()}.${number()}.${zone === '.' ? '' : zone}`;
  const state = { seen: 0, disabled: false, target: '' };
  setup.onStartup(() => {
    setup.spawn(probe(setup, name, state));
  });
  return {
    name: 'loop',
    *handle(request, next) {
      const [question] = request.message.question;
      if (question?.type !== 'HINFO' || state.disabled) return yield* next(request);
      const asked = question.name.toLowerCase();
      if (longestZone([zone], asked) === undefined) return yield* next(request);
      if (asked === name) state.seen++;
      if (state.seen > 2) {
        const way = `${formatEndpoint(request.client)} -> ${state.target}`;
        setup.decided(request, 'loop', way);
        setup.fatal(
          `Loop (${way}) detected for zone ${JSON.stringify(zone)}, see ${troubleshooting}. Query: ${JSON.stringify(`HINFO ${name}`)}`,
        );
      }
      return yield* next(request);
    },
  };
}

function* probe(setup: PluginSetup, name: string, state: { seen: number; disabled: boolean; target: string }): Process {
  const { simulation, block } = setup;
  const [host = ''] = block.listenOn;
  state.target = joinEndpoint(host, block.port);
  const deadline = simulation.now + retriesFor;
  while (simulation.now < deadline) {
    if (yield* exchange(setup, name, host)) {
      yield* sleep(looksFor);
      break;
    }
    state.seen = 0;
    yield* sleep(retryAfter);
  }
  state.disabled = true;
}

/** Was the probe answered? */
function* exchange({ simulation, sockets, owner, block }: PluginSetup, name: string, host: string): Process<boolean> {
  const socket = sockets.udp({ owner });
  if (isSocketError(socket)) return false;
  try {
    const address = parseAddress(host === '' ? '127.0.0.1' : host);
    if (address === undefined || socket.connect({ address, port: block.port }) !== undefined) return false;
    const id = simulation.stream(`${owner}/loop`).integer(65_536);
    const trace = simulation.recorder.trace(0);
    const reply = yield* exchangeUdp(socket, query(id, { name, type: 'HINFO' }), trace, simulation.now + answerWithin);
    return reply !== timedOut && !isSocketError(reply);
  } finally {
    socket.close();
  }
}
