// What STUN and TURN add to their session's record.

import { collected } from '../session-field.ts';

export const stunFields = {
  type: collected('keyword', 'stun.type', 'Kinds of messages: Binding Request, Allocate Error, …', { path: 'stun.type' }),
  mappedIp: collected('ip', 'stun.mapped_ip', 'Addresses that clients are seen with (MAPPED-ADDRESS).', {
    path: 'stun.mappedIp',
    expression: 'stun.mapped-ip',
  }),
  mappedPort: collected('long', 'stun.mapped_port', 'Their ports.', {
    path: 'stun.mappedPort',
    expression: 'stun.mapped-port',
  }),
  xorMappedIp: collected('ip', 'stun.xor_mapped_ip', 'Addresses that clients are seen with (XOR-MAPPED-ADDRESS).', {
    path: 'stun.xorMappedIp',
    expression: 'stun.xor-mapped-ip',
  }),
  xorMappedPort: collected('long', 'stun.xor_mapped_port', 'Their ports.', {
    path: 'stun.xorMappedPort',
    expression: 'stun.xor-mapped-port',
  }),
  xorRelayedIp: collected('ip', 'stun.xor_relayed_ip', 'Addresses that relays give to clients.', {
    path: 'stun.xorRelayedIp',
    expression: 'stun.xor-relayed-ip',
  }),
  xorRelayedPort: collected('long', 'stun.xor_relayed_port', 'Their ports.', {
    path: 'stun.xorRelayedPort',
    expression: 'stun.xor-relayed-port',
  }),
  xorPeerIp: collected('ip', 'stun.xor_peer_ip', 'Addresses of peers that clients reach through relays.', {
    path: 'stun.xorPeerIp',
    expression: 'stun.xor-peer-ip',
  }),
  xorPeerPort: collected('long', 'stun.xor_peer_port', 'Their ports.', { path: 'stun.xorPeerPort' }),
  username: collected('keyword', 'stun.username', 'User names, of ICE pairs of fragments.', { path: 'stun.username' }),
  software: collected('keyword', 'stun.software', 'Names of the software that sends.', { path: 'stun.software' }),
  realm: collected('keyword', 'stun.realm', 'Realms of long-term credentials.', { path: 'stun.realm' }),
  error: collected('long', 'stun.error', 'Codes of error responses: 401, 438, …', { path: 'stun.error' }),
};
