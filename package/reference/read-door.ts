// What the public door gives, read by the compiler from the sources and their doc comments.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const DOOR = `${ROOT}/providers/rundock.ts`;

export interface Member {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  /** Meaning, shape and units. */
  readonly text: string;
  readonly defaultText: string;
}

export interface Entry {
  readonly name: string;
  readonly kind: "class" | "arguments" | "function";
  readonly text: string;
  /** When it throws. */
  readonly throws: readonly string[];
  /** How a class or a function is called, or what an alias stands for. */
  readonly signature: string;
  readonly members: readonly Member[];
}

/** Every export, and every type of this project that an entry before it names. */
export function readDoor(): Entry[] {
  const program = ts.createProgram([DOOR], compilerOptions());
  const checker = program.getTypeChecker();
  const door = checker.getSymbolAtLocation(program.getSourceFile(DOOR) as ts.SourceFile) as ts.Symbol;
  const waiting = checker.getExportsOfModule(door).map((symbol) => resolved(symbol, checker));
  const seen = new Set<ts.Symbol>();
  const entries: Entry[] = [];
  for (let symbol = waiting.shift(); symbol; symbol = waiting.shift()) {
    if (seen.has(symbol)) continue;
    seen.add(symbol);
    entries.push(readEntry(symbol, checker));
    waiting.push(...typesNamedBy(symbol, checker));
  }
  return entries;
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(`${ROOT}/tsconfig.json`, ts.sys.readFile);
  return ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT).options;
}

function resolved(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function readEntry(symbol: ts.Symbol, checker: ts.TypeChecker): Entry {
  const declaration = declarationOf(symbol);
  return {
    name: symbol.name,
    kind: ts.isClassDeclaration(declaration)
      ? "class"
      : ts.isFunctionDeclaration(declaration)
        ? "function"
        : "arguments",
    text: textOf(symbol, checker),
    throws: tagsOf(symbol, "throws"),
    signature: signatureOf(declaration),
    members: membersOf(symbol, checker).map((member) => readMember(member, checker)),
  };
}

function declarationOf(symbol: ts.Symbol): ts.Declaration {
  return symbol.declarations?.[0] as ts.Declaration;
}

function signatureOf(declaration: ts.Declaration): string {
  if (ts.isClassDeclaration(declaration)) {
    const built = declaration.members.find(ts.isConstructorDeclaration);
    return `new ${declaration.name?.text}(${parametersOf(built?.parameters)})`;
  }
  if (ts.isFunctionDeclaration(declaration))
    return `${declaration.name?.text}(${parametersOf(declaration.parameters)}): ${plain(declaration.type)}`;
  return ts.isTypeAliasDeclaration(declaration) && !hasMembers(declaration) ? plain(declaration.type) : "";
}

function parametersOf(parameters: readonly ts.ParameterDeclaration[] = []): string {
  return parameters
    .map(({ name, type, questionToken, initializer }) => {
      const isOptional = questionToken !== undefined || initializer !== undefined;
      return `${ts.isIdentifier(name) ? name.text : "args"}${isOptional ? "?" : ""}: ${plain(type)}`;
    })
    .join(", ");
}

/** What it adds itself to what it is made of; but all where it is made of the specification, which is no part of the door. */
function membersOf(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol[] {
  const declaration = declarationOf(symbol);
  if (ts.isFunctionDeclaration(declaration)) return [];
  if (ts.isTypeAliasDeclaration(declaration) && !hasMembers(declaration)) return [];
  const isMapped = / in keyof /.test(declaration.getText());
  return checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).filter((member) => {
    const from = declarationOf(member);
    return !isPrivate(from) && (isWithin(from, declaration) || (isMapped && isOurs(from)));
  });
}

function hasMembers({ type }: ts.TypeAliasDeclaration): boolean {
  return ts.isIntersectionTypeNode(type) || ts.isTypeLiteralNode(type);
}

function isWithin(node: ts.Node, outer: ts.Node): boolean {
  return node === outer || (node.parent !== undefined && isWithin(node.parent, outer));
}

function isPrivate(declaration: ts.Declaration): boolean {
  const name = ts.getNameOfDeclaration(declaration);
  return name !== undefined && ts.isPrivateIdentifier(name);
}

function isOurs(declaration: ts.Declaration | undefined): boolean {
  return declaration?.getSourceFile().fileName.startsWith(`${ROOT}/providers/`) ?? false;
}

function readMember(member: ts.Symbol, checker: ts.TypeChecker): Member {
  const declaration = declarationOf(member) as ts.PropertySignature | ts.MethodDeclaration;
  const type = ts.isMethodDeclaration(declaration)
    ? `(${parametersOf(declaration.parameters)}) => ${plain(declaration.type)}`
    : plain(declaration.type);
  const [defaultText = ""] = tagsOf(member, "default");
  const throws = tagsOf(member, "throws").map((text) => `Throws ${text}`);
  return {
    name: member.name,
    type,
    isOptional: (member.flags & ts.SymbolFlags.Optional) !== 0,
    text: [textOf(member, checker), ...throws].filter(Boolean).join(" "),
    defaultText,
  };
}

function textOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
}

