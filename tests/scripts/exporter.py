# Features that only builds with USSL_EXPORTER and USSL_KEY_LOG have.
from support import *

if not ussl.HAS_EXPORTER and not ussl.HAS_KEY_LOG:
    skip("neither exporter nor key log")  # module.py shows that they are refused

versions = [ussl.TLSv1_2] + ([ussl.TLSv1_3] if ussl.HAS_TLS1_3 else [])
for version in versions:
    client, server = client_context(), server_context()
    client.maximum_version = version
    lines = []
    if ussl.HAS_KEY_LOG:
        client.keylog_callback = lines.append
    c, s, a, b = wrap_both(client, server)
    if ussl.HAS_EXPORTER:
        raises_code(INVALID_STATE, c.export_keying_material, "EXPORTER-ussl", 32)
    handshake(c, s)
    if ussl.HAS_EXPORTER:
        for arguments in (("EXPORTER-ussl", 32), ("EXPORTER-ussl", 32, b"context"), ("EXPORTER-ussl", 1),
                          (b"EXPORTER-other", 255, b"")):
            one, other = c.export_keying_material(*arguments), s.export_keying_material(*arguments)
            assert one == other and len(one) == arguments[1] and type(one) is bytes
        assert c.export_keying_material("EXPORTER-a", 32) != c.export_keying_material("EXPORTER-b", 32)
        for size in (0, -1, 256):
            raises(ValueError, c.export_keying_material, "EXPORTER-ussl", size)
        raises(TypeError, c.export_keying_material, "EXPORTER-ussl", "1")
        raises(TypeError, c.export_keying_material, 1, 1)
    if ussl.HAS_KEY_LOG:
        labels = [line.split(" ")[0] for line in lines]
        assert all(len(line.split(" ")) == 3 and len(line.split(" ")[1]) == 64 for line in lines), lines
        if version == ussl.TLSv1_2:
            assert labels == ["CLIENT_RANDOM"], labels
        else:
            for label in ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                          "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"):
                assert label in labels, labels
