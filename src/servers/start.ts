import type { Simulation } from '../engine/simulation.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import { parseAddress } from '../network/address.ts';
import { type AuthoritativeServer, startAuthoritative } from './authoritative/server.ts';
import { startBackend } from './backend.ts';
import type { ServerDescription } from './description.ts';
import { type RecursorServer, startRecursor } from './recursors/server.ts';
import { type ScriptedServer, startScripted } from './scripted/server.ts';
import type { Service } from './service.ts';

/** A server outside the cluster, at work; what can be changed about it depends on its role. */
export type RunningServer =
  | ({ readonly role: 'scripted' } & ScriptedServer)
  | ({ readonly role: 'authoritative' } & AuthoritativeServer)
  | ({ readonly role: 'recursor' } & RecursorServer)
  | ({ readonly role: 'backend' } & Service);

/** Starts what a description says at its address and port. */
export function startServer(simulation: Simulation, sockets: Sockets, description: ServerDescription): RunningServer {
  // With an address of each family it listens on ::, which hears both.
  const address = description.otherAddress === undefined ? parseAddress(description.address) : 0n;
  const local = { address: address ?? 0, port: description.port };
  const site = { simulation, sockets, local, owner: description.name };
  switch (description.role) {
    case 'backend':
      return { role: 'backend', ...startBackend(site, description.protocol) };
    case 'scripted':
      return { role: 'scripted', ...startScripted(site, description) };
    case 'authoritative':
      return { role: 'authoritative', ...startAuthoritative(site, description) };
    case 'recursor':
      return { role: 'recursor', ...startRecursor(site, description) };
  }
}
