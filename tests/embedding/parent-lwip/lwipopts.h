#ifndef LWIPOPTS_H
#define LWIPOPTS_H
#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_HAVE_LOOPIF 1
#define LWIP_ARP 0
#define MEM_ALIGNMENT 8
#define MEM_SIZE 64000
#define LWIP_ALTCP 1
#define LWIP_ALTCP_TLS 1
#endif
