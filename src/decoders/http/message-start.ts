// Finds the first line of a message: the next line of a stream that is in step, or the next line that looks like one
// after a loss. Called by the decoder on a packet worker; it decides nothing but where the line is and what it says.

import { tokenLower } from './header-table.ts';
import { Line, Taken, takeLine } from './line-carry.ts';
import type { HttpSettings } from './options.ts';
import { Role, type Side } from './side.ts';
import { Candidate } from './start-candidate.ts';
import { isVersionPrefix, LineVerdict, quickRequestLine, readRequestLine, readStatusLine, StartLine } from './start-line.ts';

const LF = 0x0a;
const CR = 0x0d;
/** `GET / HTTP/1.1` with LF. */
const shortestRequestLine = 15;

export const Start = {
  /** No line yet; all bytes were taken. */
  none: 0,
  found: 1,
  /** In step: a line that is no first line. */
  bad: 2,
  /** In step: a line longer than a head may be. */
  tooLong: 3,
  /** After a loss: `resync_bytes` were searched in vain. */
  gaveUp: 4,
} as const;
export type Start = (typeof Start)[keyof typeof Start];

/** The line at hand and what it says; one for the thread, filled and read within one call of the decoder. */
export const line = new Line();
export const startLine = new StartLine();
const candidate = new Candidate();

let finder: StartFinder | undefined;

/** The finder for these settings: nearly always the one of the thread. Nothing of it is valid beyond one call of the decoder. */
export function finderOf(settings: HttpSettings): StartFinder {
  if (finder?.settings !== settings) finder = new StartFinder(settings);
  return finder;
}

export class StartFinder {
  /** Where the last call stopped. */
  pos = 0;
  /** The last line found is a status line. */
  isResponse = false;
  lax = false;
  readonly settings: HttpSettings;

  constructor(settings: HttpSettings) {
    this.settings = settings;
  }

  /** Reads the line that is due in `bytes[from, to)`. */
  read(side: Side, bytes: Buffer, from: number, to: number, nowUs: number): Start {
    let pos = from;
    this.isResponse = side.role === Role.responses;
    if (side.carry.length === 0) {
      // RFC 9112 section 2.2: empty lines before a message are ignored.
      while (pos < to && (bytes[pos] === CR || bytes[pos] === LF)) pos++;
      this.pos = pos;
      if (pos === to) return Start.none;
      side.lineUs = nowUs;
      if (tokenLower[bytes[pos] as number] === 0) return Start.bad;
    }
    this.pos = pos;
    if (side.role !== Role.responses && side.carry.length === 0 && this.readQuickly(bytes, pos, to)) return Start.found;
    const taken = takeLine(side.carry, bytes, pos, to, this.settings.maxHeadBytes, false, line);
    if (taken === Taken.tooLong) return Start.tooLong;
    this.pos = to;
    if (taken === Taken.partial) return Start.none;
    this.pos = line.next;
    this.isResponse = isResponseLine(side);
    const verdict = this.isResponse
      ? readStatusLine(line.bytes, line.from, line.to, startLine)
      : readRequestLine(line.bytes, line.from, line.to, this.settings.maxUriBytes, startLine);
    this.lax = verdict === LineVerdict.lax;
    if (verdict !== LineVerdict.bad) return Start.found;
    // A first line may begin inside the bad one, after a body that should not be there.
    if (side.carry.length === 0) this.pos = pos;
    return Start.bad;
  }

  /** Reads the request line that nearly all are, without looking for its end first. */
  private readQuickly(bytes: Buffer, pos: number, to: number): boolean {
    const { maxHeadBytes, maxUriBytes } = this.settings;
    const end = quickRequestLine(bytes, pos, to, maxUriBytes, startLine);
    if (end === -1 || end + 1 - pos > maxHeadBytes) return false;
    line.set(bytes, pos, end, false, end + 1);
    this.pos = end + 1;
    this.isResponse = false;
    this.lax = false;
    return true;
  }

