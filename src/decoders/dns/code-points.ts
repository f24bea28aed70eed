// Names of the numbers in DNS messages, from the IANA registries "Domain Name System (DNS) Parameters". Read by the
// decoder when it fills a record. Numbers without a name get the RFC 3597 forms (`TYPE65280`, `CLASS32`).

/** RR types that the decoder itself asks about. */
export const RrType = {
  a: 1,
  cname: 5,
  soa: 6,
  txt: 16,
  aaaa: 28,
  nimloc: 32,
  srv: 33,
  opt: 41,
  tsig: 250,
  ixfr: 251,
  axfr: 252,
} as const;

export const Opcode = { query: 0, iquery: 1, status: 2, notify: 4, update: 5, dso: 6 } as const;

/** Names of types 1 to 65 in order; '' where none is assigned. */
const lowTypes =
  'A NS MD MF CNAME SOA MB MG MR NULL WKS PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT NSAP NSAP-PTR SIG KEY PX GPOS AAAA LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT A6 DNAME SINK OPT APL DS SSHFP IPSECKEY RRSIG NSEC DNSKEY DHCID NSEC3 NSEC3PARAM TLSA SMIMEA _ HIP NINFO RKEY TALINK CDS CDNSKEY OPENPGPKEY CSYNC ZONEMD SVCB HTTPS'.split(
    ' ',
  );

/** Where `typeNames` ends. */
const typeNamesEnd = 265;

const assignedTypes = new Map<number, string>([
  [66, 'DSYNC'],
  [67, 'HHIT'],
  [68, 'BRID'],
  [99, 'SPF'],
  [100, 'UINFO'],
  [101, 'UID'],
  [102, 'GID'],
  [103, 'UNSPEC'],
  [104, 'NID'],
  [105, 'L32'],
  [106, 'L64'],
  [107, 'LP'],
  [108, 'EUI48'],
  [109, 'EUI64'],
  [128, 'NXNAME'],
  [249, 'TKEY'],
  [250, 'TSIG'],
  [251, 'IXFR'],
  [252, 'AXFR'],
  [253, 'MAILB'],
  [254, 'MAILA'],
  [255, 'ANY'],
  [256, 'URI'],
  [257, 'CAA'],
  [258, 'AVC'],
  [259, 'DOA'],
  [260, 'AMTRELAY'],
  [261, 'RESINFO'],
  [262, 'WALLET'],
  [263, 'CLA'],
  [264, 'IPN'],
  [32768, 'TA'],
  [32769, 'DLV'],
]);
for (let index = 0; index < lowTypes.length; index++) {
  const name = lowTypes[index] as string;
  if (name !== '_') assignedTypes.set(index + 1, name);
}
/** Names of the types that are met, by number; '' where none is assigned. */
const typeNames: readonly string[] = Array.from({ length: typeNamesEnd }, (_, code) => assignedTypes.get(code) ?? '');

const classNames = new Map<number, string>([
  [1, 'IN'],
  [2, 'CS'],
  [3, 'CH'],
  [4, 'HS'],
  [254, 'NONE'],
  [255, 'ANY'],
]);

const rcodeNames = new Map<number, string>(
  'NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET NOTAUTH NOTZONE DSOTYPENI'
    .split(' ')
    .map((name, code) => [code, name]),
);
// 16 is BADVERS in a header extended by OPT and BADSIG in a TSIG record; only the former is an rcode of a message.
for (const [index, name] of 'BADVERS BADKEY BADTIME BADMODE BADNAME BADALG BADTRUNC BADCOOKIE'.split(' ').entries()) {
  rcodeNames.set(16 + index, name);
}

const opcodeNames = ['QUERY', 'IQUERY', 'STATUS', '', 'NOTIFY', 'UPDATE', 'DSO'];

const optionNames = new Map<number, string>([
  [1, 'LLQ'],
  [2, 'UL'],
  [3, 'NSID'],
  [5, 'DAU'],
  [6, 'DHU'],
  [7, 'N3U'],
  [8, 'ECS'],
  [9, 'EXPIRE'],
  [10, 'COOKIE'],
  [11, 'TCP-KEEPALIVE'],
  [12, 'PADDING'],
  [13, 'CHAIN'],
  [14, 'KEY-TAG'],
  [15, 'EDE'],
  [16, 'CLIENT-TAG'],
  [17, 'SERVER-TAG'],
  [18, 'REPORT-CHANNEL'],
  [19, 'ZONEVERSION'],
]);

export function typeName(code: number): string {
  return (code < typeNamesEnd ? typeNames[code] : assignedTypes.get(code)) || `TYPE${code}`;
}

export function isKnownType(code: number): boolean {
  return code < typeNamesEnd ? typeNames[code] !== '' : assignedTypes.has(code);
}

export function className(code: number): string {
  return classNames.get(code) ?? `CLASS${code}`;
}

/** CS (2) is obsolete and never seen; it does not count as evidence for DNS. */
export function isKnownClass(code: number): boolean {
  return code === 1 || code === 3 || code === 4 || code === 254 || code === 255;
}

export function rcodeName(code: number): string {
  return rcodeNames.get(code) ?? `RCODE${code}`;
}

export function opcodeName(code: number): string {
  return opcodeNames[code] || `OPCODE${code}`;
}

/** Names of EDNS options (RFC 6891 §6.1.2); `OPT65001` where none is assigned. */
export function optionName(code: number): string {
  return optionNames.get(code) ?? `OPT${code}`;
}
