// Reads the record sections of an opened message: answers as JSON, EDNS, addresses. Called by the decoder, one instance
// a thread. Sections that nobody wants to see are only walked, to find OPT and what is wrong.

import type { Anomaly, JsonText } from '../../record/index.ts';
import { dnsAnomalies } from './anomalies.ts';
import { className, RrType, typeName } from './code-points.ts';
import { recordHeadPhrase } from './code-texts.ts';
import { headerBytes, writeName } from './domain-name.ts';
import type { Edns } from './edns.ts';
import { type MessageReader, Reading } from './message-reader.ts';
import type { DnsOptions } from './options.ts';
import { nameCharactersMax, type QuestionText } from './question-text.ts';
import { writeData } from './resource-data.ts';
import { JsonList, type SectionText } from './section-text.ts';
import { Phrase, type TextWriter } from './text-writer.ts';
import type { Transaction } from './transaction.ts';

/** Questions shown of a message that has several. */
const questionsMax = 16;
/** A record's JSON without its name and data. */
const frameBytesMax = 128;
/** Says that data was cut. */
const cutMark = '...';

const nameKey = new Phrase('{"name":');
const dataKey = new Phrase(',"data":"');
const cacheFlush = new Phrase('","cache_flush":true}');
const recordEnd = new Phrase('"}');

/** The anomaly of a fault that MessageReader answered. */
export function anomalyOf(fault: number): Anomaly {
  if (fault === Reading.bad) return dnsAnomalies.bad_name;
  if (fault === Reading.loop) return dnsAnomalies.pointer_loop;
  return fault === Reading.shortHeader ? dnsAnomalies.short_header : dnsAnomalies.truncated_message;
}

export class RecordReader {
  readonly #message: MessageReader;
  readonly #question: QuestionText;
  /** Type of the last answer of the message just read. */
  lastAnswerType: number;
  /** The message ended before its last record did. */
  isCut: boolean;
  /** The first thing that was wrong; undefined when nothing was. */
  fault: Anomaly | undefined;
  /** Offset of a name that was written last, and its JSON in the list being written; many owners lead to it. */
  #knownAt: number;
  #knownFrom: number;
  #knownTo: number;
  /** Where the data of the record just written ends in the list's text. */
  #dataTo: number;

  /** `question` holds the name that the message's question gives whenever a response is read. */
  constructor(message: MessageReader, question: QuestionText) {
    this.#message = message;
    this.#question = question;
    this.lastAnswerType = 0;
    this.isCut = false;
    this.fault = undefined;
    this.#knownAt = -1;
    this.#knownFrom = 0;
    this.#knownTo = 0;
    this.#dataTo = 0;
  }

  /** Walks all sections of a query, for its EDNS and its soundness. */
  readQuery(bytes: Buffer, edns: Edns): void {
    const message = this.#message;
    this.#start();
    const ok =
      this.#skipSection(bytes, message.answerCount) &&
      this.#skipSection(bytes, message.authorityCount) &&
      this.#additional(bytes, undefined, edns, undefined);
    if (ok) this.#finish();
  }

