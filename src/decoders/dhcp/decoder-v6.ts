// Reads the head of a DHCPv6 message (RFC 8415 §8, §9). Called for each datagram, on packet workers.

import { readU16 } from '../big-endian.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { hexOf } from '../wire-text.ts';
import { dhcpv6Fields } from './fields.ts';

/** Type and transaction id; of relayed messages type, hop count and two addresses. */
const headerBytes = 4;
const relayHeaderBytes = 34;
const relayForward = 12;
const relayReply = 13;

/** IANA "DHCPv6 Message Types", from 1 on. */
const typeNames =
  'SOLICIT ADVERTISE REQUEST CONFIRM RENEW REBIND REPLY RELEASE DECLINE RECONFIGURE INFORMATION_REQUEST RELAY_FORW RELAY_REPL LEASEQUERY LEASEQUERY_REPLY LEASEQUERY_DONE LEASEQUERY_DATA RECONFIGURE_REQUEST RECONFIGURE_REPLY DHCPV4_QUERY DHCPV4_RESPONSE ACTIVELEASEQUERY STARTTLS BNDUPD BNDREPLY POOLREQ POOLRESP UPDREQ UPDREQALL UPDDONE CONNECT CONNECTREPLY DISCONNECT STATE CONTACT'.split(
    ' ',
  );

const isRelayed = (type: number): boolean => type === relayForward || type === relayReply;

/** A known type, then options that fill the datagram (§21.1). */
export function isDhcpv6(bytes: Buffer, from: number, to: number): boolean {
  const type = bytes[from] as number;
  if (typeNames[type - 1] === undefined) return false;
  let at = from + (isRelayed(type) ? relayHeaderBytes : headerBytes);
  while (at + 4 <= to) at += 4 + readU16(bytes, at + 2);
  return at === to;
}

/** A relayed message has no transaction id of its own; the one inside is its client's affair. */
export function readDhcpv6(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  if (to - from < headerBytes) return;
  const type = bytes[from] as number;
  const name = typeNames[type - 1];
  if (name === undefined) return;
  context.note(dhcpv6Fields.type, name);
  if (!isRelayed(type)) context.note(dhcpv6Fields.id, hexOf(bytes, from + 1, from + headerBytes));
}
