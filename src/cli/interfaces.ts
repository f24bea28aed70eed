// `ringtap interfaces`: the network interfaces one can capture from.

import { interfaces as listInterfaces } from '../capture/index.ts';
import { printListing } from './table.ts';

export async function interfacesCommand(options: { readonly json?: boolean }): Promise<number> {
  const interfaces = listInterfaces();
  printListing(options.json, interfaces, () => [
    ['NAME', 'STATE', 'MAC', 'ADDRESSES'],
    ...interfaces.map(({ name, up, loopback, mac, addresses }) => [
      name,
      `${up ? 'up' : 'down'}${loopback ? ' (loopback)' : ''}`,
      mac ?? '-',
      addresses.join(' ') || '-',
    ]),
  ]);
  return 0;
}
