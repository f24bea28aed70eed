// The queries of a session as Arkime's document has them in `dns`: an object for each question, in which what query and
// response say comes together. The decoder hands over every message, where that document is written; runs on packet workers.
//
// An object is noted when query and response have come, in whichever order, or at the session's end. Until then the same
// question (id, name, type, class) belongs to it, so that one asked again is one. Zone transfers stay open for the messages
// that follow.

import { JsonText } from '../../record/index.ts';
import { readU16 } from '../big-endian.ts';
import type { DecoderContext } from '../contract.ts';
import { collected, onlyArkime } from '../session-field.ts';
import { type Answer, answerOf, DataType } from './answer-object.ts';
import { className, opcodeName, RrType, rcodeName, typeName } from './code-points.ts';
import { headerBytes } from './domain-name.ts';
import { HeaderFlag, MessageReader, Reading } from './message-reader.ts';
import { hasPunycode, unicodeName } from './punycode.ts';
import { readWireName, type WireName } from './wire-name.ts';

/** Questions of a message that are believed; one with more, or with an opcode beyond UPDATE, says nothing. */
const questionsMax = 10;
const opcodeMax = 5;
/** Open objects of a session; one more, and the oldest is noted. */
const openMax = 128;
/** Records of an object. */
const answersMax = 1024;
const rootName = '<root>';

const shownFlags: readonly (readonly [string, number])[] = [
  ['AA', HeaderFlag.aa],
  ['TC', HeaderFlag.tc],
  ['RD', HeaderFlag.rd],
  ['RA', HeaderFlag.ra],
  ['AD', HeaderFlag.ad],
  ['CD', HeaderFlag.cd],
];

/** Codes that Arkime calls otherwise than the IANA registry does today. */
const statusNames: ReadonlyMap<number, string> = new Map([
  [4, 'NOTIMPL'],
  [16, 'BADSIG_VERS'],
]);

/** Which records of a response are read, and whether they are shown. */
export interface QueryOptions {
  readonly all_sections: boolean;
  readonly answer_objects: boolean;
}

export const queriesField = onlyArkime(
  collected('object', 'dns.queries', 'Every question with what its response says.', { path: 'dns', utf8: true }),
);

/** Lists of an object, in the order that it has them. */
const listNames = ['host', 'ip', 'nameserverHost', 'nameserverIp', 'mailserverHost', 'mailserverIp', 'puny'] as const;
type List = (typeof listNames)[number];

interface Query {
  readonly queryHost: string;
  readonly qt: string;
  readonly qc: string;
  readonly opcode: string;
  readonly type: number;
  hasQuery: boolean;
  hasResponse: boolean;
  status: string;
  flags: number;
  readonly answers: Answer[];
  /** Made with their first value: most queries have values of one or two. */
  readonly lists: Partial<Record<List, Set<string>>>;
}

/** An object as the document has it, its members in this order. */
interface Shown {
  readonly queryHost: string;
  readonly qt: string;
  readonly qc: string;
  readonly opcode: string;
  /** The lists and how many values they have. */
  [list: string]: string | number | readonly string[] | readonly Answer[];
  status?: string;
  headerFlags?: readonly string[];
  answersCnt?: number;
  answers?: readonly Answer[];
}

const message = new MessageReader();
const wireName: WireName = { text: '' };

export class QueryObjects {
  readonly #options: QueryOptions;
  /** Open ones, the oldest first. */
  readonly #open: Map<string, Query>;

  constructor(options: QueryOptions) {
    this.#options = options;
    this.#open = new Map();
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** Reads the message `[from, to)` of a session of `variant`. */
  message(context: DecoderContext, bytes: Buffer, from: number, to: number, isMulticast: boolean): void {
    if (message.open(bytes, from, to) !== Reading.ok) return;
    const { questionCount } = message;
    if (questionCount === 0 || questionCount > questionsMax || message.opcode > opcodeMax) return;
    let query: Query | undefined;
    let at = from + headerBytes;
    let key = '';
    for (let index = 0; index < questionCount; index++) {
      at = readWireName(wireName, bytes, from, at, to);
      if (at < 0) return;
      const type = readU16(bytes, at);
      const rrClass = readU16(bytes, at + 2);
      at += 4;
      const name = wireName.text;
      key = `${message.id} ${message.opcode} ${type} ${rrClass} ${name.toLowerCase()}`;
      query = this.#open.get(key) ?? this.#begin(context, key, name, type, isMulticast ? rrClass & 0x7fff : rrClass);
    }
    if (query === undefined) return;
    if (message.isResponse) this.#readResponse(query, bytes, from, isMulticast);
    else query.hasQuery = true;
    if (!query.hasQuery || !query.hasResponse) return;
    if (query.type === RrType.axfr || query.type === RrType.ixfr) return;
    this.#open.delete(key);
    this.#note(context, query);
  }

  /** Notes what is open. */
  end(context: DecoderContext): void {
    for (const query of this.#open.values()) this.#note(context, query);
    this.#open.clear();
  }

  #begin(context: DecoderContext, key: string, name: string, type: number, rrClass: number): Query {
    if (this.#open.size === openMax) {
      for (const [oldest, query] of this.#open) {
        this.#open.delete(oldest);
        this.#note(context, query);
        break;
      }
    }
    const query: Query = {
      queryHost: name === '' ? rootName : shownHost(name),
      qt: typeName(type),
      qc: className(rrClass),
      opcode: opcodeName(message.opcode),
      type,
      hasQuery: false,
      hasResponse: false,
      status: '',
      flags: 0,
      answers: [],
      lists: {},
    };
    if (name !== '') addHost(query, 'host', name);
    this.#open.set(key, query);
    return query;
  }

  #readResponse(query: Query, bytes: Buffer, from: number, isMulticast: boolean): void {
    query.hasResponse = true;
    query.flags |= message.flags;
    let rcode = message.rcode;
    const shownSections = this.#options.all_sections ? 3 : 1;
    const counts = [message.answerCount, message.authorityCount, message.additionalCount];
    for (const [section, count] of counts.entries()) {
      for (let index = 0; index < count; index++) {
        if (message.next(bytes) !== Reading.ok) {
          query.status = statusName(rcode);
          return;
        }
        if (message.type === DataType.opt) rcode = (rcode & 15) | ((message.ttl >>> 24) << 4);
        else if (section < shownSections && query.answers.length < answersMax)
          this.#readRecord(query, bytes, from, section === 0, isMulticast);
      }
    }
    query.status = statusName(rcode);
  }

