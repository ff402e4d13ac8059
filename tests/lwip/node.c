/* lwIP's own programs on a tap device, for tests/lwip/peers.py. One packet of LOSS is lost, each way; 0: none.
 *
 *     node TAP LOSS httpd CHAIN KEY                       serves until it is killed
 *     node TAP LOSS get PORT NAME CA PATH                 writes the body to standard output
 *     node TAP LOSS mqtt PORT NAME CA COUNT               subscribes, and publishes COUNT messages to itself
 *     node TAP LOSS smtp PORT NAME CA                     sends a mail
 *
 * The device's other end is 192.0.2.1, with the servers; this one is 192.0.2.2. */
#define _GNU_SOURCE
#include "ussl_lwip.h"

#include "lwip/apps/http_client.h"
#include "lwip/apps/httpd.h"
#include "lwip/apps/mqtt.h"
#include "lwip/apps/smtp.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/timeouts.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static int tap;
static unsigned one_of;
static struct netif interface;
static int is_done, has_failed;

u32_t sys_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (u32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

/* ARP gets through: a host gives up a neighbour for good after three requests, where TCP would go on. */
static int is_lost(const u8_t *frame) {
    static const u8_t arp[] = {0x08, 0x06};
    return one_of != 0 && memcmp(frame + 12, arp, sizeof arp) != 0 && (unsigned)rand() % one_of == 0;
}

static err_t send_frame(struct netif *netif, struct pbuf *packet) {
    u8_t frame[2048];
    (void)netif;
    pbuf_copy_partial(packet, frame, packet->tot_len, 0);
    if (is_lost(frame)) return ERR_OK;
    return write(tap, frame, packet->tot_len) == packet->tot_len ? ERR_OK : ERR_IF;
}

static err_t add(struct netif *netif) {
    netif->name[0] = 't';
    netif->name[1] = 'p';
    netif->mtu = 1500;
    netif->hwaddr_len = 6;
    memcpy(netif->hwaddr, "\x02\x00\x00\x00\x00\x01", 6);
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_LINK_UP;
    return ERR_OK;
}

static void receive(void) {
    u8_t frame[2048];
    struct pbuf *packet;
    const ssize_t size = read(tap, frame, sizeof frame);
    if (size < 14 || is_lost(frame)) return; /* 14: an Ethernet header */
    packet = pbuf_alloc(PBUF_RAW, (u16_t)size, PBUF_POOL);
    if (packet == NULL) return;
    pbuf_take(packet, frame, (u16_t)size);
    if (interface.input(packet, &interface) != ERR_OK) pbuf_free(packet);
}

static void finish(const char *what, int failed) {
    const ussl_error error = ussl_lwip_error();
    fprintf(stderr, "%s", what);
    if (error.code != USSL_ERR_NONE) fprintf(stderr, " (%u, %s)", (unsigned)error.code, ussl_message(error.code));
    fprintf(stderr, "\n");
    is_done = 1;
    has_failed = failed;
}

/* A file with the NUL behind it. */
static u8_t *file(const char *path, size_t *size) {
    static u8_t files[2][65536];
    static int count;
    u8_t *content = files[count++];
    FILE *opened = fopen(path, "rb");
    if (opened == NULL) {
        perror(path);
        exit(2);
    }
    *size = fread(content, 1, sizeof files[0] - 1, opened) + 1;
    fclose(opened);
    return content;
}

/* --- http_client --- */

static err_t on_body(void *arg, struct altcp_pcb *pcb, struct pbuf *packet, err_t error) {
    struct pbuf *part;
    (void)arg, (void)error;
    for (part = packet; part != NULL; part = part->next) fwrite(part->payload, 1, part->len, stdout);
    altcp_recved(pcb, packet->tot_len);
    pbuf_free(packet);
    return ERR_OK;
}

static void on_result(void *arg, httpc_result_t result, u32_t size, u32_t status, err_t error) {
    char text[80];
    (void)arg;
    snprintf(text, sizeof text, "result %d, status %lu, %lu bytes, error %d", (int)result, (unsigned long)status,
             (unsigned long)size, error);
    finish(text, result != HTTPC_RESULT_OK || status != 200);
}

/* --- mqtt --- */

static mqtt_client_t *mqtt;
static unsigned published, received, wanted;
static char message[400];

static void publish(void);

static void on_published(void *arg, err_t error) {
    (void)arg;
    if (error != ERR_OK)
        finish("publish", 1);
    else if (published != wanted)
        publish();
}

static void publish(void) {
    memset(message, 'a' + (int)(published % 26), sizeof message);
    published++;
    if (mqtt_publish(mqtt, "ussl/test", message, sizeof message, 1, 0, on_published, NULL) != ERR_OK)
        finish("publish: no room", 1);
}

static u32_t body_size;

static void on_topic(void *arg, const char *topic, u32_t size) {
    (void)arg, (void)topic;
    body_size = 0;
    if (size != sizeof message) finish("a message of another size", 1);
}

static void on_message(void *arg, const u8_t *data, u16_t size, u8_t flags) {
    u16_t i;
    (void)arg;
    for (i = 0; i != size; i++)
        if (data[i] != 'a' + received % 26) finish("another message", 1);
    body_size += size;
    if ((flags & MQTT_DATA_FLAG_LAST) == 0) return;
    if (body_size != sizeof message) finish("part of a message", 1);
    if (++received == wanted && !is_done) finish("all messages", 0);
}

static void on_subscribed(void *arg, err_t error) {
    (void)arg;
    if (error != ERR_OK)
        finish("subscribe", 1);
    else
        publish();
}

static void on_mqtt(mqtt_client_t *client, void *arg, mqtt_connection_status_t status) {
    char text[40];
    (void)arg;
    if (status == MQTT_CONNECT_ACCEPTED) {
        mqtt_set_inpub_callback(client, on_topic, on_message, NULL);
        mqtt_subscribe(client, "ussl/test", 1, on_subscribed, NULL);
    } else if (!is_done) {
        snprintf(text, sizeof text, "mqtt status %d", (int)status);
        finish(text, 1);
    }
}

/* --- smtp --- */

static void on_mail(void *arg, u8_t result, u16_t answer, err_t error) {
    char text[60];
    (void)arg;
    snprintf(text, sizeof text, "smtp result %u, answer %u, error %d", result, answer, error);
    finish(text, result != 0);
}

int main(int argc, char **argv) {
    struct ifreq request = {0};
    ip4_addr_t own, mask, server;
    ip_addr_t address;
    struct altcp_tls_config *tls;
    u32_t left = 0;
    if (argc < 6) return 2;
    tap = open("/dev/net/tun", O_RDWR);
    strncpy(request.ifr_name, argv[1], sizeof request.ifr_name - 1);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    if (tap < 0 || ioctl(tap, TUNSETIFF, &request) != 0) {
        perror("tap");
        return 2;
    }
    one_of = (unsigned)atoi(argv[2]);
    srand((unsigned)getpid()); /* ports of connections, too */
    lwip_init();
    IP4_ADDR(&own, 192, 0, 2, 2);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&server, 192, 0, 2, 1);
    netif_add(&interface, &own, &mask, &server, NULL, add, netif_input);
    netif_set_default(&interface);
    netif_set_up(&interface);
    ip_addr_copy_from_ip4(address, server);

    ussl_lwip_use_mem();
    ussl_lwip_set_environment(ussl_posix_environment());
    if (strcmp(argv[3], "httpd") == 0) {
        size_t chain_size, key_size;
        const u8_t *chain = file(argv[4], &chain_size), *key = file(argv[5], &key_size);
        tls = altcp_tls_create_config_server_privkey_cert(key, key_size, NULL, 0, chain, chain_size);
        if (tls != NULL) httpd_inits(tls);
        if (tls != NULL) fprintf(stderr, "serving\n");
    } else {
        const u16_t port = (u16_t)atoi(argv[4]);
        size_t ca_size;
        const u8_t *ca = file(argv[6], &ca_size);
        tls = altcp_tls_create_config_client(ca, ca_size);
        if (tls == NULL) {
            finish("no configuration", 1);
            return 1;
        }
        ussl_lwip_set_name(tls, argv[5]);
        if (strcmp(argv[3], "get") == 0) {
            static altcp_allocator_t allocator = {altcp_tls_alloc, NULL};
            static httpc_connection_t settings;
            static httpc_state_t *state;
            allocator.arg = tls;
            settings.altcp_allocator = &allocator;
            settings.result_fn = on_result;
            if (httpc_get_file(&address, port, argv[7], &settings, on_body, NULL, &state) != ERR_OK)
                finish("httpc_get_file", 1);
        } else if (strcmp(argv[3], "mqtt") == 0) {
            static struct mqtt_connect_client_info_t info;
            info.client_id = "lwip";
            info.keep_alive = 60;
            info.tls_config = tls;
            wanted = (unsigned)atoi(argv[7]);
            mqtt = mqtt_client_new();
            if (mqtt_client_connect(mqtt, &address, port, on_mqtt, NULL, &info) != ERR_OK) finish("mqtt", 1);
        } else {
            smtp_set_server_addr("192.0.2.1");
            smtp_set_server_port(port);
            smtp_set_tls_config(tls);
            smtp_set_auth("lwip", "secret"); /* without it, lwIP copies -1 bytes */
            if (smtp_send_mail("lwip@example.org", "you@example.org", "over TLS", "It is here.", on_mail, NULL) != ERR_OK)
                finish("smtp", 1);
        }
    }
    if (tls == NULL) finish("no configuration", 1);
    /* Sends remaining data after the end, too. */
    while (!is_done || left++ < 20) {
        struct pollfd wait = {0, POLLIN, 0};
        wait.fd = tap;
        if (poll(&wait, 1, 20) > 0) receive();
        if (is_done && mqtt != NULL && left == 1) mqtt_disconnect(mqtt); /* not within its own callback */
        sys_check_timeouts();
    }
    return has_failed;
}
