# A device of Lightweight M2M 1.1, as small as it can be: registers over CoAP and DTLS, lets the server read, observe and change its
# objects, keeps the registration up to date, and ends it. Needs coap.py.
#
#   micropython lwm2m_client.py HOST PORT NAME SECONDS IDENTITY PSK_IN_HEX       with a pre-shared key
#   micropython lwm2m_client.py HOST PORT NAME SECONDS CA_FILE - [CERTIFICATE KEY]
#
# It stays for SECONDS. With connection IDs (RFC 9146) it keeps its session when a NAT gives it another address.

import asyncio
import json
import sys

import coap

LIFETIME, BATTERY, TEMPERATURE = "/1/0/1", "/3/0/9", "/3303/0/5700"


class Device:
    def __init__(self, tls):
        self.values = {LIFETIME: 60, "/1/0/7": "U", "/3/0/0": "ussl", "/3/0/1": "example", BATTERY: 100, "/3/0/11": 0,
                       "/3/0/16": "U", TEMPERATURE: 20.5}
        self.observers = {}  # by path: the token
        self.changed = asyncio.Event()
        self.endpoint = coap.Endpoint(tls, self.serve)

    # --- The server's requests ---

    def represent(self, path, accept=None):
        """Content-Format and payload of a resource, or of an object's instance. None: there is no such thing."""
        if path in self.values and accept in (None, coap.TEXT):
            return coap.TEXT, str(self.values[path]).encode()
        base = path if path in self.values else path + "/"
        records = [dict([("n", known[len(base):]), ("vs" if isinstance(value, str) else "v", value)])
                   for known, value in sorted(self.values.items()) if known == path or known.startswith(base)]
        if not records:
            return None
        records[0]["bn"] = base  # RFC 8428
        return coap.SENML_JSON, json.dumps(records).encode()

    def serve(self, request):
        path, accept = request.path(), request.value(coap.ACCEPT)
        if request.code == coap.GET:
            found = self.represent(path, accept)
            if found is None or accept not in (None, found[0]):
                return coap.NOT_FOUND if found is None else coap.NOT_ACCEPTABLE
            options = [(coap.CONTENT_FORMAT, coap.number(found[0]))]
            if request.value(coap.OBSERVE) == 0 and path in self.values:
                print("observed", path)
                self.observers[path] = request.token
                options.append((coap.OBSERVE, b""))
            elif path in self.observers:
                del self.observers[path]
            return coap.CONTENT, options, found[1]
        if path not in self.values:
            return coap.NOT_FOUND
        if request.code == coap.PUT and path == LIFETIME:
            self.values[path] = int(request.payload)
            self.changed.set()  # an update follows at once
            return coap.CHANGED
        return coap.NOT_ALLOWED

    # --- Our own ---

    async def register(self, name):
        """Where the registration is."""
        objects = sorted({"/".join(path.split("/")[:3]) for path in self.values})
        links = '</>;rt="oma.lwm2m";ct=110,' + ",".join(["<%s>" % each for each in objects])  # RFC 6690
        answer = await self.endpoint.request(
            coap.POST, "/rd?ep=%s&lt=%d&lwm2m=1.1&b=U" % (name, self.values[LIFETIME]), links.encode(),
            [(coap.CONTENT_FORMAT, coap.number(coap.LINK_FORMAT))])
        if answer.code != coap.CREATED:
            raise OSError("the server does not register us: " + coap.name_of(answer.code))
        return "/" + "/".join([part.decode() for part in answer.values(coap.LOCATION_PATH)])

    async def keep_up(self, place):
        while True:
            try:
                await asyncio.wait_for(self.changed.wait(), self.values[LIFETIME] / 2)
            except asyncio.TimeoutError:
                pass
            self.changed.clear()
            answer = await self.endpoint.request(coap.POST, place + "?lt=%d" % self.values[LIFETIME])
            print("update", coap.name_of(answer.code))

    async def measure(self):
        sequence = 0
        while True:
            await asyncio.sleep(1)
            self.values[TEMPERATURE] += 0.5
            for path, token in list(self.observers.items()):
                sequence += 1
                content = self.represent(path)
                if not await self.endpoint.notify(token, sequence, [(coap.CONTENT_FORMAT, coap.number(content[0]))], content[1]):
                    self.observers.pop(path, None)


async def main(host, port, name, seconds, identity, key, certificate=None, own_key=None):
    context = coap.client_context(identity, key)
    if certificate:
        context.load_cert_chain(certificate, own_key)
    tls = coap.connect(context, host, port)
    try:
        print("connected", tls.cipher()[0])
        device = Device(tls)
        tasks = [asyncio.create_task(device.endpoint.run())]
        place = await device.register(name)
        print("registered", place)
        tasks += [asyncio.create_task(device.keep_up(place)), asyncio.create_task(device.measure())]
        await asyncio.sleep(int(seconds))
        answer = await device.endpoint.request(coap.DELETE, place)
        print("ended", coap.name_of(answer.code))
        for task in tasks:
            task.cancel()
    finally:
        tls.close()


asyncio.run(main(*sys.argv[1:]))
