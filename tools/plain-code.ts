// Makes the bundled program plainer for V8, without changing what it does: what is known when it is bundled need not be looked up at
// every start, in every tier of the engine, until the last of them has found it out. Four things:
//
// - Numbers with a name, `Slot.state` and `const limit = 64`, stand where they are used.
// - Private members become properties, `#name` to `$name`: stores of private ones go through a stub before TurboFan. That nobody else
//   touches them is checked where it is written, by the language, and not needed any more.
// - Members are not declared before their constructor sets them, which would be done twice.
// - Classes of modules, which the bundler declares with `var`, are constants.
//
// Nothing moves to another line, and nothing but a class to another column, so the source map stays right.

import { parseAst } from 'rolldown/parseAst';

/** What is asked of nodes of the tree; which of it a node has, its type says. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly name?: string;
  readonly body?: unknown;
  readonly kind?: string;
  readonly declarations?: readonly Node[];
  readonly id?: Node | null;
  readonly init?: Node | null;
  readonly properties?: readonly Node[];
  readonly elements?: readonly (Node | null)[];
  readonly params?: readonly Node[];
  readonly param?: Node | null;
  readonly key?: Node;
  readonly value?: unknown;
  readonly computed?: boolean;
  readonly shorthand?: boolean;
  readonly static?: boolean;
  readonly object?: Node;
  readonly property?: Node;
  readonly operator?: string;
  readonly argument?: Node;
  readonly left?: Node;
  readonly superClass?: Node | null;
}

type Visit = (node: Node, parent: Node | undefined, key: string) => void;

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string';

function walk(node: Node, visit: Visit, parent?: Node, key = ''): void {
  visit(node, parent, key);
  for (const [name, value] of Object.entries(node))
    for (const each of [value].flat()) if (isNode(each)) walk(each, visit, node, name);
}

const nameOf = (node: Node): string => node.name as string;
const isIdentifier = (node: unknown): node is Node => isNode(node) && node.type === 'Identifier';

/** Is an identifier a name of something's member, and no variable? */
function isLabel(parent: Node | undefined, key: string): boolean {
  if (parent === undefined) return false;
  if (parent.type === 'MemberExpression') return key === 'property' && parent.computed !== true;
  // `{ name }` is a variable, but a number cannot stand there.
  return (key === 'key' && parent.computed !== true) || parent.shorthand === true || key === 'label';
}

export function plainCode(code: string): string {
  const { body } = parseAst(code) as unknown as { readonly body: readonly Node[] };
  const tree: Node = { type: 'Program', start: 0, end: code.length, body };
  const text = new Text(code);
  numbersForNames(tree, body, text);
  propertiesForPrivates(tree, text);
  return `${text}`.replace(/^var (\w+) = class\b/gm, 'const $1 = class');
}

/** Code of which parts are replaced by what is not longer. */
class Text {
  readonly code: string;
  readonly #parts: string[];

  constructor(code: string) {
    this.code = code;
    this.#parts = code.split('');
  }

  /** False: it does not fit, or spans lines. */
  replace({ start, end }: Node, by: string): boolean {
    if (by.length > end - start || this.code.slice(start, end).includes('\n')) return false;
    for (let at = start; at < end; at += 1) this.#parts[at] = by[at - start] ?? ' ';
    return true;
  }

  toString(): string {
    return this.#parts.join('');
  }
}

/** Names that are bound once in the whole program and never written to: wherever they stand, they mean that. */
function lastingNames(tree: Node): (name: string) => boolean {
  const bindings = new Map<string, number>();
  const written = new Set<string>();
  const bind = (node: unknown): void => {
    if (!isNode(node)) return;
    if (node.type === 'Identifier') bindings.set(nameOf(node), (bindings.get(nameOf(node)) ?? 0) + 1);
    else if (node.type === 'ObjectPattern') for (const each of node.properties as Node[]) bind(each.value ?? each.argument);
    else if (node.type === 'ArrayPattern') for (const each of node.elements as Node[]) bind(each);
    else bind(node.left ?? node.argument);
  };
  walk(tree, (node) => {
    const { type } = node;
    if (type === 'VariableDeclarator' || /^(Class|Function)(Declaration|Expression)$/.test(type)) bind(node.id);
    if (/Function/.test(type)) for (const each of node.params ?? []) bind(each);
    if (type === 'CatchClause') bind(node.param);
    const target = type === 'AssignmentExpression' ? node.left : type === 'UpdateExpression' ? node.argument : undefined;
    if (isNode(target) && target.type === 'MemberExpression' && isIdentifier(target.object)) written.add(nameOf(target.object));
  });
  return (name) => bindings.get(name) === 1 && !written.has(name);
}

/** The number that an expression of numbers is, as code; undefined when it is none. */
function numberOf(node: unknown, code: string): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Literal') return typeof node.value === 'number' ? code.slice(node.start, node.end) : undefined;
  if (node.type !== 'UnaryExpression' || node.operator !== '-') return undefined;
  const positive = numberOf(node.argument, code);
  return positive === undefined ? undefined : `(-${positive})`;
}

