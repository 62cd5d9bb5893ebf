import { changed, replyTo } from '../../../dns/build.ts';
import type { Zone, ZoneAnswer } from '../../../dns/zone.ts';
import { type Process, sleep } from '../../../engine/process.ts';
import { type Micros, minute } from '../../../engine/time.ts';
import { formatGoDuration, goDuration } from '../../corefile/go-values.ts';
import { type History, inRelease, since } from '../../history.ts';
import { LentRecords } from '../../lent-records.ts';
import type { Plugin, PluginSetup, Request } from '../../plugin.ts';
import { mostAliases, noNext } from '../../server/chain.ts';
import { Fallthrough, longestZone, originsOf } from '../../zones.ts';
import { inRoot } from '../root/root.ts';
import { lookUp, soaOf } from './lookup.ts';
import { withSignatures } from './signatures.ts';
import { parseZone } from './zone-source.ts';

/** What is not in its zones, where no other plugin follows. */
const refusesOthers = since('1.12.3');
/** A zone transfer, which nobody was allowed: by `transfer to` of file's own, then by the plugin transfer. */
const noTransfer: History<'SERVFAIL' | 'REFUSED'> = [
  ['1.6.7', 'SERVFAIL'],
  ['1.8.0', 'REFUSED'],
];
/** The log tells of copies elsewhere that were notified, although there are none. */
const saysNotified: History<boolean> = [
  ['1.6.7', true],
  ['1.8.0', false],
];
const asksForReload = since('1.8.7');
const knowsFallthrough = since('1.12.2');
const knowsMtime = since('1.14.4');

/** An alias whose target could not be looked up is answered all the same, with the failure's rcode. */
const keepsFailedAlias = since('1.8.5');
/** Aliases of aliases come to an end: corefile-file-alias-loop. */
const countsAliases = since('1.8.1');

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
  const lent = new WeakMap<Zone, LentRecords>();
  const lentOf = (zone: Zone) => {
    const records = lent.get(zone) ?? new LentRecords(zone.records);
    lent.set(zone, records);
    return records;
  };
  return {
    name: 'file',
    *handle(request, next) {
      const [question] = request.message.question;
      const name = question?.name.toLowerCase() ?? '.';
      const served = zones.get(longestZone([...zones.keys()], name) ?? '');
      if (question === undefined || served === undefined) {
        setup.decided(request, 'not-its-zone', '');
        const outcome = yield* next(request);
        const isLast = outcome.error === noNext('file');
        return isLast && inRelease(refusesOthers, setup.release.name) ? { rcode: 'REFUSED' } : outcome;
      }
      if (served.zone === undefined) return { rcode: 'SERVFAIL' };
      const { type } = question;
      if (type === 'AXFR' || type === 'IXFR') return { rcode: inRelease(noTransfer, setup.release.name) };
      const found = yield* answerOf(setup, request, served.zone, name, type);
      const isFailure = found?.rcode === 'SERVFAIL' && !inRelease(keepsFailedAlias, setup.release.name);
      if (found === undefined || isFailure) return { rcode: 'SERVFAIL' };
      if (isNotThere(served.zone, name, found) && served.fallthrough.through(name)) {
        setup.decided(request, 'fallthrough', '');
        return yield* next(request);
      }
      const { rcode, aa } = found;
      setup.decided(request, aa ? 'answered' : 'delegated', rcode);
      const reply = replyTo(request.message, rcode);
      const records = lentOf(served.zone);
      const sections = {
        answer: records.lend(found.answer),
        authority: records.lend(found.authority),
        additional: records.lend(found.additional),
      };
      return { rcode: 'NOERROR', reply: changed(reply, { flags: { ...reply.flags, aa }, ...sections }) };
    },
  };
}

