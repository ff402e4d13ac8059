/* lwIP on a Pico W or a Pico 2 W, polled. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#include <stdint.h>

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_DHCP 1
#define LWIP_DNS 1
#define LWIP_RAW 1
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_TX_SINGLE_PBUF 1
#define LWIP_CHKSUM_ALGORITHM 3
#define MEM_ALIGNMENT 4
#define MEM_SIZE 80000 /* for the TLS library, too */
#define MEMP_NUM_TCP_SEG 32
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 4) /* TLS, http_client, sntp */
#define PBUF_POOL_SIZE 24
#define TCP_MSS 1460
#define TCP_WND (8 * TCP_MSS)
#define TCP_SND_BUF (4 * TCP_MSS)
#define TCP_SND_QUEUELEN 16

#define LWIP_ALTCP 1
#define LWIP_ALTCP_TLS 1

/* Certificates cannot be verified without the time. */
#define SNTP_SERVER_DNS 1
void set_time(uint32_t seconds);
#define SNTP_SET_SYSTEM_TIME(seconds) set_time(seconds)

#endif
