// A browser without pages: it keeps cookies, and goes where it is led.

export class Browser {
  #cookies = new Map();

  constructor(home) {
    this.home = home;
  }

  /** Asks a host, with the cookies that it has set, as a page of it would. */
  async ask(url, { method = 'GET', body, headers } = {}) {
    const { host, origin } = new URL(url);
    if (!this.#cookies.has(host)) this.#cookies.set(host, new Map());
    const jar = this.#cookies.get(host);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { method, body, redirect: 'manual', headers: { cookie, origin, ...headers } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  /** Asks the server; answers its envelope. */
  async call(method, path, body) {
    const headers = { 'content-type': 'application/json' };
    const answer = await this.ask(`${this.home}${path}`, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, cookies: answer.headers.getSetCookie(), ...(await answer.json()) };
  }

  /** Follows redirects to a page, or to the server. */
  async follow(url) {
    for (let hops = 0; hops < 20; hops += 1) {
      if (url.startsWith(`${this.home}/`)) return { url };
      const answer = await this.ask(url);
      const location = answer.headers.get('location');
      if (!location) return { url, page: await answer.text() };
      url = new URL(location, url).href;
    }
    throw new Error('too many redirects');
  }

  /** Where the server sends a browser to sign in. */
  async begin() {
    const answer = await this.ask(`${this.home}/umbel/v1/session/oidc`);
    if (answer.status !== 303) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.headers.get('location');
  }

  /** Fills in the forms of the provider; answers the URL at which it sends the browser back. */
  async signInThere(url, login) {
    let at = await this.follow(url);
    for (let forms = 0; at.page !== undefined; forms += 1) {
      const prompt = /name="prompt" value="(\w+)"/.exec(at.page)?.[1];
      if (!prompt || forms === 3) throw new Error(`no form that is known: ${at.url} ${at.page}`);
      const action = new URL(/action="([^"]+)"/.exec(at.page)[1], at.url).href;
      const fields = prompt === 'login' ? { prompt, login, password: 'any' } : { prompt };
      const sent = await this.ask(action, { method: 'POST', body: new URLSearchParams(fields) });
      at = await this.follow(new URL(sent.headers.get('location'), action).href);
    }
    return at.url;
  }

  /** Comes back to the server by a URL; answers what its page is told. */
  async comeBack(url) {
    const answer = await this.ask(url);
    const to = new URL(answer.headers.get('location'));
    if (answer.status !== 303 || to.pathname !== '/console/sign-in') throw new Error(`${answer.status} ${to}`);
    return to.hash.slice(1);
  }

  /** Signs in as whom the provider has said it is, as the page does. */
  enter(body = {}) {
    return this.call('POST', '/umbel/v1/session/oidc', body);
  }
}
