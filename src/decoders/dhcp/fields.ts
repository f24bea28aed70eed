// What DHCP adds to its session's record; DHCPv6 shares two fields of it.

import { collected } from '../session-field.ts';

export const dhcpv6Fields = {
  type: collected('keyword', 'dhcp.type', 'Kinds of messages: DISCOVER, OFFER, SOLICIT, …', {
    path: 'dhcp.type',
    kind: 'uptermfield',
  }),
  id: collected('keyword', 'dhcp.id', 'Transaction ids, hexadecimal.', { path: 'dhcp.id', kind: 'lotermfield' }),
};

export const dhcpFields = {
  ...dhcpv6Fields,
  host: collected('keyword', 'dhcp.host', 'Names that clients give themselves (option 12), lower case.', {
    path: 'dhcp.host',
    kind: 'lotermfield',
  }),
  mac: collected('keyword', 'dhcp.mac', 'Hardware addresses of clients.', { path: 'dhcp.mac', kind: 'lotermfield' }),
  classId: collected('keyword', 'dhcp.class_id', 'Vendor class identifiers (option 60).', { path: 'dhcp.classId' }),
  requestIp: collected('ip', 'dhcp.request_ip', 'Addresses that clients ask for (option 50).', { path: 'dhcp.requestIp' }),
};
