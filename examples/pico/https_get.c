/* Fetches https://HOST/ and prints it, on a Pico W or a Pico 2 W, with lwIP's unchanged
 * http_client over TLS. */
#include "ussl_lwip.h"

#include "lwip/apps/http_client.h"
#include "lwip/apps/sntp.h"
#include "pico/cyw43_arch.h"
#include "pico/rand.h"
#include "pico/stdlib.h"

#include <stdio.h>
#include <string.h>

#include "ca.h"

static bool random_bytes(void* user, ussl_buffer out) {
    size_t done;
    (void)user;
    for (done = 0; done < out.size; done += sizeof(uint64_t)) {
        const uint64_t number = get_rand_64();
        memcpy(out.data + done, &number, MIN(sizeof number, out.size - done));
    }
    return true;
}

/* When the board started, in POSIX seconds; 0 until SNTP has set it. */
static int64_t started;

void set_time(uint32_t seconds) { started = (int64_t)seconds - (int64_t)(time_us_64() / 1000000); }

static bool now(void* user, int64_t* time) {
    (void)user;
    *time = started + (int64_t)(time_us_64() / 1000000);
    return started != 0;
}

static const ussl_environment environment = {NULL, random_bytes, now, NULL};

static bool is_done;

static err_t on_body(void* arg, struct altcp_pcb* pcb, struct pbuf* packet, err_t error) {
    struct pbuf* part;
    (void)arg, (void)error;
    for (part = packet; part != NULL; part = part->next)
        printf("%.*s", (int)part->len, (const char*)part->payload);
    altcp_recved(pcb, packet->tot_len);
    pbuf_free(packet);
    return ERR_OK;
}

static void on_result(void* arg, httpc_result_t result, u32_t size, u32_t status, err_t error) {
    const ussl_error tls = ussl_lwip_error();
    (void)arg;
    printf("\nresult %d, status %lu, %lu bytes, error %d\n", (int)result, (unsigned long)status,
           (unsigned long)size, error);
    if (tls.code != USSL_ERR_NONE) printf("TLS: %s\n", ussl_message(tls.code));
    is_done = true;
}

static void wait(void) {
    cyw43_arch_poll();
    cyw43_arch_wait_for_work_until(make_timeout_time_ms(100));
}

int main(void) {
    static httpc_connection_t settings;
    static altcp_allocator_t allocator = {altcp_tls_alloc, NULL};
    struct altcp_tls_config* tls;

    stdio_init_all();
    if (cyw43_arch_init() != 0) return 1;
    cyw43_arch_enable_sta_mode();
    while (cyw43_arch_wifi_connect_timeout_ms(WIFI_SSID, WIFI_PASSWORD, CYW43_AUTH_WPA2_AES_PSK,
                                              30000) != 0)
        printf("no connection to " WIFI_SSID "\n");
    sntp_setservername(0, "pool.ntp.org");
    sntp_init();
    while (started == 0)
        wait();

    ussl_lwip_use_mem();
    ussl_lwip_set_environment(&environment);
    tls = altcp_tls_create_config_client(ca, sizeof ca);
    if (tls == NULL) {
        printf("%s\n", ussl_message(ussl_lwip_error().code));
        return 1;
    }
    ussl_lwip_set_name(tls, HOST);
    allocator.arg = tls;
    settings.altcp_allocator = &allocator;
    settings.result_fn = on_result;
    if (httpc_get_file_dns(HOST, 443, "/", &settings, on_body, NULL, NULL) != ERR_OK) return 1;
    while (!is_done)
        wait();
    altcp_tls_free_config(tls);
    return 0;
}