  /** The record under the cursor. */
  #readRecord(query: Query, bytes: Buffer, from: number, isAnswer: boolean, isMulticast: boolean): void {
    if (readWireName(wireName, bytes, from, message.ownerAt, message.end) < 0) return;
    const owner = wireName.text;
    const head = {
      name: owner === '' ? rootName : unicodeOf(owner),
      type: message.type,
      // Multicast DNS says by the top bit that what is known of the name is to be forgotten (RFC 6762 §10.2).
      rrClass: isMulticast ? message.rawClass & 0x7fff : message.rawClass,
      ttl: message.ttl,
    };
    const answer = answerOf(head, bytes, from, message.dataAt, message.dataEnd);
    if (answer === undefined) return;
    query.answers.push(answer);
    const all = this.#options.all_sections;
    if (answer.ip !== undefined) this.#addAddress(query, owner, answer.ip, isAnswer);
    if (answer.cname !== undefined) addHost(query, 'host', answer.cname);
    if (answer.nameserver !== undefined) addHost(query, all ? 'nameserverHost' : 'host', answer.nameserver);
    if (answer.mx !== undefined) addHost(query, all ? 'mailserverHost' : 'host', answer.mx);
    if (answer.cname !== undefined) answer.cname = unicodeOf(answer.cname);
    if (answer.nameserver !== undefined) answer.nameserver = unicodeOf(answer.nameserver);
    if (answer.mx !== undefined) answer.mx = unicodeOf(answer.mx);
  }

  /** An address belongs to what its owner was named as before: what was asked for, a name server, a mail server, several of them. */
  #addAddress(query: Query, owner: string, ip: string, isAnswer: boolean): void {
    if (!this.#options.all_sections) {
      add(query, 'ip', ip);
      return;
    }
    const host = shownHost(owner);
    const { lists } = query;
    if (lists.nameserverHost?.has(host) === true) add(query, 'nameserverIp', ip);
    if (lists.mailserverHost?.has(host) === true) add(query, 'mailserverIp', ip);
    if (isAnswer || lists.host?.has(host) === true) add(query, 'ip', ip);
  }

  #note(context: DecoderContext, query: Query): void {
    const { queryHost, qt, qc, opcode, answers } = query;
    const shown: Shown = { queryHost, qt, qc, opcode };
    for (const name of listNames) {
      const values = query.lists[name];
      if (values === undefined) continue;
      shown[name] = [...values];
      shown[`${name}Cnt`] = values.size;
    }
    if (query.hasResponse) shown.status = query.status;
    const headerFlags = flagNames(query.flags);
    if (headerFlags.length > 0) shown.headerFlags = headerFlags;
    if (this.#options.answer_objects) {
      if (query.hasResponse) shown.answersCnt = answers.length;
      if (answers.length > 0) shown.answers = answers;
    }
    context.note(queriesField, JsonText.of(shown));
  }
}

function statusName(rcode: number): string {
  return statusNames.get(rcode) ?? rcodeName(rcode);
}

/** By the bits of them that are shown: messages have a few sets of flags. */
const knownFlags = new Map<number, readonly string[]>();
const shownMask = shownFlags.reduce((mask, [, bit]) => mask | bit, 0);

function flagNames(flags: number): readonly string[] {
  const bits = flags & shownMask;
  let names = knownFlags.get(bits);
  if (names === undefined) {
    names = shownFlags.filter(([, bit]) => (bits & bit) !== 0).map(([name]) => name);
    knownFlags.set(bits, names);
  }
  return names;
}

function add({ lists }: Query, list: List, value: string): void {
  const values = lists[list];
  if (values === undefined) lists[list] = new Set([value]);
  else values.add(value);
}

/** Adds a name, in Unicode, to the hosts it is one of; the form that it has on the wire is kept beside. */
function addHost(query: Query, list: List, name: string): void {
  const lower = name.toLowerCase();
  if (hasPunycode(lower)) add(query, 'puny', lower);
  add(query, list, shownHost(name));
}

function shownHost(name: string): string {
  const lower = name.toLowerCase();
  return hasPunycode(lower) ? (unicodeName(lower) ?? lower) : lower;
}

/** In Unicode when it is coded, else as it is. */
function unicodeOf(name: string): string {
  const lower = name.toLowerCase();
  return hasPunycode(lower) ? (unicodeName(lower) ?? name) : name;
}