  /**
   * Searches `bytes[from, to)` for the next first line. It must be one by the book, with a known method: bodies are searched
   * too. A candidate that turns out to be none is passed over with its line.
   */
  search(side: Side, bytes: Buffer, from: number, to: number, nowUs: number): Start {
    const { resyncBytes, maxHeadBytes } = this.settings;
    const { carry } = side;
    let pos = from;
    this.lax = false;
    while (pos < to) {
      if (side.passLine) {
        const start = pos;
        while (pos < to && bytes[pos] !== LF) pos++;
        if (pos < to) {
          pos++;
          side.passLine = false;
        }
        side.searchedBytes += pos - start;
        continue;
      }
      if (!side.candidate) {
        pos = this.findCandidate(side, bytes, pos, to, nowUs);
        this.pos = pos;
        if (side.searchedBytes > resyncBytes) return Start.gaveUp;
        if (!side.candidate) continue;
      }
      const taken = takeLine(carry, bytes, pos, to, maxHeadBytes, false, line);
      if (taken === Taken.partial) break;
      side.candidate = false;
      if (taken === Taken.tooLong) {
        carry.clear();
        side.passLine = true;
        continue;
      }
      pos = line.next;
      this.pos = pos;
      this.isResponse = isResponseLine(side);
      if (this.isResponse ? this.isStatusLine() : this.isRequestLine()) return Start.found;
      side.searchedBytes += line.length;
      carry.clear();
    }
    this.pos = to;
    return Start.none;
  }

  /** Goes on to the next candidate; the beginning of one at the end of the bytes is carried. */
  private findCandidate(side: Side, bytes: Buffer, from: number, to: number, nowUs: number): number {
    const { carry } = side;
    let pos = from;
    while (carry.length > 0) {
      if (pos === to) return pos;
      carry.append(bytes, pos, pos + 1);
      pos++;
      candidate.find(side.role, carry.buffer, 0, carry.length);
      side.searchedBytes += candidate.at;
      if (candidate.at > 0) side.lineUs = nowUs;
      carry.drop(candidate.at);
      if (candidate.whole) {
        side.candidate = true;
        return pos;
      }
    }
    candidate.find(side.role, bytes, pos, to);
    side.searchedBytes += candidate.at - pos;
    side.lineUs = nowUs;
    if (candidate.whole) {
      side.candidate = true;
      return candidate.at;
    }
    if (candidate.at < to) carry.append(bytes, candidate.at, to);
    return to;
  }

  /**
   * Is the next line of `bytes[from, to)` a request line, or the body of which `side.left` bytes are due? `bad`: it is
   * body; what of it lies in the carry ends at `pos`.
   */
  readInsteadOfBody(side: Side, bytes: Buffer, from: number, to: number): Start {
    this.pos = from;
    this.isResponse = false;
    this.lax = false;
    if (side.left < shortestRequestLine) return Start.bad;
    const taken = takeLine(side.carry, bytes, from, to, side.left, false, line);
    if (taken === Taken.tooLong) return Start.bad;
    if (taken === Taken.partial) {
      this.pos = to;
      return Start.none;
    }
    const found = this.isRequestLine();
    if (found || side.carry.length > 0) this.pos = line.next;
    return found ? Start.found : Start.bad;
  }

  private isStatusLine(): boolean {
    return readStatusLine(line.bytes, line.from, line.to, startLine) === LineVerdict.good;
  }

  private isRequestLine(): boolean {
    const verdict = readRequestLine(line.bytes, line.from, line.to, this.settings.maxUriBytes, startLine);
    return verdict === LineVerdict.good && startLine.method.isKnown;
  }
}

function isResponseLine(side: Side): boolean {
  if (side.role !== Role.unknown) return side.role === Role.responses;
  return line.to - line.from >= 7 && isVersionPrefix(line.bytes, line.from, line.to);
}
