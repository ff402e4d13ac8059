/* ../hello.c, by lwIP's altcp_tls.h: the ClientHello is what another connection of the same lwIP
 * reads. */
#include "ussl_lwip.h"

#include "lwip/init.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"

#include <stdio.h>

static unsigned size;
static u8_t first[2];

u32_t sys_now(void) { return 0; }

static err_t on_read(void* arg, struct tcp_pcb* pcb, struct pbuf* packet, err_t error) {
    (void)arg, (void)pcb, (void)error;
    if (packet == NULL) return ERR_OK;
    if (size == 0) pbuf_copy_partial(packet, first, sizeof first, 0);
    size += packet->tot_len;
    pbuf_free(packet);
    return ERR_OK;
}

static err_t on_accept(void* arg, struct tcp_pcb* pcb, err_t error) {
    (void)arg, (void)error;
    tcp_recv(pcb, on_read);
    return ERR_OK;
}

int main(void) {
    const ussl_config settings = {USSL_CONFIG, .verify = USSL_VERIFY_NONE};
    struct altcp_tls_config* config;
    struct altcp_pcb* client;
    struct tcp_pcb* server;
    ip_addr_t here;
    int turn;

    lwip_init();
    IP_ADDR4(&here, 127, 0, 0, 1);
    server = tcp_new();
    if (tcp_bind(server, &here, 443) != ERR_OK) return 1;
    server = tcp_listen(server);
    tcp_accept(server, on_accept);

    config = ussl_lwip_create_config(&settings, ussl_posix_environment());
    client = config == NULL ? NULL : altcp_tls_new(config, IPADDR_TYPE_V4);
    if (client == NULL || altcp_connect(client, &here, 443, NULL) != ERR_OK) return 2;
    for (turn = 0; turn < 20; turn++)
        netif_poll(netif_default != NULL ? netif_default : netif_list);

    if (size < 50 || first[0] != 22 || first[1] != 3) return 3;
    printf("%s: a ClientHello of %u bytes, server %d\n", ussl_backend_name(), size,
           ussl_can("server"));
    return ussl_can("server") ? 4 : 0;
}
