import type { Address, Endpoint } from '../../network/packet.ts';
import type { IpvsConnection, IpvsProtocol } from './connection.ts';
import { sameEndpoint } from './virtual-server.ts';

/** IPVS's connection table: hashed by protocol and client, as the kernel's. */
export class IpvsConnections {
  readonly #byClient = new Map<Address, Map<number, IpvsConnection[]>>();
  readonly #all = new Set<IpvsConnection>();

  /** In the order in which they were made. */
  [Symbol.iterator](): Iterator<IpvsConnection> {
    return this.#all.values();
  }

  /** The connection of a packet from the client. */
  find(protocol: IpvsProtocol, client: Endpoint, virtual: Endpoint): IpvsConnection | undefined {
    return this.#of(protocol, client)?.find((c) => !c.isTemplate && sameEndpoint(c.virtual, virtual));
  }

  /** The connection of a packet from the real server. */
  findReply(protocol: IpvsProtocol, server: Endpoint, client: Endpoint): IpvsConnection | undefined {
    return this.#of(protocol, client)?.find((c) => !c.isTemplate && sameEndpoint(c.server.endpoint, server));
  }

  findTemplate(protocol: IpvsProtocol, client: Address, virtual: Endpoint): IpvsConnection | undefined {
    return this.#of(protocol, { address: client, port: 0 })?.find(
      (c) => c.isTemplate && !c.isInvalid && sameEndpoint(c.virtual, virtual),
    );
  }

  add(connection: IpvsConnection): void {
    const { protocol, client } = connection;
    const ports = this.#byClient.get(client.address) ?? new Map<number, IpvsConnection[]>();
    this.#byClient.set(client.address, ports);
    const key = keyOf(protocol, client.port);
    const chain = ports.get(key);
    if (chain === undefined) ports.set(key, [connection]);
    else chain.unshift(connection);
    this.#all.add(connection);
  }

  remove(connection: IpvsConnection): void {
    const { protocol, client } = connection;
    this.#all.delete(connection);
    const ports = this.#byClient.get(client.address);
    const key = keyOf(protocol, client.port);
    const chain = ports?.get(key);
    if (ports === undefined || chain === undefined) return;
    const at = chain.indexOf(connection);
    if (at >= 0) chain.splice(at, 1);
    if (chain.length === 0) ports.delete(key);
    if (ports.size === 0) this.#byClient.delete(client.address);
  }

  #of(protocol: IpvsProtocol, { address, port }: Endpoint): readonly IpvsConnection[] | undefined {
    return this.#byClient.get(address)?.get(keyOf(protocol, port));
  }
}

function keyOf(protocol: IpvsProtocol, port: number): number {
  return protocol === 'udp' ? port : port + 0x10000;
}