function tagsOf(symbol: ts.Symbol, name: string): string[] {
  const tags = symbol.getJsDocTags().filter((tag) => tag.name === name);
  return tags.map(({ text }) => ts.displayPartsToString(text).replace(/\s+/g, " ").trim());
}

/** A type as it is written, without what only tells the compiler that nobody changes it, and without comments. */
function plain(type: ts.TypeNode | undefined): string {
  const text = (type?.getText() ?? "")
    .replace(/\/\*\*.*?\*\//gs, "")
    .replace(/\breadonly /g, "")
    .replace(/\s+/g, " ")
    .replace(/ (?=[;,])/g, "")
    .replace(/^\| /, "");
  return text.replace(/\bReadonly<((?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*)>/g, "$1");
}

/** Types of this project in the members of a type, or among the parameters. */
function typesNamedBy(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol[] {
  const declarations = [declarationOf(symbol), ...membersOf(symbol, checker).map(declarationOf)];
  const named: ts.Symbol[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node)) {
      const found = checker.getSymbolAtLocation(node.typeName);
      if (found) named.push(behindAlias(resolved(found, checker), checker));
    }
    ts.forEachChild(node, visit);
  };
  for (const declaration of declarations) for (const type of typeNodesOf(declaration)) visit(type);
  return named.filter((found) => isEntry(found));
}

/** A local name for a piece of another type stands for that piece. */
function behindAlias(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  const declaration = declarationOf(symbol);
  const isPiece = ts.isTypeAliasDeclaration(declaration) && ts.isIndexedAccessTypeNode(declaration.type);
  return (isPiece && checker.getDeclaredTypeOfSymbol(symbol).aliasSymbol) || symbol;
}

function typeNodesOf(declaration: ts.Declaration): ts.Node[] {
  if (ts.isClassDeclaration(declaration))
    return declaration.members.find(ts.isConstructorDeclaration)?.parameters.slice() ?? [];
  if (ts.isFunctionDeclaration(declaration)) return [...declaration.parameters];
  if (ts.isTypeAliasDeclaration(declaration)) return hasMembers(declaration) ? [] : [declaration.type];
  if (ts.isInterfaceDeclaration(declaration)) return [...(declaration.heritageClauses ?? [])];
  const { type } = declaration as ts.PropertySignature;
  return type ? [type] : [];
}

function isEntry(symbol: ts.Symbol): boolean {
  const declaration = declarationOf(symbol);
  const isType =
    ts.isInterfaceDeclaration(declaration) ||
    ts.isTypeAliasDeclaration(declaration) ||
    ts.isClassDeclaration(declaration);
  return isType && isOurs(declaration);
}