  /** Reads the sections of a response into `t` and its `sections`; its question must be in `t` already. */
  readResponse(bytes: Buffer, t: Transaction, options: DnsOptions): void {
    const message = this.#message;
    const { answers, addresses, authorities } = t.sections as SectionText;
    this.#start();
    t.answersCount += message.answerCount;
    t.authoritiesCount += message.authorityCount;
    t.additionalsCount += message.additionalCount;
    this.#knownAt = -1;
    for (let index = 0; index < message.answerCount; index++) {
      if (!this.#next(bytes)) return;
      const type = message.type;
      this.lastAnswerType = type;
      if (answers.count >= options.max_records) continue;
      const dataAt = this.#writeRecord(answers, bytes, t, options);
      if (dataAt < 0) continue;
      const length = message.dataEnd - message.dataAt;
      if ((type === RrType.a && length === 4) || (type === RrType.aaaa && length === 16))
        addresses.add(answers.text, dataAt, this.#dataTo);
    }
    if (!options.authorities) {
      if (!this.#skipSection(bytes, message.authorityCount)) return;
    } else if (!this.#readSection(authorities, bytes, message.authorityCount, t, options)) return;
    if (this.#additional(bytes, t, t.responseEdns, options)) this.#finish();
  }

  /** All questions of the opened message, which has several. */
  questions(bytes: Buffer): JsonText | undefined {
    const message = this.#message;
    const list = new JsonList();
    let at = message.start + headerBytes;
    for (let index = 0; index < message.questionCount && index < questionsMax; index++) {
      const before = list.begin(2 * nameCharactersMax + frameBytesMax);
      const text = list.text;
      text.phrase(nameKey);
      at = writeQuotedName(text, bytes, message.start, at, message.end);
      if (at < 0) {
        this.fault = anomalyOf(at);
        list.cancel(before);
        break;
      }
      const type = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
      const rrClass = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
      text.ascii(`,"type":"${typeName(type)}","class":"${className(rrClass & 0x7fff)}"}`);
      at += 4;
    }
    const json = list.json;
    // The list's buffer has room for the longest names; a transaction may wait long.
    return json?.kept();
  }

  #start(): void {
    this.lastAnswerType = 0;
    this.isCut = false;
    this.fault = undefined;
  }

  #finish(): void {
    if (this.#message.bytesLeft > 0) this.fault ??= dnsAnomalies.trailing_bytes;
  }

  #next(bytes: Buffer): boolean {
    const reading = this.#message.next(bytes);
    if (reading === Reading.ok) return true;
    if (reading === Reading.end) {
      this.isCut = true;
      this.fault ??= dnsAnomalies.bad_count;
    } else {
      this.isCut = reading === Reading.cut;
      this.fault ??= anomalyOf(reading);
    }
    return false;
  }

  #skipSection(bytes: Buffer, count: number): boolean {
    for (let index = 0; index < count; index++) if (!this.#next(bytes)) return false;
    return true;
  }

  #readSection(list: JsonList, bytes: Buffer, count: number, t: Transaction, options: DnsOptions): boolean {
    this.#knownAt = -1;
    for (let index = 0; index < count; index++) {
      if (!this.#next(bytes)) return false;
      if (list.count < options.max_records) this.#writeRecord(list, bytes, t, options);
    }
    return true;
  }

  #additional(bytes: Buffer, t: Transaction | undefined, edns: Edns, options: DnsOptions | undefined): boolean {
    const message = this.#message;
    const list = options?.additionals === true ? t?.sections?.additionals : undefined;
    this.#knownAt = -1;
    for (let index = 0; index < message.additionalCount; index++) {
      if (!this.#next(bytes)) return false;
      if (message.type === RrType.opt) {
        if (edns.present) this.fault ??= dnsAnomalies.bad_edns;
        else if (!edns.read(message.rawClass, message.ttl, bytes, message.dataAt, message.dataEnd))
          this.fault ??= dnsAnomalies.bad_edns;
      } else if (list !== undefined && t !== undefined && options !== undefined && list.count < options.max_records)
        this.#writeRecord(list, bytes, t, options);
    }
    return true;
  }

  /** Writes the record under the cursor. @returns where its data begins in the list's text; -1 when its name is bad. */
  #writeRecord(list: JsonList, bytes: Buffer, t: Transaction, options: DnsOptions): number {
    const message = this.#message;
    const dataCharactersMax = options.max_data_chars;
    const before = list.begin(2 * (nameCharactersMax + dataCharactersMax) + frameBytesMax);
    const text = list.text;
    text.phrase(nameKey);
    const fault = this.#writeOwner(text, bytes);
    if (fault < 0) {
      this.fault ??= anomalyOf(fault);
      list.cancel(before);
      return -1;
    }
    const type = message.type;
    const flushes = t.variant === 'mdns' && message.rawClass >= 0x8000;
    const head = recordHeadPhrase(type, flushes ? message.rawClass & 0x7fff : message.rawClass);
    text.phrase(head);
    text.decimal(message.ttl);
    text.phrase(dataKey);
    const from = text.length;
    const dataBytes = message.dataEnd - message.dataAt;
    if (type === RrType.a && dataBytes === 4) text.ipv4(bytes, message.dataAt);
    else if (type === RrType.aaaa && dataBytes === 16) text.ipv6(bytes, message.dataAt);
    else if (type === RrType.cname && dataCharactersMax >= nameCharactersMax && this.#writeAlias(text, bytes)) {
      this.#knownAt = message.dataAt;
      // With the quotes around it.
      this.#knownFrom = from - 1;
      this.#knownTo = text.length + 1;
    } else this.#writeOther(text, bytes, from, dataCharactersMax);
    this.#dataTo = text.length;
    if (flushes) text.phrase(cacheFlush);
    else text.phrase(recordEnd);
    return from;
  }

  /** A name that fills the data. @returns false, with nothing written, when it does not. */
  #writeAlias(text: TextWriter, bytes: Buffer): boolean {
    const message = this.#message;
    const from = text.length;
    text.special = false;
    if (writeName(text, bytes, message.start, message.dataAt, message.dataEnd) !== message.dataEnd) {
      text.length = from;
      return false;
    }
    if (text.special) text.escapeJson(from);
    return true;
  }

  /** Data that may need to be cut or escaped. */
  #writeOther(text: TextWriter, bytes: Buffer, from: number, charactersMax: number): void {
    const message = this.#message;
    const room = text.limit;
    text.limit = from + charactersMax;
    if (!writeData(text, message.type, bytes, message.start, message.dataAt, message.dataEnd))
      this.fault ??= dnsAnomalies.bad_record_data;
    text.limit = room;
    if (text.cut) text.ascii(cutMark);
    text.escapeJson(from);
  }

  /** @returns a NameFault, or something else. */
  #writeOwner(text: TextWriter, bytes: Buffer): number {
    const message = this.#message;
    const at = message.ownerAt;
    let nameAt = at;
    // Most owners are a pointer to the question's name or to one just written.
    if ((bytes[at] as number) >= 0xc0) {
      const offset = (((bytes[at] as number) & 0x3f) << 8) | (bytes[at + 1] as number);
      nameAt = message.start + offset;
      if (offset === headerBytes && message.questionCount > 0) {
        const { json } = this.#question;
        text.copy(this.#question.text, json.from, json.to);
        return 0;
      }
      if (nameAt === this.#knownAt) {
        text.copy(text, this.#knownFrom, this.#knownTo);
        return 0;
      }
    }
    const from = text.length;
    const end = writeQuotedName(text, bytes, message.start, at, message.end);
    if (end >= 0) {
      this.#knownAt = nameAt;
      this.#knownFrom = from;
      this.#knownTo = text.length;
    }
    return end;
  }
}

/** As `writeName`, as a JSON string. */
function writeQuotedName(text: TextWriter, bytes: Buffer, message: number, at: number, end: number): number {
  text.byte(0x22);
  const from = text.length;
  text.special = false;
  const behind = writeName(text, bytes, message, at, end);
  if (text.special) text.escapeJson(from);
  text.byte(0x22);
  return behind;
}
