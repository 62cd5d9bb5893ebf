import { changed, replyTo } from '../../../dns/build.ts';
import { type Process, sleep } from '../../../engine/process.ts';
import { type Micros, second } from '../../../engine/time.ts';
import { goDuration, goInteger } from '../../corefile/go-values.ts';
import { isDirectory } from '../../corefile/imports.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { Plugin, PluginSetup } from '../../plugin.ts';
import { Fallthrough, longestZone, originsOf } from '../../zones.ts';
import { inRoot } from '../root/root.ts';
import { Entries } from './entries.ts';
import { parseHosts } from './hosts-file.ts';

/** Only names without any record fall through. */
const fallsThroughOnNxdomainOnly = since('1.6.8');
const knowsWildcards = since('1.14.5');
const entriesName: History<string> = [
  ['1.6.7', 'coredns_hosts_entries_count'],
  ['1.7.0', 'coredns_hosts_entries'],
];
const countsByFile = since('1.11.4');
const defaultPath = '/etc/hosts';

interface Options {
  path: string;
  origins: readonly string[];
  ttl: number;
  reverse: boolean;
  reload: Micros;
  fallthrough: Fallthrough;
  readonly inline: string[];
}

/** `hosts [FILE [ZONES…]] { lines; ttl; no_reverse; reload; fallthrough }`: answers A, AAAA and PTR from hosts lines. */
export function setUpHosts(setup: PluginSetup): Plugin {
  const { release, metrics } = setup;
  const options = parse(setup);
  const inline = parseHosts(options.inline.join('\n'), options.origins, options.reverse);
  const entries = new Entries(inline, { wildcards: inRelease(knowsWildcards, release.name) });
  const byFile = inRelease(countsByFile, release.name);
  const gauge = metrics.gauge(inRelease(entriesName, release.name), byFile ? ['hostsfile'] : []);
  metrics.gauge('coredns_hosts_reload_timestamp_seconds').set([], 0);
  const count = () => gauge.set(byFile ? [options.path] : [], entries.size);
  let known: string | undefined;
  const read = () => {
    const text = setup.files.read(options.path);
    if (text === undefined || text === known) return;
    known = text;
    entries.file = parseHosts(text, options.origins, options.reverse);
    count();
  };
  setup.onStartup(() => {
    count();
    read();
    if (options.reload > 0) setup.spawn(every(options.reload, read));
  });
  const nxdomainOnly = inRelease(fallsThroughOnNxdomainOnly, release.name);
  return {
    name: 'hosts',
    *handle(request, next) {
      const [question] = request.message.question;
      if (question === undefined) return yield* next(request);
      const name = question.name.toLowerCase();
      const { type } = question;
      if (longestZone(options.origins, name) === undefined && type !== 'PTR') {
        setup.decided(request, 'not-its-zone', '');
        return yield* next(request);
      }
      const found = entries.data(type, name);
      if (found.length === 0) {
        if (type === 'PTR') return yield* next(request);
        const exists = entries.has(name);
        if (options.fallthrough.through(name) && !(nxdomainOnly && exists)) {
          setup.decided(request, 'fallthrough', '');
          return yield* next(request);
        }
        setup.decided(request, exists ? 'no-data' : 'no-entry', exists ? 'NOERROR' : 'SERVFAIL');
        if (!exists) return { rcode: 'SERVFAIL' };
      } else {
        setup.decided(request, 'answered', 'NOERROR');
      }
      const reply = replyTo(request.message);
      const answer = found.map((data) => ({ name, ttl: options.ttl, class: 'IN', data }));
      return { rcode: 'NOERROR', reply: changed(reply, { flags: { ...reply.flags, aa: true }, answer }) };
    },
  };
}

function* every(span: Micros, act: () => void): Process {
  for (;;) {
    yield* sleep(span);
    act();
  }
}

function parse(setup: PluginSetup): Options {
  const { directive: words, files, log } = setup;
  const options: Options = {
    path: defaultPath,
    origins: [],
    ttl: 3600,
    reverse: true,
    reload: 5 * second,
    fallthrough: Fallthrough.none,
    inline: [],
  };
  while (words.nextOnly()) {
    const [written, ...zones] = words.remainingArguments();
    if (written !== undefined) {
      const path = inRoot(written, setup.block);
      options.path = path;
      if (isDirectory(files, path)) log.warning(`Hosts file ${JSON.stringify(path)} is a directory`);
      else if (files.read(path) === undefined) log.warning(`File does not exist: ${path}`);
    }
    options.origins = originsOf(setup, zones);
    while (words.nextBlock()) parseProperty(setup, options);
  }
  return options;
}

function parseProperty(setup: PluginSetup, options: Options): void {
  const { directive: words } = setup;
  switch (words.value) {
    case 'fallthrough':
      options.fallthrough = Fallthrough.of(setup, words.remainingArguments());
      return;
    case 'no_reverse':
      options.reverse = false;
      return;
    case 'ttl': {
      const [text] = words.remainingArguments();
      if (text === undefined) throw words.error('ttl needs a time in second');
      const ttl = goInteger(text);
      if ('error' in ttl) throw words.error('ttl needs a number of second');
      if (ttl.value <= 0 || ttl.value > 65_535) throw words.error('ttl provided is invalid');
      options.ttl = ttl.value;
      return;
    }
    case 'reload': {
      const [text, more] = words.remainingArguments();
      if (text === undefined || more !== undefined)
        throw words.error('reload needs a duration (zero seconds to disable)');
      const span = goDuration(text);
      if ('error' in span) throw words.error(`invalid duration for reload '${text}'`);
      if (span.value < 0) throw words.error(`invalid negative duration for reload '${text}'`);
      options.reload = span.value;
      return;
    }
    default:
      if (options.fallthrough !== Fallthrough.none) throw words.error(`unknown property '${words.value}'`);
      options.inline.push([words.value, ...words.remainingArguments()].join(' '));
  }
}
