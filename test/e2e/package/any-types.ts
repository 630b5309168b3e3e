import ts from "typescript";

/**
 * Where an `any` is reached from what a module exports, as `HostArgs.jump.address`. A type that the compiler does not find
 * is an `any` too, and the most likely one in a package.
 * @param door the module's .d.ts
 * @param packageFolder whose types are looked into; of others only what they are given, as the `any` of `Output<any>`
 */
export function anyTypesOf(door: string, packageFolder: string): string[] {
  const options = { strict: true, module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2024, types: [] };
  const program = ts.createProgram([door], { ...options, skipLibCheck: true });
  const checker = program.getTypeChecker();
  const seen = new Set<ts.Type>();
  const found: string[] = [];

  function visit(type: ts.Type, path: string): void {
    if (type.flags & ts.TypeFlags.Any) found.push(path);
    if (seen.has(type)) return;
    seen.add(type);
    for (const part of partsOf(type)) visit(part, path);
    for (const part of argumentsOf(type)) visit(part, `${path}<>`);
    for (const symbol of checker.getPropertiesOfType(type).filter(isOwn))
      visit(checker.getTypeOfSymbol(symbol), `${path}.${symbol.name}`);
    for (const { keyType, type: value, declaration } of checker.getIndexInfosOfType(type))
      if (isInPackage(declaration)) visit(value, `${path}[${checker.typeToString(keyType)}]`);
    for (const signature of signaturesOf(type)) visitSignature(signature, path);
  }

  function visitSignature(signature: ts.Signature, path: string): void {
    for (const parameter of signature.getParameters())
      visit(checker.getTypeOfSymbol(parameter), `${path}(${parameter.name})`);
    visit(signature.getReturnType(), `${path}()`);
  }

  function partsOf(type: ts.Type): readonly ts.Type[] {
    if (type.isUnionOrIntersection()) return type.types;
    const constraint = type.isTypeParameter() ? type.getConstraint() : undefined;
    return constraint === undefined ? [] : [constraint];
  }

  function argumentsOf(type: ts.Type): readonly ts.Type[] {
    const isReference = ((type as ts.ObjectType).objectFlags ?? 0) & ts.ObjectFlags.Reference;
    const own = isReference ? checker.getTypeArguments(type as ts.TypeReference) : [];
    return [...own, ...(type.aliasTypeArguments ?? [])];
  }

  function signaturesOf(type: ts.Type): ts.Signature[] {
    return [...type.getCallSignatures(), ...type.getConstructSignatures()].filter(({ declaration }) =>
      isInPackage(declaration),
    );
  }

  /** What a base class of others brings is theirs, and what is private has no type in a .d.ts. */
  function isOwn({ declarations = [] }: ts.Symbol): boolean {
    return declarations.some((each) => isInPackage(each) && !isPrivate(each));
  }

  function isInPackage(declaration: ts.Node | undefined): boolean {
    return declaration?.getSourceFile().fileName.startsWith(packageFolder) ?? false;
  }

  const module = checker.getSymbolAtLocation(program.getSourceFile(door) as ts.SourceFile) as ts.Symbol;
  for (const symbol of checker.getExportsOfModule(module)) {
    const resolved = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (resolved.flags & ts.SymbolFlags.Value) visit(checker.getTypeOfSymbol(resolved), symbol.name);
    if (resolved.flags & ts.SymbolFlags.Type) visit(checker.getDeclaredTypeOfSymbol(resolved), symbol.name);
  }
  return found;
}

function isPrivate(declaration: ts.Declaration): boolean {
  const name = ts.getNameOfDeclaration(declaration);
  const isHash = name !== undefined && ts.isPrivateIdentifier(name);
  return isHash || (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) !== 0;
}
