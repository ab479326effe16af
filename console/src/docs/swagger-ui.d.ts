declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  /** Renders the document at `url` into an element. */
  export default function SwaggerUI(options: Record<string, unknown>): void;
}
