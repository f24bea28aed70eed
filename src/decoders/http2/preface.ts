// What a client of HTTP/2 sends first (RFC 9113 section 3.4): made so that servers of HTTP/1 refuse it.

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
