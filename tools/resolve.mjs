// Where an `import` would find a module: a question that only an ES module can ask. Loaded when a plugin is an npm package.

export const resolveModule = (specifier) => import.meta.resolve(specifier);
