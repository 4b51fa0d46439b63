// The types of src/generated.ts, made from openapi.json by openapi-typescript. `npm run gen` writes them. They need an
// older TypeScript than the repository's, as a library, which is why that is a dependency of this folder alone.

import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";

export async function typesOf(openapi: string): Promise<string> {
  const tree = await openapiTS(JSON.parse(openapi) as OpenAPI3, { alphabetize: true });
  return `// Generated from openapi.json by \`npm run gen\`: do not edit.\n\n${astToString(tree)}`;
}
