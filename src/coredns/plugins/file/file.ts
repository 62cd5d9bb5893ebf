import { replyTo } from '../../../dns/build.ts';
import type { Zone } from '../../../dns/zone.ts';
import { type Process, sleep } from '../../../engine/process.ts';
import { type Micros, minute } from '../../../engine/time.ts';
import { formatGoDuration, goDuration } from '../../corefile/go-values.ts';
import type { Plugin, PluginSetup, Request } from '../../plugin.ts';
import { Fallthrough, longestZone, originsOf } from '../../zones.ts';
import { lookUp } from './lookup.ts';
import { parseZone } from './zone-source.ts';

/** A zone and the file that it is read from again and again. */
interface Served {
  readonly origin: string;
  readonly file: string;
  readonly reload: Micros;
  readonly fallthrough: Fallthrough;
  /** Undefined: the file has not been there yet. */
  zone: Zone | undefined;
}

/** `file FILE [ZONES…] { reload DURATION; fallthrough }`: an authoritative server of zone files. */
export function setUpFile(setup: PluginSetup): Plugin {
  const zones = new Map(parse(setup).map((served) => [served.origin, served]));
  for (const served of zones.values()) {
    if (served.reload > 0)
      setup.onStartup(() => {
        setup.spawn(readAgain(setup, served));
      });
  }
  const outside = (request: Request, type: string) =>
    function* (target: string) {
      const reply = yield* setup.lookup(request, target, type);
      return reply?.answer ?? [];
    };
  return {
    name: 'file',
    *handle(request, next) {
      const [question] = request.message.question;
      const name = question?.name.toLowerCase() ?? '.';
      const served = zones.get(longestZone([...zones.keys()], name) ?? '');
      if (question === undefined || served === undefined) {
        setup.decided(request, 'not-its-zone', '');
        return yield* next(request);
      }
      if (served.zone === undefined) return { rcode: 'SERVFAIL' };
      const { type } = question;
      const found = yield* lookUp(served.zone, name, type, setup.release.name, outside(request, type));
      if (found.rcode === 'NXDOMAIN' && served.fallthrough.through(name)) {
        setup.decided(request, 'fallthrough', '');
        return yield* next(request);
      }
      const { rcode, aa, answer, authority, additional } = found;
      setup.decided(request, aa ? 'answered' : 'delegated', rcode);
      const reply = replyTo(request.message, rcode);
      return { rcode: 'NOERROR', reply: { ...reply, flags: { ...reply.flags, aa }, answer, authority, additional } };
    },
  };
}

function* readAgain({ files, log, release }: PluginSetup, served: Served): Process {
  const { origin, file, reload } = served;
  for (;;) {
    yield* sleep(reload);
    const text = files.read(file);
    if (text === undefined) {
      log.error(
        `Failed to open zone ${JSON.stringify(origin)} in ${JSON.stringify(file)}: open ${file}: no such file or directory`,
      );
      continue;
    }
    const parsed = parseZone(file, text, origin, release.name);
    if ('error' in parsed) {
      log.error(`Parsing zone ${JSON.stringify(origin)}: ${parsed.error}`);
      continue;
    }
    const serial = parsed.value.soa?.data.serial;
    if (serial === served.zone?.soa?.data.serial) continue;
    served.zone = parsed.value;
    log.info(
      `Successfully reloaded zone ${JSON.stringify(origin)} in ${JSON.stringify(file)} with ${serial} SOA serial`,
    );
  }
}

function parse(setup: PluginSetup): Served[] {
  const { directive: words } = setup;
  const all: Served[] = [];
  while (words.next()) {
    if (!words.nextArgument()) throw words.argumentError();
    const file = words.value;
    const origins = originsOf(setup, words.remainingArguments());
    const zones = origins.map((origin) => ({ origin, zone: read(setup, file, origin) }));
    const { reload, fallthrough } = parseProperties(setup);
    if (zones.some(({ zone }) => zone === undefined)) {
      const missing = `open ${file}: no such file or directory`;
      if (reload === 0) throw words.plainError(missing);
      setup.log.warning(`Failed to open ${JSON.stringify(missing)}: trying again in ${formatGoDuration(reload)}`);
    }
    all.push(...zones.map(({ origin, zone }) => ({ origin, file, reload, fallthrough, zone })));
  }
  return all;
}

function read({ directive: words, files, release }: PluginSetup, file: string, origin: string): Zone | undefined {
  const text = files.read(file);
  return text === undefined ? undefined : words.taken(parseZone(file, text, origin, release.name));
}

function parseProperties(setup: PluginSetup): { reload: Micros; fallthrough: Fallthrough } {
  const { directive: words } = setup;
  let reload: Micros = minute;
  let fallthrough = Fallthrough.none;
  while (words.nextBlock()) {
    switch (words.value) {
      case 'reload': {
        const [text] = words.remainingArguments();
        if (text === undefined) throw words.plainError('reload duration value is expected');
        reload = words.taken(goDuration(text));
        break;
      }
      case 'fallthrough':
        fallthrough = Fallthrough.of(setup, words.remainingArguments());
        break;
      case 'upstream':
        words.remainingArguments();
        break;
      default:
        throw words.error(`unknown property '${words.value}'`);
    }
  }
  return { reload, fallthrough };
}