function numbersForNames(tree: Node, body: readonly Node[], text: Text): void {
  const numbers = new Map<string, string>();
  const objects = new Map<string, ReadonlyMap<string, string>>();
  for (const statement of body) {
    if (statement.type !== 'VariableDeclaration' || statement.kind !== 'const') continue;
    for (const { id, init } of statement.declarations ?? []) {
      if (!isIdentifier(id)) continue;
      const number = numberOf(init, text.code);
      if (number !== undefined) numbers.set(nameOf(id), number);
      // Those with a capital letter are lists of constants; others may be handed to somebody who changes them.
      else if (init?.type === 'ObjectExpression' && /^[A-Z]/.test(nameOf(id))) {
        const members = (init.properties ?? []).map(
          ({ computed, key, value }) =>
            [isIdentifier(key) && computed !== true ? nameOf(key) : '', numberOf(value, text.code)] as const,
        );
        if (members.every(([name, value]) => name !== '' && value !== undefined))
          objects.set(nameOf(id), new Map(members as readonly (readonly [string, string])[]));
      }
    }
  }
  const isLasting = lastingNames(tree);
  walk(tree, (node, parent, key) => {
    // `1.toString` is no member of a number.
    if (parent?.type === 'MemberExpression' && key === 'object') return;
    if (node.type === 'MemberExpression' && node.computed !== true && isIdentifier(node.object)) {
      const object = nameOf(node.object);
      const number = objects.get(object)?.get(node.property?.name ?? '');
      if (number !== undefined && isLasting(object)) text.replace(node, number);
    } else if (node.type === 'Identifier' && !isLabel(parent, key) && !(parent?.type === 'VariableDeclarator' && key === 'id')) {
      const number = numbers.get(nameOf(node));
      if (number !== undefined && isLasting(nameOf(node))) text.replace(node, number);
    }
  });
}

/** Names of private members by class, and what classes are made of. */
interface Class {
  readonly base: string | undefined;
  readonly privates: Set<string>;
}

function propertiesForPrivates(tree: Node, text: Text): void {
  const classes = new Map<string, Class>();
  const kept = new Set<string>();
  walk(tree, (node, parent) => {
    // `#name in object` asks whose it is, and a property with such a name may be another’s.
    if (node.type === 'BinaryExpression' && isNode(node.left) && node.left.type === 'PrivateIdentifier')
      kept.add(nameOf(node.left));
    if (node.type === 'Identifier' && nameOf(node).startsWith('$')) kept.add(nameOf(node).slice(1));
    if (!/^Class(Declaration|Expression)$/.test(node.type)) return;
    const own = isIdentifier(node.id) ? nameOf(node.id) : '';
    const variable = parent?.type === 'VariableDeclarator' && isIdentifier(parent.id) ? nameOf(parent.id) : own;
    const members = (node.body as Node).body as Node[];
    const keys = members.flatMap(({ key }) => (key?.type === 'PrivateIdentifier' ? [nameOf(key)] : []));
    const base = isIdentifier(node.superClass) ? nameOf(node.superClass) : undefined;
    const known: Class = { base, privates: new Set(keys) };
    for (const name of [own, variable]) if (name !== '') classes.set(name, known);
  });
  // A class and what it extends may each have a private member of the same name.
  for (const { base, privates } of classes.values()) {
    for (let above = classes.get(base ?? ''); above !== undefined; above = classes.get(above.base ?? ''))
      for (const name of privates) if (above.privates.has(name)) kept.add(name);
  }
  walk(tree, (node, parent, key) => {
    if (node.type !== 'PrivateIdentifier' || kept.has(nameOf(node))) return;
    if (!(isBare(parent) && key === 'key')) text.replace(node, `$${nameOf(node)}`);
  });
  const isOwn = ownSource(text.code);
  walk(tree, (node) => {
    const key = isBare(node) ? node.key : undefined;
    if (key === undefined) return;
    const isNeedless = key.type === 'PrivateIdentifier' ? !kept.has(nameOf(key)) : isOwn(node.start);
    if (isNeedless) text.replace(node, ';');
  });
}

/** A member that is declared without a value: the constructor gives it one. */
function isBare(node: Node | undefined): boolean {
  return node?.type === 'PropertyDefinition' && node.value === null && node.static !== true && node.computed !== true;
}

/** Whether a place is in the program’s own source, where the compiler has seen to it that constructors leave nothing out. The bundler names each file. */
function ownSource(code: string): (at: number) => boolean {
  const files = [...code.matchAll(/^\/\/ (\S+\.[cm]?[jt]s)$/gm)].map((found) => ({
    at: found.index,
    isOwn: /^(src|plugins)\//.test(found[1] as string),
  }));
  return (at) => files.findLast((file) => file.at < at)?.isOwn === true;
}
