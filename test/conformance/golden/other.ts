import type { ClusterView } from '../../../src/coredns/cluster-view.ts';
import { isTruncation } from '../../../src/coredns/plugins/forward/exchange.ts';
import { served } from '../../../src/coredns/testing/served.ts';
import { query, replyTo } from '../../../src/dns/build.ts';
import { sizeOf } from '../../../src/dns/size.ts';
import { parseRecord } from '../../../src/dns/text.ts';
import type { Facts } from './cases.ts';
import { anything, ask, counted, metrics, play } from './play.ts';

const vivo = 'api-push.vivo.com.cn.';
const many = (name: string) => Array.from({ length: 20 }, (_, i) => `${name} 60 IN A 192.0.2.${i}`);
const withMetrics = 'prometheus 127.0.0.1:9153\n';
const dials = /conn_cache_misses_total/;

/** By id: what the simulator shows, in the words of the case's `expect`. */
export const otherCases: Readonly<Record<string, (given: Facts, release: string) => Facts>> = {
  'forward-default-attempt-cap': (_, release) => {
    const runs = [1, 2, 3].map((n) => {
      const servers = Array.from({ length: n }, () => ({ mode: 'closed' }));
      const to = servers.map((_server, i) => `10.9.0.${21 + i}`).join(' ');
      const shown = play(release, `${withMetrics}forward . ${to}`, servers, [ask(0), metrics(1)]);
      const each = servers.map((_server, i) => counted(shown, new RegExp(`misses_total.*10\\.9\\.0\\.${21 + i}`)));
      return { n, attempts: counted(shown, dials), each, error: shown.replies[0]?.rcode === 'SERVFAIL' };
    });
    const capped = runs.every(({ n, attempts }) => attempts === 2 * n);
    const even = runs.every(({ each }) => each.every((attempts) => attempts === 2));
    return {
      attempts: capped ? '2*n' : runs,
      per_upstream: even ? 2 : runs,
      error: runs.every(({ error }) => error),
    };
  },
  'forward-fast-fail-spin': (_, release) => storm(release),
  'forward-max-fails': ({ max_fails: fails, health_check_ms: pause }, release) => {
    const block = `forward . U {\n max_fails ${fails}\n health_check ${pause}ms\n }`;
    // Probes take their full second here, and begin with the first attempt's end, at 2 s.
    const shown = play(release, block, [{ mode: 'drop' }], [ask(0), ask(8)]);
    return { down: (shown.replies[1]?.latency ?? 0) < 2.1 };
  },
  'forward-next-on-nodata': ({ next_on_nodata: settings }, release) => {
    const servers = [{ default: 'nodata' }, anything('a.test. 60 IN A 127.0.0.1')];
    const answers = Object.values(Object(settings)).map((on) => {
      const block = `forward . U {${on === true ? '\n next_on_nodata\n' : '\n'} }\n forward . 10.9.0.22`;
      return play(release, block, servers, [ask(0)]).replies[0]?.answer.length;
    });
    return { answers };
  },
  'forward-overflow-tc': ({ errors }, release) => {
    if (Array.isArray(errors)) return { truncate: errors.map((error) => isTruncation(String(error))) };
    const server = { ...anything(...many('example.org.')), compress: false, limit: 'none' };
    const asked = [ask(0, { name: 'example.org.' })];
    const of = (block: string) => {
      const [reply] = play(release, block, [server], asked).replies;
      return { tc: reply?.flags.includes('tc'), answers: reply?.answer.length };
    };
    return { udp: of('forward . U'), force_tcp: of('forward . U {\n force_tcp\n }') };
  },
  'forward-overflow-old': (_, release) => {
    const server = { ...anything(...many(vivo)), compress: false, limit: 'none', delay: 0.005 };
    const shown = play(release, 'errors\n forward . U', [server], [ask(0, { name: vivo })]);
    const [line = ''] = shown.log.c1?.filter((one) => one.startsWith('[ERROR]')) ?? [];
    const { latency, rcode } = shown.replies[0] ?? {};
    return {
      error: line.replace(/.* A: /, ''),
      attempts: about(1000, shown.upstream.length),
      client_rcode: rcode,
      after_s: Math.round(latency ?? 0),
    };
  },
  'size-vivo': () => {
    const question = query(1, { name: vivo, type: 'A' });
    const answer = many(vivo)
      .map(parseRecord)
      .filter((record) => record !== undefined);
    const reply = { ...replyTo(question), answer };
    return { compressed: sizeOf(reply, { compress: true }), uncompressed: sizeOf(reply, { compress: false }) };
  },
  'k8s-clusterip-and-nodata': ({ q, service }, release) => {
    const cluster = clusterWith({ clusterIPs: [String(Object(service).clusterIP)] });
    const [name = '', type = ''] = String(q).split(' ');
    const shown = served(kubernetes, { release, cluster }).ask(name, type);
    const answer = shown?.answer.map((text) => text.replace(/^\S+ (\d+) IN (A \S+)$/, '$2 ttl $1'));
    if (type === 'A') return { rcode: shown?.rcode, answer };
    const authority = shown?.authority[0]?.replace(/ IN SOA (\S+ \S+) \d+/, ' SOA $1 <serial>');
    return { rcode: shown?.rcode, answer, authority };
  },
  'k8s-srv-headless': ({ q, endpoints: count, port }, release) => {
    const ports = [{ name: 'http', protocol: 'TCP', port: Number(port) }] as const;
    const endpoints = Array.from({ length: Number(count) }, (_, i) => {
      const address = `172.0.0.${i + 2}`;
      return {
        service: 'hdls1',
        namespace: 'testns',
        address,
        ready: true,
        ports,
        ...(i > 3 && { hostname: 'dup-name' }),
      };
    });
    const cluster = { ...clusterWith({ name: 'hdls1', clusterIPs: [] }), endpoints: () => endpoints };
    const shown = served(kubernetes, { release, cluster }).ask(String(q).split(' ')[0] ?? '', 'SRV');
    const [priority, weight] = shown?.answer[0]?.split(' ').slice(4).map(Number) ?? [];
    const targets = new Set(shown?.answer.map((text) => text.split(' ').at(-1)));
    return { weight, priority, distinct_targets: targets.size, additional: shown?.additional.length };
  },
  'corefile-errors': ({ keys, corefiles }, release) => {
    if (Array.isArray(keys)) {
      const text = keys.map((key) => `${key} {\n whoami\n}\n`).join('');
      return { startup_error: served(text, { release }).failure };
    }
    const wanted = ['unknown property', 'Wrong argument count or unexpected line ending'];
    const texts = Array.isArray(corefiles) ? corefiles : [];
    const failures = texts.map((text) => served(`. {\n${text}\n}`, { release }).failure ?? '');
    return { error_contains: wanted.map((text, i) => (failures[i]?.includes(text) ? text : failures[i])) };
  },
  autopath: ({ search, q }, release) => {
    const list = Array.isArray(search) ? search.filter((one) => one !== '').join(' ') : '';
    const block = `. {
      autopath resolv.conf
      template IN A b.example.org {
        rcode NXDOMAIN
      }
      template IN A b.example.com {
        rcode SERVFAIL
      }
      template IN A b.com {
        answer "b.com. 3600 IN A 127.0.0.1"
      }
    }`;
    const shown = served(block, { release, files: { 'resolv.conf': `search ${list}\n` } });
    const answer = shown.ask(String(q).split(' ')[0] ?? '', 'A')?.answer ?? [];
    return { answer: answer.map((text) => text.replace(/ IN (CNAME)/, ' $1').replace(/ \d+ IN A .*/, ' A')) };
  },
};

