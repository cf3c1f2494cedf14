/** A YAML file as text: Vite knows `?raw` by itself, tsup by the plugin in tsup.config.ts. */
declare module '*.yaml?raw' {
  const text: string
  export default text
}
