// The text of a rules file as a tree with line numbers, from YAML or TOML. Every scalar is text as it stands there; keys may
// come twice, as in Arkime's files. Main thread, while loading.

import { createRequire } from 'node:module';
import { parse as parseToml, TomlError } from 'smol-toml';
import type { Node as YamlNode } from 'yaml';
import { lineMap } from '../config/index.ts';

export interface TextNode {
  readonly kind: 'text';
  readonly text: string;
  readonly line: number;
}
export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly RuleNode[];
  readonly line: number;
}
export interface TableNode {
  readonly kind: 'table';
  readonly entries: readonly { readonly key: string; readonly value: RuleNode; readonly line: number }[];
  readonly line: number;
}
export type RuleNode = TextNode | ListNode | TableNode;

/** The file is not what its ending says. */
export class RuleTextError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** Nodes of a file; aliases count each time they are used. */
const nodesMost = 1_000_000;
const deepest = 16;

/** Large, and wanted by few runs: only those with rules in YAML load it. */
const loadYaml = (): typeof import('yaml') => createRequire(import.meta.url)('yaml');

/** Throws `RuleTextError`. Undefined: the file is empty. */
export function parseRuleText(text: string, isToml: boolean): RuleNode | undefined {
  return isToml ? fromToml(text) : fromYaml(text);
}

function fromYaml(text: string): RuleNode | undefined {
  const { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } = loadYaml();
  const lines = new LineCounter();
  // Nothing but text: `1e3` and `yes` are what they look like.
  const document = parseDocument(text, { schema: 'failsafe', uniqueKeys: false, lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) throw new RuleTextError(`this is not YAML: ${error.message}`, lines.linePos(error.pos[0]).line);
  let left = nodesMost;
  const lineOf = (node: YamlNode): number => (node.range ? lines.linePos(node.range[0]).line : 1);
  const convert = (node: unknown, line: number, depth: number): RuleNode => {
    left -= 1;
    if (left < 0 || depth > deepest) throw new RuleTextError('the file holds too much', line);
    if (isAlias(node)) return convert(node.resolve(document), line, depth + 1);
    if (isSeq(node)) {
      const own = lineOf(node);
      return { kind: 'list', items: node.items.map((item) => convert(item, own, depth + 1)), line: own };
    }
    if (isMap(node)) {
      const entries = node.items.map(({ key, value }) => {
        const own = isScalar(key) ? lineOf(key) : line;
        return { key: isScalar(key) ? String(key.value) : '', value: convert(value, own, depth + 1), line: own };
      });
      return { kind: 'table', entries, line: lineOf(node) };
    }
    if (isScalar(node)) return { kind: 'text', text: String(node.value ?? ''), line: lineOf(node) };
    return { kind: 'text', text: '', line };
  };
  return document.contents === null ? undefined : convert(document.contents, 1, 0);
}

function fromToml(text: string): RuleNode {
  let root: unknown;
  try {
    root = parseToml(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = (cause.message.split('\n')[0] as string).replace(/^Invalid TOML document: /, '');
    throw new RuleTextError(`this is not TOML: ${reason}`, cause.line);
  }
  const lines = lineMap(text);
  const convert = (value: unknown, path: string, around: number): RuleNode => {
    const line = lines.get(path) ?? around;
    if (Array.isArray(value))
      return { kind: 'list', items: value.map((item, index) => convert(item, `${path}.${index}`, line)), line };
    if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
      const entries = Object.entries(value).map(([key, member]) => {
        const own = path === '' ? key : `${path}.${key}`;
        return { key, value: convert(member, own, line), line: lines.get(own) ?? line };
      });
      return { kind: 'table', entries, line };
    }
    return { kind: 'text', text: value instanceof Date ? value.toISOString() : String(value), line };
  };
  return convert(root, '', 1);
}
