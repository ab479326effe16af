"""The official client in its two kinds behind one face, so that every story is told once and runs with both."""

import asyncio
import inspect
import re

import cloudflare
import httpx

# Since this version the client reads `meta.tenant_flags`, before it `meta.flags`.
READS_TENANT_FLAGS = tuple(int(part) for part in re.findall(r"\d+", cloudflare.__version__)[:2]) >= (5, 7)

FLAGS = {"account_creation", "account_deletion", "account_migration", "account_mobility", "sub_org_creation"}
TENANT_FLAGS = FLAGS | {"account_creation_applies_tenant_defaults", "enterprise_capability", "member_management"}


class Settled:
    """An asynchronous client, or a part of one, whose calls wait for their answer on `loop`."""

    def __init__(self, target, loop):
        self._target = target
        self._loop = loop

    def __getattr__(self, name):
        value = getattr(self._target, name)
        if not callable(value):
            return Settled(value, self._loop)

        def call(*arguments, **options):
            answer = value(*arguments, **options)
            return self._loop.run_until_complete(settle(answer)) if inspect.isawaitable(answer) else answer

        return call


async def settle(awaitable):
    """Turns any awaitable, a paginator for one, into a coroutine."""
    return await awaitable


async def collect(items):
    """Turns an asynchronous iteration into a list."""
    return [item async for item in items]


class LosesAnswers(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends every request and loses the answers to the first `losses` of them, like a bad network."""

    def __init__(self, losses):
        self.sent = 0
        self._losses = losses
        self._sync = httpx.HTTPTransport()
        self._async = httpx.AsyncHTTPTransport()

    def handle_request(self, request):
        response = self._sync.handle_request(request)
        response.read()
        return self._pass_or_lose(request, response)

    async def handle_async_request(self, request):
        response = await self._async.handle_async_request(request)
        await response.aread()
        return self._pass_or_lose(request, response)

    def _pass_or_lose(self, request, response):
        self.sent += 1
        if self.sent <= self._losses:
            raise httpx.ReadError("the answer is lost", request=request)
        return response


class Connector:
    """Makes clients of one kind, sync or async, for one base URL; they share their connections."""

    def __init__(self, kind, base_url):
        self._kind = kind
        self._base_url = base_url
        self._loop = asyncio.new_event_loop()
        self._http_client = self._of_kind(cloudflare.DefaultHttpxClient, cloudflare.DefaultAsyncHttpxClient)()

    def with_token(self, api_token, **options):
        """A client that sends a Bearer token."""
        return self._connect(api_token=api_token, **options)

    def with_key(self, email, api_key, **options):
        """A client that sends an e-mail address with a global API key."""
        return self._connect(api_email=email, api_key=api_key, **options)

    def through(self, transport):
        """The HTTP client of a client whose requests go through `transport`."""
        return self._of_kind(httpx.Client, httpx.AsyncClient)(transport=transport)

    def items(self, page):
        """What the client's own iteration over a list yields."""
        return self._of_kind(list, lambda pages: self._loop.run_until_complete(collect(pages)))(page)

    def close(self):
        """Closes what was opened."""
        if self._kind == "sync":
            self._http_client.close()
        else:
            self._loop.run_until_complete(self._http_client.aclose())
        self._loop.close()

    def _connect(self, http_client=None, **options):
        client = self._of_kind(cloudflare.Cloudflare, cloudflare.AsyncCloudflare)(
            base_url=self._base_url, http_client=http_client or self._http_client, _strict_response_validation=True, **options
        )
        return self._of_kind(client, Settled(client, self._loop))

    def _of_kind(self, of_sync, of_async):
        return {"sync": of_sync, "async": of_async}[self._kind]
