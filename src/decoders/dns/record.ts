// The `dns` record: which fields it has and how they are read from a transaction. ECS names where ECS has one.

import { defineRecordType, JsonText, type RecordType, type SessionField } from '../../record/index.ts';
import { ecsOutcomeTexts, outcomeTexts, protocolField, textsOf } from '../ecs-fields.ts';
import { classText, opcodeText, rcodeText, table, typeText } from './code-texts.ts';
import type { Edns } from './edns.ts';
import { HeaderFlag } from './message-reader.ts';
import { TextWriter } from './text-writer.ts';
import type { Transaction } from './transaction.ts';

const shownFlags: readonly (readonly [string, number])[] = [
  ['AA', HeaderFlag.aa],
  ['TC', HeaderFlag.tc],
  ['RD', HeaderFlag.rd],
  ['RA', HeaderFlag.ra],
  ['Z', HeaderFlag.z],
  ['AD', HeaderFlag.ad],
  ['CD', HeaderFlag.cd],
];
/** LLMNR gives two of the bits other meanings: conflict and tentative (RFC 4795 §2.1.1). */
const llmnrFlags: readonly (readonly [string, number])[] = [
  ['C', HeaderFlag.aa],
  ['TC', HeaderFlag.tc],
  ['T', HeaderFlag.rd],
];

/** The list for the seven bits (flags >> 4 & 127), with 128 for DO. */
function flagLists(flags: readonly (readonly [string, number])[]): (index: number) => JsonText | undefined {
  return table(256, (index) => {
    const bits = (index & 127) << 4;
    const names = flags.filter(([, bit]) => (bits & bit) !== 0).map(([name]) => name);
    if (index > 127) names.push('DO');
    return names.length > 0 ? JsonText.of(names) : undefined;
  });
}
const dnsFlagList = flagLists(shownFlags);
const llmnrFlagList = flagLists(llmnrFlags);

function headerFlags(t: Transaction): JsonText | undefined {
  const bits = ((t.hasResponse ? t.responseFlags : t.queryFlags) >> 4) & 127;
  const index = edns(t).dnssecOk ? bits + 128 : bits;
  return t.variant === 'llmnr' ? llmnrFlagList(index) : dnsFlagList(index);
}

/** The query's, or the response's where no query was seen. */
function edns(t: Transaction): Edns {
  return t.hasQuery ? t.queryEdns : t.responseEdns;
}

const variants = textsOf(['dns', 'mdns', 'llmnr'], (variant) => variant);
const kinds = textsOf(['answer', 'query'], (kind) => kind);

const idDigits = new TextWriter(7);
const idJson = new JsonText(idDigits.bytes, 0, 0);

function idText(t: Transaction): JsonText {
  idDigits.begin(7);
  idDigits.byte(0x22);
  idDigits.decimal(t.id);
  idDigits.byte(0x22);
  idJson.to = idDigits.length;
  return idJson;
}

