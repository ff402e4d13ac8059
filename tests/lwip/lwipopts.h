/* lwIP for the tests, and for the program that talks to others: one thread, and a window that is smaller than a record. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_RAW 0
#define LWIP_UDP 0
#define LWIP_HAVE_LOOPIF 0
#define LWIP_NETIF_LOOPBACK 0

#define MEM_ALIGNMENT 8
#define MEM_SIZE 100000
#define MEMP_NUM_TCP_PCB 16
#define MEMP_NUM_TCP_PCB_LISTEN 4
#define MEMP_NUM_ALTCP_PCB 40
#define MEMP_NUM_TCP_SEG 160
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 1) /* mqtt's */
#define PBUF_POOL_SIZE 80
#define PBUF_POOL_BUFSIZE 600
#define TCP_MSS 1460
#define TCP_WND (6 * TCP_MSS)
#define TCP_SND_BUF (4 * TCP_MSS)
#define TCP_SND_QUEUELEN 24

#define LWIP_STATS 1
#define LWIP_STATS_DISPLAY 0
#define MEM_STATS 1
#define MEMP_STATS 1

#define LWIP_ALTCP 1
#define LWIP_ALTCP_TLS 1
#define HTTPD_ENABLE_HTTPS 1
#define LWIP_HTTPD_CUSTOM_FILES 1
#define HTTPD_MAX_RETRIES 30 /* otherwise it closes connections that a lossy network delays for eight seconds */
#define MQTT_OUTPUT_RINGBUF_SIZE 1024

#define USSL_LWIP_CONNECTIONS 4
#define USSL_LWIP_CONFIGS 4
#define USSL_LWIP_CERTIFICATES 2
#define USSL_LWIP_SESSION_SIZE 4096

#endif
