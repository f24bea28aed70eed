// Every decoder that ships with the sensor, in the order in which they are asked. A new decoder is added here and nowhere
// else.

import { adbDecoder } from './adb/index.ts';
import { arpDecoder } from './arp/index.ts';
import { bacnetDecoder } from './bacnet/index.ts';
import { bgpDecoder } from './bgp/index.ts';
import { c1222Decoder } from './c1222/index.ts';
import type { DecoderDefinition } from './contract.ts';
import { dcerpcDecoder } from './dcerpc/index.ts';
import { dhcpDecoder, dhcpv6Decoder } from './dhcp/index.ts';
import { diameterDecoder } from './diameter/index.ts';
import { dnp3Decoder } from './dnp3/index.ts';
import { dnsDecoder } from './dns/index.ts';
import { dtlsDecoder } from './dtls/index.ts';
import { enipDecoder } from './enip/index.ts';
import { ftpDecoder } from './ftp/index.ts';
import { httpDecoder } from './http/index.ts';
import { http2Decoder } from './http2/index.ts';
import { icmpDecoder } from './icmp/index.ts';
import { imapDecoder } from './imap/index.ts';
import { ircDecoder } from './irc/index.ts';
import { isakmpDecoder } from './isakmp/index.ts';
import { krb5Decoder } from './krb5/index.ts';
import { ldapDecoder } from './ldap/index.ts';
import { lldpDecoder, logicalLinkDecoder } from './link-layer/index.ts';
import { modbusDecoder } from './modbus/index.ts';
import { mqttDecoder } from './mqtt/index.ts';
import { igmpDecoder, pimDecoder } from './multicast/index.ts';
import { mysqlDecoder } from './mysql/index.ts';
import { nbdsDecoder } from './nbds/index.ts';
import { nbnsDecoder } from './nbns/index.ts';
import { ntpDecoder } from './ntp/index.ts';
import { opcuaDecoder } from './opcua/index.ts';
import { openvpnDecoder } from './openvpn/index.ts';
import { oracleDecoder } from './oracle/index.ts';
import { ospfDecoder } from './ospf/index.ts';
import { panaDecoder } from './pana/index.ts';
import { pop3Decoder } from './pop3/index.ts';
import { postgresqlDecoder } from './postgresql/index.ts';
import { ptpDecoder } from './ptp/index.ts';
import { fbzeroDecoder, quicDecoder } from './quic/index.ts';
import { radiusDecoder } from './radius/index.ts';
import { rdpDecoder } from './rdp/index.ts';
import { rpcDecoder } from './rpc/index.ts';
import { s7commDecoder } from './s7comm/index.ts';
import { sctpDecoder } from './sctp/index.ts';
import { sipDecoder } from './sip/index.ts';
import { smbDecoder } from './smb/index.ts';
import { smtpDecoder } from './smtp/index.ts';
import { snmpDecoder } from './snmp/index.ts';
import { socksDecoder } from './socks/index.ts';
import { sshDecoder } from './ssh/index.ts';
import { stunDecoder } from './stun/index.ts';
import { synchrophasorDecoder } from './synchrophasor/index.ts';
import { tdsDecoder } from './tds/index.ts';
import { telnetDecoder } from './telnet/index.ts';
import { tftpDecoder } from './tftp/index.ts';
import { tlsDecoder } from './tls/index.ts';
import { vncDecoder } from './vnc/index.ts';
import { webSocketDecoder } from './websocket/index.ts';

export const decoderDefinitions: readonly DecoderDefinition[] = [
  tlsDecoder,
  httpDecoder,
  dnsDecoder,
  bgpDecoder,
  diameterDecoder,
  modbusDecoder,
  sshDecoder,
  ldapDecoder,
  krb5Decoder,
  postgresqlDecoder,
  mysqlDecoder,
  oracleDecoder,
  dcerpcDecoder,
  smbDecoder,
  rpcDecoder,
  tdsDecoder,
  smtpDecoder,
  nbnsDecoder,
  nbdsDecoder,
  dhcpDecoder,
  dhcpv6Decoder,
  snmpDecoder,
  ntpDecoder,
  ptpDecoder,
  radiusDecoder,
  stunDecoder,
  isakmpDecoder,
  dtlsDecoder,
  quicDecoder,
  fbzeroDecoder,
  openvpnDecoder,
  rdpDecoder,
  vncDecoder,
  tftpDecoder,
  imapDecoder,
  pop3Decoder,
  ftpDecoder,
  sipDecoder,
  mqttDecoder,
  adbDecoder,
  telnetDecoder,
  dnp3Decoder,
  bacnetDecoder,
  enipDecoder,
  s7commDecoder,
  opcuaDecoder,
  c1222Decoder,
  synchrophasorDecoder,
  panaDecoder,
  sctpDecoder,
  socksDecoder,
  http2Decoder,
  ircDecoder,
  // Told by another decoder.
  webSocketDecoder,
  // Told by number.
  icmpDecoder,
  arpDecoder,
  ospfDecoder,
  igmpDecoder,
  pimDecoder,
  lldpDecoder,
  logicalLinkDecoder,
];