/** What the zone has, signed for who wants it; undefined: a failure, such as one alias too many. */
function* answerOf(
  setup: PluginSetup,
  request: Request,
  zone: Zone,
  name: string,
  type: string,
): Process<ZoneAnswer | undefined> {
  const { aliases = 0 } = request;
  const release = setup.release.name;
  if (aliases > mostAliases && inRelease(countsAliases, release)) return undefined;
  const outside = (target: string) => setup.lookup({ ...request, aliases: aliases + 1 }, target, type);
  const plain = yield* lookUp(zone, name, type, release, outside);
  return plain !== undefined && request.message.edns?.do === true ? withSignatures(zone, name, type, plain) : plain;
}

/** No such name, or one that only has names below it: both fall through. */
function isNotThere(zone: Zone, name: string, { rcode, answer }: ZoneAnswer): boolean {
  if (answer.length > 0) return false;
  return rcode === 'NXDOMAIN' || (zone.ownerFor(name) === name && zone.all(name).length === 0);
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
    const parsed = parseZone(file, text, origin, release.name, files);
    if ('error' in parsed) {
      log.error(`Parsing zone ${JSON.stringify(origin)}: ${parsed.error}`);
      continue;
    }
    const serial = serialOf(parsed.value);
    if (served.zone !== undefined && serial === serialOf(served.zone)) continue;
    served.zone = parsed.value;
    log.info(
      `Successfully reloaded zone ${JSON.stringify(origin)} in ${JSON.stringify(file)} with ${serial} SOA serial`,
    );
    if (inRelease(saysNotified, release.name)) log.info(`Sent notifies for zone ${JSON.stringify(origin)} to []`);
  }
}

function serialOf(zone: Zone): number | undefined {
  const [soa] = soaOf(zone);
  return soa?.data.type === 'SOA' ? soa.data.serial : undefined;
}

function parse(setup: PluginSetup): Served[] {
  const { directive: words } = setup;
  const all: Served[] = [];
  while (words.next()) {
    if (!words.nextArgument()) throw words.argumentError();
    const file = inRoot(words.value, setup.block);
    const origins = originsOf(setup, words.remainingArguments());
    const zones = origins.map((origin) => ({ origin, zone: read(setup, file, origin) }));
    const { reload, fallthrough } = parseProperties(setup);
    if (zones.some(({ zone }) => zone === undefined)) {
      const missing = `open ${file}: no such file or directory`;
      if (reload === 0) throw namedTwice(words, missing);
      setup.log.warning(`Failed to open ${JSON.stringify(missing)}: trying again in ${formatGoDuration(reload)}`);
    }
    all.push(...zones.map(({ origin, zone }) => ({ origin, file, reload, fallthrough, zone })));
  }
  return all;
}

function read({ directive: words, files, release }: PluginSetup, file: string, origin: string): Zone | undefined {
  const text = files.read(file);
  return text === undefined ? undefined : words.taken(parseZone(file, text, origin, release.name, files));
}

function parseProperties(setup: PluginSetup): { reload: Micros; fallthrough: Fallthrough } {
  const { directive: words, release } = setup;
  let reload: Micros = minute;
  let fallthrough = Fallthrough.none;
  while (words.nextBlock()) {
    switch (words.value) {
      case 'reload': {
        const [text] = words.remainingArguments();
        if (text === undefined) {
          if (inRelease(asksForReload, release.name)) throw words.plainError('reload duration value is expected');
          throw words.panic('runtime error: index out of range [0] with length 0');
        }
        const span = goDuration(text);
        if ('error' in span) throw namedTwice(words, span.error);
        reload = span.value;
        break;
      }
      case 'reload_by_mtime':
        if (!inRelease(knowsMtime, release.name)) throw words.error(`unknown property '${words.value}'`);
        setup.leftOut('property reload_by_mtime', words.token);
        break;
      case 'fallthrough':
        if (!inRelease(knowsFallthrough, release.name)) throw words.error(`unknown property '${words.value}'`);
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

/** An error that CoreDNS gives the plugin's name before the server does so again. */
function namedTwice(words: PluginSetup['directive'], message: string) {
  return words.plainError(`plugin/file: ${message}`);
}