export const dnsRecordType: RecordType<Transaction> = defineRecordType<Transaction>({
  name: 'dns',
  meaning: 'A DNS query and its response; one of the two where only that was seen.',
  fields: [
    protocolField('dns'),
    {
      name: 'event.duration',
      type: 'long',
      meaning: "Nanoseconds from the query's first byte to the response's last.",
      value: (t) => (t.hasQuery && t.hasResponse ? Math.max(0, t.responseUs - t.startUs) * 1000 : undefined),
    },
    {
      name: 'event.outcome',
      type: 'keyword',
      meaning: '`success`, `failure` or `unknown`; dns.outcome says more.',
      // Nobody owes a multicast question an answer, and one given comes in a session of its own.
      value: (t) => (t.outcome === 'unanswered' && t.variant !== 'dns' ? 'unknown' : ecsOutcomeTexts[t.outcome]),
    },
    {
      name: 'dns.outcome',
      type: 'keyword',
      meaning:
        '`success` (NOERROR; also where the sender cut the answer, TC in dns.header_flags: it is asked for again over TCP, in a session of its own), `failure` (another code), `unanswered`, `reset`, `truncated` (the end of the response is missing), `unsolicited` (a response without a query).',
      value: (t) => outcomeTexts[t.outcome],
    },
    {
      name: 'dns.variant',
      type: 'keyword',
      meaning: '`dns`; `mdns` on port 5353 (RFC 6762); `llmnr` on port 5355 (RFC 4795).',
      value: (t) => variants[t.variant],
    },
    {
      name: 'dns.type',
      type: 'keyword',
      meaning: '`answer` when there is a response, else `query`.',
      value: (t) => (t.hasResponse ? kinds.answer : kinds.query),
    },
    { name: 'dns.id', type: 'keyword', meaning: 'Transaction id, decimal.', value: idText },
    { name: 'dns.op_code', type: 'keyword', meaning: 'QUERY, NOTIFY, UPDATE, …', value: (t) => opcodeText(t.opcode) },
    {
      name: 'dns.response_code',
      type: 'keyword',
      meaning: 'NOERROR, NXDOMAIN, …, with the upper bits from EDNS (BADVERS, BADCOOKIE).',
      value: (t) => (t.hasResponse ? rcodeText(t.rcode) : undefined),
    },
    {
      name: 'dns.header_flags',
      type: 'keyword',
      many: true,
      meaning:
        "AA, TC, RD, RA, Z (reserved, an oddity), AD, CD of the response (of the query without one), DO of the query's EDNS; C, TC, T for LLMNR.",
      value: headerFlags,
    },
    {
      name: 'dns.question.name',
      type: 'keyword',
      meaning: 'Name asked for, as sent, without a dot at the end; bytes that are not printable ASCII as \\DDD (RFC 4343 §2.1).',
      value: (t) => (t.hasQuestion ? t.questionText?.json : undefined),
    },
    {
      name: 'dns.question.type',
      type: 'keyword',
      meaning: 'A, AAAA, HTTPS, …; TYPEn when unknown (RFC 3597).',
      value: (t) => (t.hasQuestion ? typeText(t.questionType) : undefined),
    },
    {
      name: 'dns.question.class',
      type: 'keyword',
      meaning: 'IN, CH, …; CLASSn when unknown.',
      value: (t) => (t.hasQuestion ? classText(t.questionClass) : undefined),
    },
    {
      name: 'dns.question.unicast_response',
      type: 'boolean',
      meaning: 'Multicast DNS: an answer by unicast is wanted (RFC 6762 §5.4).',
      value: (t) => (t.unicastWanted ? true : undefined),
    },
    {
      name: 'dns.questions',
      type: 'object',
      many: true,
      meaning: 'Name, type and class of every question, when there are several (multicast DNS); at most 16.',
      value: (t) => t.questions,
    },
    {
      name: 'dns.answers_count',
      type: 'long',
      meaning: 'Records in the answer section by the header, all messages of a zone transfer together.',
      value: (t) => (t.hasResponse ? t.answersCount : undefined),
    },
    {
      name: 'dns.authorities_count',
      type: 'long',
      meaning: 'Records in the authority section by the header.',
      value: (t) => (t.hasResponse ? t.authoritiesCount : undefined),
    },
    {
      name: 'dns.additionals_count',
      type: 'long',
      meaning: 'Records in the additional section by the header, OPT included.',
      value: (t) => (t.hasResponse ? t.additionalsCount : undefined),
    },
    {
      name: 'dns.answers',
      type: 'object',
      many: true,
      meaning: 'Name, type, class, ttl (seconds) and data (presentation format) of the first records of the answer section.',
      value: (t) => t.sections?.answers.json,
    },
    {
      name: 'dns.authorities',
      type: 'object',
      many: true,
      meaning: 'The same of the authority section, with the option `authorities`.',
      value: (t) => t.sections?.authorities.json,
    },
    {
      name: 'dns.additionals',
      type: 'object',
      many: true,
      meaning: 'The same of the additional section without OPT, with the option `additionals`.',
      value: (t) => t.sections?.additionals.json,
    },
    {
      name: 'dns.resolved_ip',
      type: 'ip',
      many: true,
      meaning: 'Addresses in the answers.',
      value: (t) => t.sections?.addresses.json,
    },
    {
      name: 'dns.request.bytes',
      type: 'long',
      meaning: 'Bytes of the query message.',
      value: (t) => (t.hasQuery ? t.requestBytes : undefined),
    },
    {
      name: 'dns.request.retransmissions',
      type: 'long',
      meaning: 'Times the same query (id and question) was seen again before its response.',
      value: (t) => (t.retransmissions > 0 ? t.retransmissions : undefined),
    },
    {
      name: 'dns.response.bytes',
      type: 'long',
      meaning: 'Bytes of the response message, of all of them for a zone transfer.',
      value: (t) => (t.hasResponse ? t.responseBytes : undefined),
    },
    {
      name: 'dns.response.messages',
      type: 'long',
      meaning: 'Messages of the response, when there are several (zone transfer).',
      value: (t) => (t.responseMessages > 1 ? t.responseMessages : undefined),
    },
    {
      name: 'dns.edns.version',
      type: 'long',
      meaning: 'EDNS version (RFC 6891) of the query; of the response where no query was seen.',
      value: (t) => (edns(t).present ? edns(t).version : undefined),
    },
    {
      name: 'dns.edns.udp_size',
      type: 'long',
      meaning: 'Bytes of UDP payload that its sender can take.',
      value: (t) => (edns(t).present ? edns(t).udpSize : undefined),
    },
    {
      name: 'dns.edns.dnssec_ok',
      type: 'boolean',
      meaning: 'DO: DNSSEC records are wanted (RFC 3225).',
      value: (t) => (edns(t).present ? edns(t).dnssecOk : undefined),
    },
    {
      name: 'dns.edns.options',
      type: 'keyword',
      many: true,
      meaning: 'Names of its EDNS options: NSID, ECS, COOKIE, …',
      value: (t) => edns(t).options,
    },
    {
      name: 'dns.edns.client_subnet',
      type: 'keyword',
      meaning: 'Client subnet option (RFC 7871), address and source prefix length.',
      value: (t) => edns(t).clientSubnet,
    },
    {
      name: 'dns.edns.cookie',
      type: 'boolean',
      meaning: 'A cookie option is present (RFC 7873).',
      value: (t) => (edns(t).cookie ? true : undefined),
    },
    {
      name: 'dns.edns.error_code',
      type: 'long',
      meaning: 'INFO-CODE of the first extended error in the response (RFC 8914).',
      value: (t) => (t.responseEdns.errorCode >= 0 ? t.responseEdns.errorCode : undefined),
    },
    {
      name: 'dns.edns.error_text',
      type: 'text',
      meaning: 'Its text, at most 256 bytes.',
      value: (t) => t.responseEdns.errorText,
    },
  ],
});

export const noted = {
  questionName: { name: 'dns.question.name', type: 'keyword', many: true, meaning: 'Names asked for.' },
  questionType: { name: 'dns.question.type', type: 'keyword', many: true, meaning: 'Types asked for.' },
  responseCode: { name: 'dns.response_code', type: 'keyword', many: true, meaning: 'Response codes.' },
  resolvedIp: { name: 'dns.resolved_ip', type: 'ip', many: true, meaning: 'Addresses in answers.' },
} as const satisfies Record<string, SessionField>;
