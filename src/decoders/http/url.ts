// The parts of a request's URL: the target in one of its four forms (RFC 9112 section 3.2) and the Host header. Read
// when a transaction's record is made, on a packet worker.

/** Where the parts of a request target lie. Offsets in the target; -1: it has no such part. */
export class UrlParts {
  scheme = '';
  domain = '';
  /** 0: none given. */
  port = 0;
  /** The target is a URL by itself. */
  absolute = false;
  pathFrom = -1;
  pathTo = -1;
  queryFrom = -1;

  /** Reads a target of `method` and the Host header that came with it; '' for none. */
  read(method: string, target: string, host: string): void {
    this.scheme = 'http';
    this.domain = '';
    this.port = 0;
    this.absolute = false;
    this.pathFrom = -1;
    this.pathTo = -1;
    this.queryFrom = -1;
    if (method === 'CONNECT') {
      this.readAuthority(target);
      return;
    }
    let from = 0;
    if (target.charCodeAt(0) !== 0x2f) {
      const colon = target.indexOf('://');
      if (colon > 0 && colon < 16) {
        this.scheme = target.slice(0, colon).toLowerCase();
        this.absolute = true;
        from = colon + 3;
        while (from < target.length && !endsAuthority(target.charCodeAt(from))) from++;
        const user = target.lastIndexOf('@', from - 1);
        this.readAuthority(target.slice(user >= colon + 3 ? user + 1 : colon + 3, from));
      } else if (target === '*') {
        from = target.length;
      }
    }
    if (!this.absolute) this.readAuthority(host);
    const query = target.indexOf('?', from);
    const pathTo = query === -1 ? target.length : query;
    if (pathTo > from) {
      this.pathFrom = from;
      this.pathTo = pathTo;
    }
    if (query !== -1) this.queryFrom = query + 1;
  }

  private readAuthority(authority: string): void {
    let end = authority.length;
    if (authority.charCodeAt(0) === 0x5b) {
      // RFC 3986 section 3.2.2: an IPv6 address in brackets, which stay part of the domain as ECS has it.
      const bracket = authority.indexOf(']');
      if (bracket !== -1) end = bracket + 1;
    } else {
      const colon = authority.indexOf(':');
      if (colon !== -1 && authority.indexOf(':', colon + 1) === -1) end = colon;
    }
    if (authority.charCodeAt(end) === 0x3a) {
      const port = Number(authority.slice(end + 1) || 'none');
      if (Number.isInteger(port) && port > 0 && port < 65536) this.port = port;
    }
    this.domain = authority.slice(0, end).toLowerCase();
  }
}

function endsAuthority(code: number): boolean {
  return code === 0x2f || code === 0x3f || code === 0x23;
}
