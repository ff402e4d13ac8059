# A CoAP client over DTLS, as in sensors (RFC 7252): PUTs a value, and GETs it from the server. Needs coap.py.
#
#   micropython coap_client.py HOST PORT PATH IDENTITY PSK_IN_HEX [TEXT]     with a pre-shared key
#   micropython coap_client.py HOST PORT PATH CA_FILE - [TEXT]               verifies the server's certificate
#
# PATH may end with ?QUERY. TEXT: PUT this first.

import asyncio
import sys

import coap


async def main(host, port, path, identity, key, text=None):
    tls = coap.connect(coap.client_context(identity, key), host, port)
    try:
        print("connected", tls.cipher()[0])
        endpoint = coap.Endpoint(tls)
        receiving = asyncio.create_task(endpoint.run())
        for method, payload in ([(coap.PUT, text.encode())] if text else []) + [(coap.GET, b"")]:
            answer = await endpoint.request(method, path, payload)
            print(coap.name_of(answer.code), answer.payload.decode())
        receiving.cancel()
    finally:
        tls.close()


asyncio.run(main(*sys.argv[1:]))
