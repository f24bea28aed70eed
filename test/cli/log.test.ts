// The log: levels, both formats, files that are opened again, and a reload that changes all of it.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLog } from '../../src/cli/log.ts';
import type { Config } from '../../src/config/index.ts';
import { temporaryFolder } from '../e2e/sensor.ts';

const config = (changes: Partial<Config['log']>): Config['log'] => ({
  level: 'info',
  format: 'auto',
  file: 'ringtap.log',
  ...changes,
});

test('a log file holds one JSON document a line, with time, level and message', (context) => {
  const folder = temporaryFolder(context);
  const { logger } = openLog(config({}), folder);
  logger.debug('not this');
  logger.info('this "and" that');
  logger.warn('careful');
  logger.error('wrong\nin two lines');
  const path = join(folder, 'ringtap.log');
  const lines = readFileSync(path, 'utf8').split('\n');
  assert.equal(lines.pop(), '');
  const entries = lines.map((line) => JSON.parse(line) as { level: string; time: string; msg: string });
  assert.deepEqual(
    entries.map(({ level, msg }) => [level, msg]),
    [
      ['info', 'this "and" that'],
      ['warn', 'careful'],
      ['error', 'wrong\nin two lines'],
    ],
  );
  assert.ok(entries.every(({ time, ...rest }) => new Date(time).toISOString() === time && Object.keys(rest).length === 2));
  assert.equal(statSync(path).mode & 0o027, 0, 'others cannot read it');
});

test('text is time, level and message', (context) => {
  const folder = temporaryFolder(context);
  const { logger } = openLog(config({ format: 'text', level: 'debug' }), folder);
  logger.debug('one');
  logger.error('two');
  const stamp = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
  assert.match(readFileSync(join(folder, 'ringtap.log'), 'utf8'), new RegExp(`^${stamp} debug one\n${stamp} error two\n$`));
});

test('folders of the log file are made; one that cannot be is an error that names the key', (context) => {
  const folder = temporaryFolder(context);
  openLog(config({ file: 'a/b/c.log' }), folder).logger.info('x');
  assert.match(readFileSync(join(folder, 'a/b/c.log'), 'utf8'), /"msg":"x"/);
  writeFileSync(join(folder, 'plain'), '');
  assert.throws(() => openLog(config({ file: 'plain/x.log' }), folder), { code: 'RT_CONFIG', hint: /log\.file/ });
});

test('reopening follows a rename, and takes over level, format and file', (context) => {
  const folder = temporaryFolder(context);
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8').replace(/^\S+Z /gm, '');
  const log = openLog(config({ format: 'text' }), folder);
  log.logger.info('before');
  renameSync(join(folder, 'ringtap.log'), join(folder, 'ringtap.log.1'));
  log.logger.info('still the same file');
  log.reopen(config({ format: 'text' }));
  log.logger.info('after');
  assert.equal(read('ringtap.log.1'), 'info  before\ninfo  still the same file\n');
  assert.equal(read('ringtap.log'), 'info  after\n');
  log.reopen(config({ format: 'text', level: 'debug', file: 'other.log' }));
  log.logger.debug('details');
  assert.equal(read('other.log'), 'debug details\n');
  log.reopen(config({ format: 'json', level: 'error', file: 'other.log' }));
  log.logger.warn('too low');
  log.logger.error('high');
  assert.match(read('other.log'), /^debug details\n\{"level":"error","time":"[^"]+","msg":"high"\}\n$/);
});

test('a file that cannot be opened again leaves the old one in use', (context) => {
  const folder = temporaryFolder(context);
  const log = openLog(config({ format: 'text' }), folder);
  renameSync(join(folder, 'ringtap.log'), join(folder, 'old.log'));
  mkdirSync(join(folder, 'ringtap.log'));
  assert.throws(() => log.reopen(config({ format: 'text' })), { code: 'RT_CONFIG' });
  log.logger.info('goes on');
  assert.match(readFileSync(join(folder, 'old.log'), 'utf8'), /goes on/);
});
