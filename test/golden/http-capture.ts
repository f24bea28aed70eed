// HTTP/1: pipelining, chunks with trailers, HEAD, 100-continue, a tunnel that turns into TLS, an upgrade, and losses.

import { chromeHello, extension, message, record, serverHello, u16 } from '../decoders/tls/hello-bytes.ts';
import { Connection, client, server, Tap } from './tap.ts';

const lines = (...all: string[]): string => `${all.join('\r\n')}\r\n\r\n`;

export function httpCapture(): Buffer {
  const tap = new Tap();
  const connect = (port: number, serverPort = 80): Connection => new Connection(tap, [client, port], [server, serverPort]).open();

  // Three requests in one segment; the answers come in one go too.
  connect(41001)
    .say(
      0,
      lines('GET /index.html?q=1 HTTP/1.1', 'Host: www.example.com', 'User-Agent: golden/1.0', 'Accept: */*') +
        lines('HEAD /big.iso HTTP/1.1', 'Host: www.example.com', 'User-Agent: golden/1.0') +
        lines('GET /missing HTTP/1.1', 'Host: www.example.com', 'Referer: http://www.example.com/index.html'),
    )
    .wait(20)
    .say(
      1,
      `${lines('HTTP/1.1 200 OK', 'Server: tester/2', 'Content-Type: text/html; charset=utf-8', 'Content-Length: 12')}<p>hello</p>` +
        lines('HTTP/1.1 200 OK', 'Content-Type: application/octet-stream', 'Content-Length: 700000000') +
        `${lines('HTTP/1.1 404 Not Found', 'Content-Type: text/plain', 'Content-Length: 5')}none\n`,
    )
    .close();
  // An upload that waits for leave, and a chunked answer with an extension and a trailer.
  connect(41002)
    .say(
      0,
      lines(
        'POST /upload HTTP/1.1',
        'Host: www.example.com:8080',
        'Expect: 100-continue',
        'Content-Type: application/json',
        'Content-Length: 3000',
        'Authorization: Basic dXNlcjpzZWNyZXQ=',
        'X-Forwarded-For: 203.0.113.7, 2001:db8::7',
      ),
    )
    .say(1, lines('HTTP/1.1 100 Continue'))
    .say(0, 'x'.repeat(3000))
    .acknowledge(1)
    .wait(50)
    .say(
      1,
      `${lines('HTTP/1.1 201 Created', 'Location: /things/1', 'Transfer-Encoding: chunked', 'Content-Encoding: gzip', 'Trailer: X-Sum')}` +
        `5;q=1\r\nhello\r\n0010\r\n${'y'.repeat(16)}\r\n0\r\nX-Sum: 21\r\n\r\n`,
      60,
    )
    .acknowledge(0)
    .close();
  // A tunnel through a proxy: from the answer on it is TLS.
  connect(41003, 3128)
    .say(0, lines('CONNECT secure.example.com:443 HTTP/1.1', 'Host: secure.example.com:443', 'Proxy-Authorization: Bearer t'))
    .say(1, lines('HTTP/1.1 200 Connection established'))
    .say(0, record(22, message(1, chromeHello('secure.example.com'))))
    .say(1, record(22, message(2, serverHello({ extensions: [extension(43, u16(0x0304))] }))))
    .close();
  // An upgrade to something that no decoder knows.
  connect(41004)
    .say(
      0,
      lines(
        'GET /chat HTTP/1.1',
        'Host: www.example.com',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
      ),
    )
    .say(1, lines('HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket'))
    .say(0, Buffer.from('818500000000', 'hex'))
    .say(1, Buffer.from('8105', 'hex'))
    .close();
  // The capture misses a part of a body: its length is known, the next answer is found.
  connect(41005)
    .say(0, lines('GET /a HTTP/1.1', 'Host: www.example.com') + lines('GET /b HTTP/1.1', 'Host: www.example.com'))
    .say(1, `${lines('HTTP/1.1 200 OK', 'Content-Length: 2500')}${'z'.repeat(500)}`)
    .lose(1, 'z'.repeat(1000))
    .say(1, `${'z'.repeat(1000)}${lines('HTTP/1.1 204 No Content')}`)
    .acknowledge(0)
    .close();
  // No answer, and an answer cut off by a reset.
  connect(41006).say(0, lines('GET /slow HTTP/1.0')).wait(200).close();
  connect(41007)
    .say(0, lines('GET /half HTTP/1.1', 'Host: www.example.com'))
    .say(1, `${lines('HTTP/1.1 200 OK', 'Content-Length: 5000')}only this`)
    .reset(1);
  // A redirect without a length: the body ends with the connection. On a port that is nobody's.
  connect(41008, 18080)
    .say(0, lines('GET http://www.example.org/old HTTP/1.1', 'Host: www.example.org'))
    .say(1, `${lines('HTTP/1.1 301 Moved Permanently', 'Location: https://www.example.org/new', 'Connection: close')}moved`)
    .finish(1)
    .acknowledge(0)
    .finish(0)
    .acknowledge(1);
  // Not as it should be: a chunk size that is no number.
  connect(41009)
    .say(0, lines('GET /odd HTTP/1.1', 'Host: www.example.com'))
    .say(1, `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}five\r\nhello\r\n0\r\n\r\n`)
    .close();
  return tap.pcap();
}
