export { createServer, type Server, type Surroundings } from './compose.ts'
export { DEFAULTS, type ListenAddress, type ServerConfig } from './config.ts'
export { ServerError, type ServerErrorCode } from './errors.ts'
