import type { Files } from '../../coredns/plugin.ts';
import { type Process, sleep } from '../../engine/process.ts';
import { type Micros, second } from '../../engine/time.ts';
import { parseAddress } from '../../network/address.ts';
import { fillCorefile } from './corefile.ts';
import type { NodeCacheFlags } from './flags.ts';
import { emptyConfig, invalidServers, type KubeDnsConfig, readKubeDnsConfig } from './kube-dns-config.ts';
import type { NodeCacheRelease } from './releases.ts';

const pollPeriod: Micros = 10 * second;
const defaultKubeDnsDirectory = '/etc/kube-dns';

/** The files of the process, and what the configuration does beside writing the Corefile. */
export interface ConfigurationSurroundings {
  readonly files: Files;
  readonly environment: Readonly<Record<string, string>>;
  hasDirectory(path: string): boolean;
  /** Waits while the process is stopped. */
  running(): Process;
  write(path: string, text: string): void;
  log(line: string): void;
  /** Another failure of kind `configmap`. */
  count(): void;
  /** SIGUSR1 to itself. */
  reload(): void;
}

/** A directory with a ConfigMap's keys that is looked at again and again. */
interface Watched {
  readonly name: 'kube-dns' | 'node-local-dns';
  readonly directory: string;
  /** Its content at the last look. */
  version: string;
}

/** Makes the Corefile out of the base Corefile and the kube-dns ConfigMap, at the start and as they change. */
export class Configuration {
  readonly #flags: NodeCacheFlags;
  readonly #release: NodeCacheRelease;
  readonly #surroundings: ConfigurationSurroundings;
  readonly #clusterDns: string | undefined;
  readonly #watched: Watched[] = [];
  #kubeDns: KubeDnsConfig = emptyConfig;

  constructor(flags: NodeCacheFlags, release: NodeCacheRelease, surroundings: ConfigurationSurroundings) {
    this.#flags = flags;
    this.#release = release;
    this.#surroundings = surroundings;
    const variable = `${flags.upstreamService.replaceAll('-', '_').toUpperCase()}_SERVICE_HOST`;
    const value = surroundings.environment[variable] ?? '';
    this.#clusterDns = parseAddress(value) === undefined ? undefined : value;
    if (this.#clusterDns !== undefined) return;
    surroundings.log(
      `[WARNING] Unable to lookup IP address of Upstream service ${flags.upstreamService}, env $${variable} \`${value}\``,
    );
  }

  /** Writes the first Corefile and looks at the ConfigMaps; one that cannot be read is never looked at again. */
  start(): void {
    this.#update(emptyConfig);
    const directory = this.#kubeDnsDirectory();
    if (directory === undefined) {
      this.#surroundings.log('[INFO] Skipping kube-dns configmap sync as no directory was specified');
    } else this.#begin('kube-dns', directory);
    if (this.#release.watchesBaseCorefile) this.#begin('node-local-dns', directoryOf(this.#flags.baseCorefile));
  }

  /** The looks after the first: every 10 s since the start of the process. */
  *poll(): Process {
    for (;;) {
      yield* sleep(pollPeriod);
      yield* this.#surroundings.running();
      for (const watched of this.#watched) this.#look(watched);
    }
  }

  #kubeDnsDirectory(): string | undefined {
    const { kubeDnsDirectory } = this.#flags;
    if (kubeDnsDirectory !== '') return kubeDnsDirectory;
    return this.#surroundings.hasDirectory(defaultKubeDnsDirectory) ? defaultKubeDnsDirectory : undefined;
  }

  #begin(name: Watched['name'], directory: string): void {
    const data = this.#read(directory);
    const config = 'error' in data ? data : readKubeDnsConfig(data);
    if ('error' in data || 'error' in config) {
      const why = 'error' in config ? config.error : '';
      this.#surroundings.log(`[ERROR] Failed to sync ${name} config directory ${directory}, err: ${why}`);
      return;
    }
    this.#watched.push({ name, directory, version: versionOf(data) });
    if (name === 'node-local-dns') return;
    this.#kubeDns = config;
    this.#update(config);
  }

  #look(watched: Watched): void {
    const data = this.#read(watched.directory);
    if ('error' in data) return;
    const version = versionOf(data);
    if (version === watched.version) return;
    watched.version = version;
    const config = readKubeDnsConfig(data);
    if ('error' in config) return;
    if (watched.name === 'kube-dns') this.#kubeDns = config;
    this.#update(this.#kubeDns);
  }

  /** The files of a directory that are not hidden. */
  #read(directory: string): ReadonlyMap<string, string> | { readonly error: string } {
    const { files, hasDirectory } = this.#surroundings;
    if (!hasDirectory(directory)) return { error: `lstat ${directory}: no such file or directory` };
    const inside = files.names().filter((path) => directoryOf(path) === directory);
    const names = inside.map((path) => path.slice(path.lastIndexOf('/') + 1)).filter((name) => !name.startsWith('.'));
    return new Map(names.sort().map((name) => [name, files.read(`${directory}/${name}`) ?? '']));
  }

  #update(config: KubeDnsConfig): void {
    const { files, log, write, reload } = this.#surroundings;
    const { baseCorefile, corefile, localAddresses, dnsPort } = this.#flags;
    const invalid = invalidServers(config, files, this.#release);
    if (invalid !== undefined) {
      this.#refuse(`Invalid config: ${invalid}`);
      return;
    }
    const base = files.read(baseCorefile);
    if (base === undefined) {
      const why = `open ${baseCorefile}: no such file or directory`;
      this.#refuse(`Failed to read node-cache coreFile ${baseCorefile} - ${why}`);
      return;
    }
    const replacements = { localAddresses, port: dnsPort, clusterDns: this.#clusterDns };
    const { text, upstream, warnings } = fillCorefile(base, config, replacements, this.#release);
    for (const warning of warnings) log(`[WARNING] ${warning}`);
    if (corefile === '') {
      this.#refuse('Failed to write config file  - err open : no such file or directory');
      return;
    }
    write(corefile, text);
    log(`[INFO] Updated Corefile with ${config.stubDomains.size} custom stubdomains and upstream servers ${upstream}`);
    if (!this.#flags.reloadsWithSignal) return;
    log('[INFO] Sending reload signal to PID 1');
    reload();
  }

  #refuse(line: string): void {
    this.#surroundings.log(`[ERROR] ${line}`);
    this.#surroundings.count();
  }
}

const versionOf = (data: ReadonlyMap<string, string>): string => JSON.stringify([...data]);

/** `path.Dir`. */
function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : path.slice(0, slash);
}
