/** The proxies that downloads go by, as urls that may carry a login; and whom they are not for, as `no_proxy` says it. */
export interface Proxies {
  readonly http?: string
  readonly https?: string
  readonly none?: string
}

/** What proxies come to when they are read: those that can be used, and what is wrong with the others, without their logins. */
export interface ProxyReading {
  readonly proxies: Proxies
  readonly refused: readonly string[]
}

/**
 * Reads proxies from the environment, as curl and others do: lower case goes over upper case, and a missing scheme is http.
 * Only http and https proxies can be used.
 */
export function proxiesIn(env: Readonly<Record<string, string | undefined>>): ProxyReading {
  const http = readProxy('http_proxy', valueOf(env, 'http_proxy'))
  const https = readProxy('https_proxy', valueOf(env, 'https_proxy'))
  const none = valueOf(env, 'no_proxy')
  return {
    proxies: {
      ...urlAs('http', http),
      ...urlAs('https', https),
      ...(none === undefined ? {} : { none }),
    },
    refused: [http, https].flatMap((each) => ('refused' in each ? [each.refused] : [])),
  }
}

/** Whether a proxy's url can be used. */
export function isProxyUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== ''
}

function urlAs(name: 'http' | 'https', proxy: ProxyUrl): Proxies {
  return 'url' in proxy && proxy.url !== undefined ? { [name]: proxy.url } : {}
}

function valueOf(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = env[name] ?? env[name.toUpperCase()]
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}

type ProxyUrl = { readonly url: string | undefined } | { readonly refused: string }

function readProxy(name: string, value: string | undefined): ProxyUrl {
  if (value === undefined) return { url: undefined }
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`
  return isProxyUrl(url) ? { url } : { refused: `${name} of the environment is no http or https url, and is not used` }
}