/** An upstream whose every attempt fails as soon as it answers: what it sends cannot be read, or its port is closed. */
function storm(release: string): Facts {
  const server = { ...anything(...many(vivo)), compress: false, limit: 'none' };
  const asked = ask(0, { name: vivo });
  const unreadable = !['NOERROR', undefined].includes(
    play(release, 'forward . U', [server], [asked]).replies[0]?.rcode,
  );
  const reads = unreadable && release !== '1.11.0';
  const block = `${withMetrics}forward . U {\n max_fails 0\n }`;
  const shown = play(release, block, [reads ? server : { mode: 'closed' }], [asked, metrics(6)]);
  const { latency = 0, rcode } = shown.replies[0] ?? {};
  // The case's round trip takes 1 ms; ours is what a query that goes well takes.
  const rtt = play(release, 'forward . U', [anything('a.test. 60 IN A 192.0.2.1')], [ask(0)]).replies[0]?.latency ?? 0;
  const attempts = reads ? (shown.upstream.length * rtt) / 0.001 : 5000;
  const isStorm = reads || counted(shown, dials) > 1000;
  return {
    attempts: isStorm ? `${about(5000, attempts)} (5 s / rtt)` : 'few',
    client_rcode: rcode,
    after_s: Math.round(latency),
  };
}

const about = (wanted: number, attempts: number) =>
  Math.abs(attempts - wanted) < wanted * 0.25 ? `about ${wanted}` : `${attempts}`;

const kubernetes = '. {\n kubernetes cluster.local\n}';

function clusterWith(service: { name?: string; clusterIPs: readonly string[] }): ClusterView {
  const ports = [{ name: 'http', protocol: 'TCP', port: 80 }] as const;
  const one = { name: 'svc1', namespace: 'testns', ports, publishNotReadyAddresses: false, ...service };
  return {
    *sync() {},
    namespaces: () => ['testns'],
    services: () => [one],
    endpoints: () => [],
    podsAt: () => [],
  };
}
